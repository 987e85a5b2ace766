import { useState } from 'react';
import type { JSX } from 'react';
import type { AccountView } from '../../../src/api/operator-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { GrantList } from './grant-list.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { Section } from './section.tsx';
import { SecondFactors } from './second-factors.tsx';
import { PasswordPair } from './sign-in-page.tsx';
import { TokenPanel } from './token-panel.tsx';

/** What people see and change of their own account. */
export function AccountPage(): JSX.Element {
  const { people } = useConsole();
  const { value, say, reload } = useQuery('account', (signal) => people.account(signal));
  return (
    <main className="page">
      <header className="page-header">
        <h1>Your account</h1>
        {value !== undefined && (
          <p className="quiet-text">
            {value.name}
            {value.title !== value.name && `, ${value.title}`}
          </p>
        )}
      </header>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {value === undefined ? (
        say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <div className="account-columns">
          <div className="stack">
            <Rights account={value} />
            <SecondFactors account={value} onChanged={reload} />
          </div>
          <div className="stack">
            <PasswordPanel account={value} onChanged={reload} />
            <OwnSessions sessions={value.sessions} onChanged={reload} />
          </div>
          <TokenPanel account={value.name} grants={value.grants} />
        </div>
      )}
    </main>
  );
}

function Rights({ account: { grants } }: { account: AccountView }): JSX.Element {
  return (
    <Section title="Your roles">
      <GrantList grants={grants} />
      <p className="small quiet-text">
        What each may do is on the page <a href="#/operators">Operators and roles</a>; an administrator changes it.
      </p>
    </Section>
  );
}

function PasswordPanel({ account, onChanged }: { account: AccountView; onChanged: () => void }): JSX.Element {
  const [changing, setChanging] = useState(false);
  const [done, setDone] = useState(false);
  return (
    <Section title="Password">
      {account.source === 'oidc' ? (
        <p className="quiet-text">You sign in at the identity provider: your password is kept and changed there.</p>
      ) : (
        <div className="stack">
          <p className="small quiet-text">Changing it ends your sessions everywhere else.</p>
          <div className="tools">
            <button type="button" className="button" data-testid="password-change" onClick={() => setChanging(true)}>
              Change it…
            </button>
            {done && <output className="small">Changed.</output>}
          </div>
        </div>
      )}
      {changing && (
        <PasswordDialog
          onClose={() => setChanging(false)}
          onDone={() => {
            setChanging(false);
            setDone(true);
            onChanged();
          }}
        />
      )}
    </Section>
  );
}

function PasswordDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const { people, session } = useConsole();
  const [given, setGiven] = useState({ current: '', next: '', again: '' });
  const { current, next, again } = given;
  const form = useForm(
    () => people.changePassword({ current, next }),
    (view) => {
      session.told(view);
      onDone();
    },
  );
  return (
    <Dialog title="Change your password" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <TextField
          label="Current password"
          testId="password-current"
          type="password"
          autoComplete="current-password"
          value={current}
          onValue={(text) => setGiven({ ...given, current: text })}
        />
        <PasswordPair given={given} onGiven={(pair) => setGiven({ ...given, ...pair })} />
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="password-save"
            disabled={form.busy || current === '' || next === '' || next !== again}
          >
            Change
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
