import { useEffect, useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { SessionView, TotpOffer } from '../../../src/api/operator-contract.ts';
import { takeFocus } from '../design/take-focus.ts';
import type { ApiClient, Answer } from '../live/api-client.ts';

type Props = {
  api: ApiClient;
  session: SessionView | undefined;
  onSession: (session: SessionView | undefined) => void;
};

/** Before anything else is shown: name and password, then what is still missing of a first sign-in. */
export function SignInPage({ api, session, onSession }: Props): JSX.Element {
  return (
    <main className="page">
      <header className="page-header">
        <h1>Tiepoint</h1>
      </header>
      {session === undefined && <PasswordForm api={api} onSession={onSession} />}
      {session?.step === 'new-password' && <NewPasswordForm api={api} onSession={onSession} />}
      {session?.step === 'second-factor' && <AuthenticatorForm api={api} onSession={onSession} />}
    </main>
  );
}

type FormProps = Pick<Props, 'api' | 'onSession'>;

function PasswordForm({ api, onSession }: FormProps): JSX.Element {
  const [given, setGiven] = useState({ name: '', password: '', code: '' });
  const form = useForm(() => api.signIn(given), onSession);
  const field = (name: keyof typeof given) => ({
    value: given[name],
    onValue: (text: string) => setGiven({ ...given, [name]: text }),
  });
  return (
    <Form title="Sign in" button="Sign in" form={form}>
      <Field label="Name" testId="sign-in-name" autoComplete="username" {...field('name')} first />
      <Field
        label="Password"
        testId="sign-in-password"
        type="password"
        autoComplete="current-password"
        {...field('password')}
      />
      <Field label="Code, if you have one" testId="sign-in-code" autoComplete="one-time-code" {...field('code')} />
    </Form>
  );
}

function NewPasswordForm({ api, onSession }: FormProps): JSX.Element {
  const [given, setGiven] = useState({ current: '', next: '' });
  const form = useForm(() => api.changePassword(given), onSession);
  return (
    <Form title="Choose a password of your own" button="Continue" form={form}>
      <Field
        label="One-time password"
        testId="password-current"
        type="password"
        autoComplete="current-password"
        value={given.current}
        onValue={(current) => setGiven({ ...given, current })}
        first
      />
      <Field
        label="New password, 12 characters or more"
        testId="password-next"
        type="password"
        autoComplete="new-password"
        value={given.next}
        onValue={(next) => setGiven({ ...given, next })}
      />
    </Form>
  );
}

function AuthenticatorForm({ api, onSession }: FormProps): JSX.Element {
  const [offer, setOffer] = useState<TotpOffer>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [code, setCode] = useState('');
  useEffect(() => void api.offerTotp().then((answer) => answer.ok && setOffer(answer.value)), [api]);
  const confirm = useForm(
    () => api.confirmTotp(code),
    (confirmed) => setCodes(confirmed.codes),
  );
  const go = useForm<SessionView | undefined>(() => api.session(), onSession);
  if (codes !== undefined) {
    return (
      <Form title="Keep these recovery codes" button="I have kept them" form={go}>
        <p className="small quiet-text">
          Each is good for one sign-in without the authenticator; they are shown this once.
        </p>
        <pre>{codes.join('\n')}</pre>
      </Form>
    );
  }
  return (
    <Form title="Set up a second factor" button="Confirm" form={confirm}>
      <p className="small quiet-text">
        Enter this secret in an authenticator application, then type the code it shows.
      </p>
      <p>
        <code data-testid="totp-secret">{offer?.secret ?? '…'}</code>
      </p>
      <Field label="Code" testId="totp-code" autoComplete="one-time-code" value={code} onValue={setCode} first />
    </Form>
  );
}

type FormState = { say: string | undefined; busy: boolean; submit: (event: SubmitEvent) => void };

function useForm<T>(ask: () => Promise<Answer<T>>, onDone: (value: T) => void): FormState {
  const [say, setSay] = useState<string>();
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask();
    setBusy(false);
    setSay(answer.ok ? undefined : answer.say);
    if (answer.ok) onDone(answer.value);
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

function Form({
  title,
  button,
  form,
  children,
}: {
  title: string;
  button: string;
  form: FormState;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <form className="select-form" onSubmit={form.submit}>
      <h2>{title}</h2>
      {children}
      {form.say !== undefined && (
        <p className="notice warn" role="alert">
          {form.say}
        </p>
      )}
      <footer>
        <button type="submit" className="button primary" data-testid="sign-in-submit" disabled={form.busy}>
          {button}
        </button>
      </footer>
    </form>
  );
}

function Field({
  label,
  testId,
  value,
  onValue,
  first,
  type = 'text',
  autoComplete,
}: {
  label: string;
  testId: string;
  value: string;
  onValue: (text: string) => void;
  first?: true;
  type?: string;
  autoComplete: string;
}): JSX.Element {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        data-testid={testId}
        type={type}
        autoComplete={autoComplete}
        value={value}
        ref={first === true ? takeFocus : undefined}
        onChange={({ target }) => onValue(target.value)}
      />
    </label>
  );
}
