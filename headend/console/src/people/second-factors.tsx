import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { AccountView, PasskeyView } from '../../../src/api/operator-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { Section } from './section.tsx';
import { passkeysAreKnown } from './passkey.ts';
import { RecoveryCodesShown } from './recovery-codes.tsx';
import { AuthenticatorForm, PasskeyForm } from './second-factor-form.tsx';

type Open =
  | { what: 'authenticator' | 'passkey' | 'remove-authenticator' | 'new-codes' }
  | { what: 'remove-passkey'; passkey: PasskeyView }
  | { what: 'codes'; codes: readonly string[] };
const titles = {
  authenticator: 'Set up an authenticator',
  passkey: 'Add a passkey',
  codes: 'Your recovery codes',
} as const;
const fewCodes = 3;

/** Authenticator, recovery codes, passkeys. */
export function SecondFactors({ account, onChanged }: { account: AccountView; onChanged: () => void }): JSX.Element {
  const [open, setOpen] = useState<Open>();
  const none = !account.totp && account.passkeys.length === 0;
  return (
    <Section title="Second factors">
      {account.source === 'oidc' ? (
        <p className="quiet-text">They are the identity provider’s.</p>
      ) : (
        <>
          {none && account.secondFactorNeeded && <p className="notice warn">Your roles need one.</p>}
          {none && !account.secondFactorNeeded && (
            <p className="small quiet-text">Your roles do not need one here; it protects your name all the same.</p>
          )}
          <ul className="rows">
            <Authenticator account={account} onOpen={setOpen} />
            {account.passkeys.map((passkey) => (
              <Passkey
                key={passkey.id}
                passkey={passkey}
                onRemove={() => setOpen({ what: 'remove-passkey', passkey })}
              />
            ))}
            <AddPasskey onOpen={setOpen} />
          </ul>
        </>
      )}
      {open !== undefined && (
        <OpenDialog
          open={open}
          onOpen={setOpen}
          onDone={() => {
            setOpen(undefined);
            onChanged();
          }}
        />
      )}
    </Section>
  );
}

type DialogProps = { open: Open; onOpen: (open: Open | undefined) => void; onDone: () => void };

function OpenDialog({ open, onOpen, onDone }: DialogProps): JSX.Element {
  const { people } = useConsole();
  const close = (): void => onOpen(undefined);
  switch (open.what) {
    case 'authenticator':
      return (
        <Dialog title={titles[open.what]} onClose={close}>
          <AuthenticatorForm onCodes={(codes) => onOpen({ what: 'codes', codes })} />
        </Dialog>
      );
    case 'passkey':
      return (
        <Dialog title={titles[open.what]} onClose={close}>
          <PasskeyForm onDone={onDone} />
        </Dialog>
      );
    case 'codes':
      return (
        <Dialog title={titles[open.what]} onClose={undefined}>
          <RecoveryCodesShown codes={open.codes} onKept={onDone} />
        </Dialog>
      );
    case 'new-codes':
      return (
        <ConfirmDialog
          title="New recovery codes?"
          action="Make new codes"
          ask={people.newRecoveryCodes}
          onDone={({ codes }) => onOpen({ what: 'codes', codes })}
          onClose={close}
        >
          <p>Those that you have now are void then.</p>
        </ConfirmDialog>
      );
    case 'remove-authenticator':
      return (
        <ConfirmDialog
          title="Remove the authenticator?"
          action="Remove"
          ask={people.removeTotp}
          onDone={onDone}
          onClose={close}
        >
          <p>It is not asked for at your sign-in any more, and its recovery codes are void.</p>
        </ConfirmDialog>
      );
    case 'remove-passkey':
      return (
        <ConfirmDialog
          title={`Remove the passkey ${open.passkey.title}?`}
          action="Remove"
          ask={() => people.removePasskey(open.passkey.id)}
          onDone={onDone}
          onClose={close}
        >
          <p>Nobody signs in with it any more.</p>
        </ConfirmDialog>
      );
  }
}

function Authenticator({ account, onOpen }: { account: AccountView; onOpen: (open: Open) => void }): JSX.Element {
  const left = account.recoveryCodesLeft;
  return (
    <Line
      what={<strong>Authenticator application</strong>}
      state={
        account.totp ? (
          <>
            <Mark shape="done">set up</Mark>,{' '}
            {left > fewCodes ? (
              `${left} recovery codes left`
            ) : (
              <Mark shape="warn">{`${left} recovery codes left`}</Mark>
            )}
          </>
        ) : (
          'not set up'
        )
      }
    >
      {account.totp && (
        <button type="button" className="button small" onClick={() => onOpen({ what: 'new-codes' })}>
          New recovery codes…
        </button>
      )}
      <button
        type="button"
        className="button small"
        data-testid="totp-set-up"
        onClick={() => onOpen({ what: 'authenticator' })}
      >
        {account.totp ? 'Set up anew…' : 'Set up…'}
      </button>
      {account.totp && (
        <button type="button" className="button small" onClick={() => onOpen({ what: 'remove-authenticator' })}>
          Remove…
        </button>
      )}
    </Line>
  );
}

function Passkey({ passkey, onRemove }: { passkey: PasskeyView; onRemove: () => void }): JSX.Element {
  const nowMs = useNow();
  return (
    <Line
      what={
        <>
          Passkey <strong>{passkey.title}</strong>
        </>
      }
      state={
        <>
          since <Time atMs={passkey.addedAtMs} nowMs={nowMs} />
          {passkey.lastUsedAtMs === undefined ? (
            ', not used yet'
          ) : (
            <>
              , last used <Time atMs={passkey.lastUsedAtMs} nowMs={nowMs} />
            </>
          )}
        </>
      }
    >
      <button type="button" className="button small" onClick={onRemove}>
        Remove…
      </button>
    </Line>
  );
}

/** The one name that is known here: this machine's own. */
function hereByName(): string {
  const isThisMachine = ['127.0.0.1', '[::1]'].includes(location.hostname);
  return isThisMachine ? `; here https://localhost:${location.port}` : '';
}

function AddPasskey({ onOpen }: { onOpen: (open: Open) => void }): JSX.Element {
  const { people } = useConsole();
  const { value } = useQuery('sign-in options', (signal) => people.signInOptions(signal));
  const why =
    value?.passkeys === false
      ? `Passkeys are bound to a name: open the console by the name of the head-end, not by a number${hereByName()}.`
      : passkeysAreKnown()
        ? undefined
        : 'This browser knows no passkeys, or does not trust this address.';
  return (
    <Line
      what={<strong>Passkeys</strong>}
      state={<span id="why-passkey">{why ?? 'this device, or a key that is plugged in'}</span>}
    >
      <button
        type="button"
        className="button small"
        data-testid="passkey-add"
        disabled={why !== undefined}
        aria-describedby="why-passkey"
        onClick={() => onOpen({ what: 'passkey' })}
      >
        Add a passkey…
      </button>
    </Line>
  );
}

function Line({ what, state, children }: { what: ReactNode; state: ReactNode; children: ReactNode }): JSX.Element {
  return (
    <li>
      <div>
        <div>{what}</div>
        <div className="small quiet-text">{state}</div>
      </div>
      <div className="row-tools">{children}</div>
    </li>
  );
}
