import { useState } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { SaidAgainst, TextField, sayOf, useForm } from '../design/form.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { passkeysAreKnown, signInByPasskey } from './passkey.ts';
import { codeTyped } from './sign-in-step.ts';

/**
 * Name and password, then the code where the account has an authenticator; or a passkey; or the identity provider. `name`: of whoever signs
 * in again.
 */
export function SignInForm({ name, elsewhere }: { name?: string; elsewhere: boolean }): JSX.Element {
  const { people, session } = useConsole();
  const [given, setGiven] = useState({ name: name ?? '', password: '' });
  const [code, setCode] = useState<string>();
  const typed = code === undefined ? '' : codeTyped(code);
  const form = useForm(
    () => people.signIn({ ...given, name: given.name.trim(), ...(typed === '' ? {} : { code: typed }) }),
    session.told,
    ({ reason }) => {
      // Not an error: the password was right, and a second factor is wanted.
      const asks = reason === 'code-needed' && code === undefined;
      if (asks) setCode('');
      return asks;
    },
  );
  return (
    <form className="select-form" onSubmit={form.submit} data-testid="sign-in-form">
      {code === undefined ? (
        <>
          <TextField
            label="Name"
            testId="sign-in-name"
            autoComplete="username"
            value={given.name}
            readOnly={name !== undefined}
            first={name === undefined}
            onValue={(text) => setGiven({ ...given, name: text })}
          />
          <TextField
            label="Password"
            testId="sign-in-password"
            type="password"
            autoComplete="current-password"
            value={given.password}
            first={name !== undefined}
            onValue={(password) => setGiven({ ...given, password })}
          />
        </>
      ) : (
        <TextField
          label={`Code for ${given.name}`}
          testId="sign-in-code"
          autoComplete="one-time-code"
          value={code}
          first
          hint="Six digits from your authenticator application, or one of your recovery codes."
          onValue={setCode}
        />
      )}
      <SaidAgainst say={form.say} />
      <footer className="wide">
        {code !== undefined && (
          <button type="button" className="button" onClick={() => setCode(undefined)}>
            Back
          </button>
        )}
        <button
          type="submit"
          className="button primary"
          data-testid="sign-in-submit"
          disabled={
            form.busy || given.name.trim() === '' || given.password === '' || (code !== undefined && typed === '')
          }
        >
          {form.busy ? 'Signing in…' : code === undefined ? 'Sign in' : 'Continue'}
        </button>
      </footer>
      {code === undefined && <OtherWays elsewhere={elsewhere} />}
    </form>
  );
}

/** `elsewhere`: the identity provider opens in a page of its own, so that this one stays as it is. */
function OtherWays({ elsewhere }: { elsewhere: boolean }): JSX.Element | null {
  const { people, session } = useConsole();
  const { value } = useQuery('sign-in options', (signal) => people.signInOptions(signal));
  const [say, setSay] = useState<string>();
  const byPasskey = async (): Promise<void> => {
    const answer = await signInByPasskey(people);
    if (answer.ok) session.told(answer.value);
    else setSay(sayOf(answer));
  };
  const passkeys = value?.passkeys === true && passkeysAreKnown();
  if (!passkeys && value?.oidc === undefined) return null;
  return (
    <div className="other-ways">
      <p className="or small">or</p>
      {value?.oidc !== undefined && (
        <a
          className="button"
          href="/api/session/oidc"
          {...(elsewhere ? { target: '_blank', rel: 'noopener' } : {})}
          data-testid="sign-in-oidc"
        >
          Sign in with {value.oidc.title}
        </a>
      )}
      {passkeys && (
        <button type="button" className="button" onClick={() => void byPasskey()} data-testid="sign-in-passkey">
          Sign in with a passkey
        </button>
      )}
      {say !== undefined && (
        <p className="small" role="alert">
          <Mark shape="warn" /> {say}
        </p>
      )}
    </div>
  );
}
