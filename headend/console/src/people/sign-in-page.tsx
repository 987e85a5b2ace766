import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { SessionView } from '../../../src/api/operator-contract.ts';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { Mark } from '../design/marks.tsx';
import { useConsole } from '../live/console-context.tsx';
import { SecondFactorForm } from './second-factor-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { refusalAt } from './sign-in-step.ts';

/** Before anything else is shown: who is there, then what is still missing of a first sign-in. */
export function SignInPage({ unfinished }: { unfinished: SessionView | undefined }): JSX.Element {
  const { people, session } = useConsole();
  const [refusal] = useState(() => refusalAt(location.hash));
  if (unfinished === undefined)
    return (
      <DoorPage title="Sign in">
        {refusal !== undefined && <p className="notice warn">{refusal}</p>}
        <SignInForm elsewhere={false} />
      </DoorPage>
    );
  return (
    <DoorPage
      title={unfinished.step === 'new-password' ? 'Choose a password of your own' : 'Set up a second factor'}
      foot={
        <button
          type="button"
          className="button quiet small"
          onClick={() => void people.signOut().then(session.signedOut)}
        >
          Not {unfinished.name}? Sign out
        </button>
      }
    >
      {unfinished.step === 'new-password' ? (
        <NewPasswordForm name={unfinished.name} />
      ) : (
        <>
          <p className="small">
            What your roles may do reaches devices or other people’s rights: a password alone is not enough for it.
          </p>
          <SecondFactorForm onDone={() => void people.session().then((now) => now.ok && session.told(now.value))} />
        </>
      )}
    </DoorPage>
  );
}

/** Outside of the console: the brand, one thing to do. */
export function DoorPage({
  title,
  foot,
  children,
}: {
  title: string;
  foot?: ReactNode;
  children: ReactNode;
}): JSX.Element {
  return (
    <main className="door">
      <div className="door-brand" aria-hidden="true">
        <svg width="34" height="34" viewBox="0 0 32 32">
          <path d="M2 20h9l10-10M21 20h9" stroke="currentColor" strokeWidth="3" fill="none" strokeLinecap="round" />
          <circle cx="11" cy="20" r="3.4" fill="currentColor" />
          <circle cx="21" cy="20" r="3.4" fill="currentColor" />
        </svg>
        Tiepoint
      </div>
      <section className="panel door-panel">
        <h1>{title}</h1>
        {children}
      </section>
      {foot}
    </main>
  );
}

function NewPasswordForm({ name }: { name: string }): JSX.Element {
  const { people, session } = useConsole();
  const [given, setGiven] = useState({ current: '', next: '', again: '' });
  const { current, next, again } = given;
  const form = useForm(() => people.changePassword({ current, next }), session.told);
  const differ = again !== '' && next !== again;
  return (
    <form className="select-form" onSubmit={form.submit}>
      <p className="small">The password that you were given is good once.</p>
      {/* So that a password keeper knows of whom the new password is. */}
      <input
        className="visually-hidden"
        type="text"
        autoComplete="username"
        value={name}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <TextField
        label="One-time password"
        testId="password-current"
        type="password"
        autoComplete="current-password"
        value={current}
        first
        onValue={(text) => setGiven({ ...given, current: text })}
      />
      <PasswordPair given={given} onGiven={(pair) => setGiven({ ...given, ...pair })} />
      <SaidAgainst say={form.say} />
      <footer className="wide">
        <button
          type="submit"
          className="button primary"
          data-testid="sign-in-submit"
          disabled={form.busy || current === '' || next === '' || again === '' || differ}
        >
          {form.busy ? 'Changing…' : 'Continue'}
        </button>
      </footer>
    </form>
  );
}

type Pair = { next: string; again: string };

/** A new password, twice: what is typed cannot be seen. */
export function PasswordPair({
  given: { next, again },
  onGiven,
}: {
  given: Pair;
  onGiven: (pair: Pair) => void;
}): JSX.Element {
  return (
    <>
      <TextField
        label="New password"
        testId="password-next"
        type="password"
        autoComplete="new-password"
        value={next}
        hint="12 characters or more; some words that only you would put together are good."
        onValue={(text) => onGiven({ next: text, again })}
      />
      <TextField
        label="New password again"
        testId="password-again"
        type="password"
        autoComplete="new-password"
        value={again}
        hint={again !== '' && !next.startsWith(again) ? <Mark shape="warn">not the same</Mark> : undefined}
        onValue={(text) => onGiven({ next, again: text })}
      />
    </>
  );
}
