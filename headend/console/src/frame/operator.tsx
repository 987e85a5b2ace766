import { createContext, useContext, useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Dialog } from '../design/dialog.tsx';
import { takeFocus } from '../design/take-focus.ts';
import { checkName } from './operator-name.ts';

export type Operator = { readonly name: string | undefined; readonly ask: () => void };

export const OperatorContext = createContext<Operator>({ name: undefined, ask: () => undefined });

export function useOperator(): Operator {
  return useContext(OperatorContext);
}

type Props = { name: string | undefined; onName: (name: string) => void; onClose: (() => void) | undefined };

/** Asked once on this machine, changed from the header. */
export function OperatorDialog({ name, onName, onClose }: Props): JSX.Element {
  const [text, setText] = useState(name ?? '');
  const [say, setSay] = useState<string>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const verdict = checkName(text);
    if (verdict.ok) onName(verdict.name);
    else setSay(verdict.say);
  };
  return (
    <Dialog title="Who is operating?" onClose={onClose}>
      <form className="select-form" onSubmit={submit}>
        <label className="field">
          <span>Your name</span>
          <input
            className="input"
            data-testid="operator-name"
            ref={takeFocus}
            autoComplete="name"
            maxLength={120}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        {say !== undefined && (
          <p className="notice warn" role="alert">
            {say}
          </p>
        )}
        <p className="small quiet-text">
          Everything that you command, tag or configure is kept in the audit log under this name. The identity is not
          verified: there is no login yet, and whoever reaches this console can type any name.
        </p>
        <footer>
          <button type="submit" className="button primary" data-testid="operator-save">
            Continue
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
