import { useState } from 'react';
import type { JSX } from 'react';
import type { OneTimePassword, OperatorView, RolesResponse } from '../../../src/api/operator-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Check, SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { useConsole } from '../live/console-context.tsx';
import { GrantFields } from './grant-fields.tsx';
import { draftOf, grantsOf } from './grants.ts';
import { OnceTold } from './once-told.tsx';
import { Tokens } from './token-panel.tsx';

export type OperatorDeed =
  | { what: 'add' }
  | { what: 'told'; name: string; oneTime: OneTimePassword }
  | { what: 'change' | 'lock' | 'unlock' | 'reset' | 'end-sessions' | 'tokens'; operator: OperatorView };

type Props = {
  deed: OperatorDeed;
  known: RolesResponse | undefined;
  onDeed: (deed: OperatorDeed | undefined) => void;
  onChanged: () => void;
};

/** The dialog of what an administrator is about to do. */
export function OperatorDialogs({ deed, known, onDeed, onChanged }: Props): JSX.Element {
  const close = (): void => onDeed(undefined);
  const done = (next?: OperatorDeed): void => {
    onDeed(next);
    onChanged();
  };
  switch (deed.what) {
    case 'add':
      return <AddDialog known={known} onDone={done} onClose={close} />;
    case 'told':
      return (
        <OnceTold
          title={`One-time password of ${deed.name}`}
          say={`Give it to ${deed.name} by a way that nobody else hears. It is shown this once; at the first sign-in they choose a password of their own.`}
          secret={deed.oneTime.password}
          expiresAtMs={deed.oneTime.expiresAtMs}
          onClose={close}
        />
      );
    case 'change':
      return <ChangeDialog operator={deed.operator} known={known} onDone={() => done()} onClose={close} />;
    case 'tokens':
      return (
        <Dialog title={`Tokens of ${deed.operator.name}`} onClose={close}>
          <Tokens account={deed.operator.name} grants={deed.operator.grants} />
        </Dialog>
      );
    case 'lock':
    case 'unlock':
    case 'reset':
    case 'end-sessions':
      return <Confirmed what={deed.what} name={deed.operator.name} onDone={done} onClose={close} />;
  }
}

type Confirming = { what: 'lock' | 'unlock' | 'reset' | 'end-sessions'; name: string };

function Confirmed({
  what,
  name,
  onDone,
  onClose,
}: Confirming & { onDone: (next?: OperatorDeed) => void; onClose: () => void }): JSX.Element {
  const { people } = useConsole();
  const said = { onClose, title: '', action: '' };
  switch (what) {
    case 'reset':
      return (
        <ConfirmDialog
          {...said}
          title={`Reset ${name}?`}
          action="Reset"
          ask={() => people.resetOperator(name)}
          onDone={(oneTime) => onDone({ what: 'told', name, oneTime })}
        >
          <p>
            Password, authenticator, recovery codes and passkeys of {name} are void, and all their sessions end. You are
            told a one-time password for them.
          </p>
        </ConfirmDialog>
      );
    case 'end-sessions':
      return (
        <ConfirmDialog
          {...said}
          title={`End the sessions of ${name}?`}
          action="End them"
          ask={() => people.endSessionsOf(name)}
          onDone={() => onDone()}
        >
          <p>Wherever {name} is signed in, they have to sign in again.</p>
        </ConfirmDialog>
      );
    case 'lock':
    case 'unlock':
      return (
        <ConfirmDialog
          {...said}
          title={what === 'lock' ? `Lock ${name}?` : `Unlock ${name}?`}
          action={what === 'lock' ? 'Lock' : 'Unlock'}
          ask={() => people.changeOperator(name, { disabled: what === 'lock' })}
          onDone={() => onDone()}
        >
          <p>
            {what === 'lock'
              ? `${name} cannot sign in any more, their sessions end, and their tokens are refused, until somebody unlocks the account. Tags of ${name} stay.`
              : `${name} can sign in again, with the roles and the password as before.`}
          </p>
        </ConfirmDialog>
      );
  }
}

function AddDialog({
  known,
  onDone,
  onClose,
}: {
  known: RolesResponse | undefined;
  onDone: (next?: OperatorDeed) => void;
  onClose: () => void;
}): JSX.Element {
  const { people } = useConsole();
  const [given, setGiven] = useState({ name: '', title: '', program: false });
  const [draft, setDraft] = useState(() => draftOf([]));
  const grants = grantsOf(draft, known?.areas ?? []);
  const title = given.title.trim();
  const form = useForm(
    () =>
      people.addOperator({
        name: given.name.trim(),
        ...(title === '' ? {} : { title }),
        grants: grants.ok ? grants.value : [],
        ...(given.program ? { program: true } : {}),
      }),
    ({ operator: { name }, oneTime }) => onDone(oneTime === undefined ? undefined : { what: 'told', name, oneTime }),
  );
  return (
    <Dialog title="Make an account" testId="operator-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <div className="form-grid">
          <TextField
            label="Name"
            testId="operator-name"
            value={given.name}
            maxLength={63}
            hint="a-z, 0-9, . _ @ and -; it stays, for the audit names it"
            onValue={(name) => setGiven({ ...given, name })}
          />
          <TextField
            label="In full"
            testId="operator-title"
            value={given.title}
            maxLength={120}
            hint="as others see it"
            onValue={(text) => setGiven({ ...given, title: text })}
          />
        </div>
        <GrantFields draft={draft} known={known} onChange={setDraft} />
        <Check checked={given.program} onCheck={(program) => setGiven({ ...given, program })}>
          A program: it has no password, but bearer tokens that you issue
        </Check>
        <SaidAgainst say={grants.ok ? form.say : grants.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="operator-save"
            disabled={form.busy || !grants.ok || given.name.trim() === ''}
          >
            Make it
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function ChangeDialog({
  operator,
  known,
  onDone,
  onClose,
}: {
  operator: OperatorView;
  known: RolesResponse | undefined;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { people } = useConsole();
  const [title, setTitle] = useState(operator.title);
  const [draft, setDraft] = useState(() => draftOf(operator.grants));
  const grants = grantsOf(draft, known?.areas ?? []);
  const byProvider = operator.source === 'oidc';
  const form = useForm(
    () =>
      people.changeOperator(operator.name, {
        title: title.trim(),
        ...(grants.ok && !byProvider ? { grants: grants.value } : {}),
      }),
    onDone,
  );
  return (
    <Dialog title={`Change ${operator.name}`} testId="operator-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <TextField label="In full" value={title} maxLength={120} onValue={setTitle} />
        {byProvider ? (
          <p className="small quiet-text">
            The roles come from the groups at the identity provider, anew at each sign-in: change them there.
          </p>
        ) : (
          <>
            <GrantFields draft={draft} known={known} onChange={setDraft} />
            <p className="small quiet-text">Where roles change, the sessions of {operator.name} end.</p>
          </>
        )}
        <SaidAgainst say={grants.ok ? form.say : grants.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="operator-save"
            disabled={form.busy || !grants.ok || title.trim() === ''}
          >
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
