import { useEffect, useId, useRef } from 'react';
import type { JSX, ReactNode } from 'react';
import { takeFocus } from './take-focus.ts';

type Props = { title: string; testId?: string; onClose: (() => void) | undefined; children: ReactNode };

/** The browser's own modal dialog: it keeps the focus inside and gives it back. Without `onClose` Esc does nothing. */
export function Dialog({ title, testId, onClose, children }: Props): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // By itself the browser takes the first button, which is the one that closes.
    takeFocus(dialog?.querySelector<HTMLElement>('input:not([readonly]), select, textarea') ?? null);
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header>
        <h1 id={titleId}>{title}</h1>
        {onClose !== undefined && (
          <button type="button" className="button quiet" onClick={onClose} aria-label="Close" title="Close (Esc)">
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
              <path d="m2 2 10 10M12 2 2 12" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
            </svg>
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
