import { useState } from 'react';
import type { JSX } from 'react';

/** What the browser does not let pages copy can still be marked by hand, and says so. */
export function CopyButton({ text }: { text: string }): JSX.Element {
  const [done, setDone] = useState<'copied' | 'not copied'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } catch {
      setDone('not copied');
    }
  };
  return (
    <>
      <button type="button" className="button" onClick={() => void copy()}>
        {done === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <output className={done === 'not copied' ? 'small' : 'visually-hidden'}>
        {done === 'not copied' ? 'The browser does not let this page copy: mark the text and copy it by hand.' : done}
      </output>
    </>
  );
}
