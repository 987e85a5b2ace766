import { useState } from 'react';
import type { JSX, ReactNode, SubmitEvent } from 'react';
import type { Answer, Refusal } from '../live/asking.ts';
import { takeFocus } from './take-focus.ts';

export type FormState = {
  say: string | undefined;
  busy: boolean;
  submit: (event: SubmitEvent) => void;
};

/** What the head-end has against it, without where in the request: a form of few fields shows that by itself. */
export function sayOf({ say, path }: Refusal): string {
  return path === undefined ? say : say.replace(` (${path})`, '');
}

/** Asks once at a time, and tells what the head-end has against it. `onRefused` true: it is dealt with. */
export function useForm<T>(
  ask: () => Promise<Answer<T>>,
  onDone: (value: T) => void,
  onRefused: (refusal: Refusal) => boolean = () => false,
): FormState {
  const [say, setSay] = useState<string>();
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setSay(undefined);
    const answer = await ask();
    setBusy(false);
    if (answer.ok) onDone(answer.value);
    else if (!onRefused(answer)) setSay(sayOf(answer));
  };
  return {
    say,
    busy,
    submit: (event) => {
      event.preventDefault();
      void run();
    },
  };
}

export function SaidAgainst({ say }: { say: string | undefined }): JSX.Element | null {
  if (say === undefined) return null;
  return (
    <p className="notice urgent" role="alert">
      {say}
    </p>
  );
}

type FieldProps = {
  label: string;
  testId?: string;
  value: string;
  onValue: (text: string) => void;
  /** Where the form opens, it has the focus. */
  first?: boolean;
  type?: 'text' | 'password' | 'number';
  autoComplete?: string;
  inputMode?: 'numeric' | 'text';
  maxLength?: number;
  readOnly?: boolean;
  hint?: ReactNode;
};

export function TextField({
  label,
  testId,
  value,
  onValue,
  first,
  hint,
  type = 'text',
  ...more
}: FieldProps): JSX.Element {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        data-testid={testId}
        type={type}
        spellCheck={false}
        autoCapitalize="none"
        value={value}
        ref={first === true ? takeFocus : undefined}
        onChange={({ target }) => onValue(target.value)}
        {...more}
      />
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

type CheckProps = { checked: boolean; onCheck: (checked: boolean) => void; testId?: string; children: ReactNode };

export function Check({ checked, onCheck, testId, children }: CheckProps): JSX.Element {
  return (
    <label className="check">
      <input
        type="checkbox"
        data-testid={testId}
        checked={checked}
        onChange={({ target }) => onCheck(target.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
