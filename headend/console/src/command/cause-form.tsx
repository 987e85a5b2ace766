import { useState } from 'react';
import type { JSX, ReactNode, SubmitEvent } from 'react';
import type { ApprovalNeed } from '../../../src/api/approval-contract.ts';
import { takeFocus } from '../design/take-focus.ts';
import { useConsole, useLink } from '../live/console-context.tsx';
import type { Answer } from '../live/asking.ts';
import { Countdown, useLeftMs } from './countdown.tsx';
import { randomKey } from './random-key.ts';

type Held = { id: string; operator: string; selectedAtMs: number; expiresAtMs: number; approval: ApprovalNeed };
type Props<T> = {
  selection: Held;
  /** On the button; undefined: there is nothing to operate. */
  verb: string | undefined;
  operate: (cause: string, key: string) => Promise<Answer<T>>;
  onOperated: (value: T) => void;
  /** A second operator was asked: what was selected waits for them. */
  onAsked: () => void;
  onCancel: () => void;
  onAgain: () => void;
  /** What it will do. */
  children: ReactNode;
};

/** The second half of select before operate: the reason, and then to operate, or to ask for the second operator that it takes. */
export function CauseForm<T>(props: Props<T>): JSX.Element {
  const { selection, verb, onCancel, onAgain, children } = props;
  const link = useLink();
  const [cause, setCause] = useState('');
  const leftMs = useLeftMs(selection);
  const { sending, failure, send } = useSending(props);
  const expired = leftMs <= 0;
  const ready = verb !== undefined && !expired && !sending && link.state === 'up' && cause.trim() !== '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (ready) void send(cause.trim());
  };
  return (
    <form className="select-form" onSubmit={submit}>
      {children}
      {verb !== undefined && (
        <>
          {selection.approval.needed && (
            <div className="notice" data-testid="needs-approval">
              <strong>This takes two operators.</strong> {selection.approval.say}
            </div>
          )}
          <label className="field">
            <span>Reason, kept in the audit log</span>
            <input
              className="input"
              data-testid="cause"
              ref={takeFocus}
              required
              maxLength={300}
              autoComplete="off"
              value={cause}
              onChange={({ target }) => setCause(target.value)}
            />
          </label>
          <p className="small quiet-text">
            Recorded as <strong>{selection.operator}</strong>.
          </p>
        </>
      )}
      {failure !== undefined && (
        <div className="notice urgent" role="alert">
          <p>{failure}</p>
        </div>
      )}
      {verb !== undefined && <Countdown times={selection} leftMs={leftMs} />}
      <footer>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
        {expired || verb === undefined ? (
          <button type="button" className="button primary" onClick={onAgain}>
            Select again
          </button>
        ) : (
          <button type="submit" className="button primary" data-testid="operate" disabled={!ready}>
            {sending ? 'Sending…' : selection.approval.needed ? 'Ask for approval' : verb}
          </button>
        )}
      </footer>
    </form>
  );
}

function useSending<T>({ selection, operate, onOperated, onAsked }: Props<T>): {
  sending: boolean;
  failure: string | undefined;
  send: (cause: string) => Promise<void>;
} {
  const { api, store } = useConsole();
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<string>();
  // One key a selection: sent twice after a lost answer, it is still one command.
  const [key] = useState(randomKey);
  const send = async (cause: string): Promise<void> => {
    setSending(true);
    setFailure(undefined);
    if (selection.approval.needed) {
      const asked = await api.askApproval(selection.id, cause);
      setSending(false);
      if (!asked.ok) return setFailure(asked.say);
      store.learnApproval(asked.value);
      return onAsked();
    }
    const answer = await operate(cause, key);
    setSending(false);
    if (answer.ok) return onOperated(answer.value);
    setFailure(
      answer.reason === 'unreachable'
        ? `${answer.say} Pressing the button again is safe: it stays one command.`
        : answer.say,
    );
  };
  return { sending, failure, send };
}
