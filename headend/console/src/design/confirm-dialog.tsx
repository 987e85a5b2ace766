import type { JSX, ReactNode } from 'react';
import type { Answer } from '../live/asking.ts';
import { Dialog } from './dialog.tsx';
import { SaidAgainst, useForm } from './form.tsx';

type Props<T> = {
  title: string;
  /** The word on the button that does it. */
  action: string;
  children: ReactNode;
  ask: () => Promise<Answer<T>>;
  onDone: (value: T) => void;
  onClose: () => void;
};

/** What cannot be taken back is asked once more, with what will happen. */
export function ConfirmDialog<T>({ title, action, children, ask, onDone, onClose }: Props<T>): JSX.Element {
  const form = useForm(ask, onDone);
  return (
    <Dialog title={title} testId="confirm-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        {children}
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" data-testid="confirm" disabled={form.busy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
