import { useId } from 'react';
import type { JSX, ReactNode } from 'react';

type Props = { title: string; tools?: ReactNode; wide?: true; children: ReactNode };

/** A part of a page about people. */
export function Section({ title, tools, wide, children }: Props): JSX.Element {
  const id = useId();
  return (
    <section className={wide === true ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {children}
    </section>
  );
}
