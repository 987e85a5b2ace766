import { useEffect, useMemo, useState } from 'react';
import type { JSX } from 'react';
import type { TotpOffer } from '../../../src/api/operator-contract.ts';
import { SaidAgainst, TextField, sayOf, useForm } from '../design/form.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { addPasskey, passkeysAreKnown } from './passkey.ts';
import { qrPath } from './qr-path.ts';
import { RecoveryCodesShown } from './recovery-codes.tsx';
import { codeTyped } from './sign-in-step.ts';

/** An authenticator application, or a passkey where browser and address allow one. */
export function SecondFactorForm({ onDone }: { onDone: () => void }): JSX.Element {
  const { people } = useConsole();
  const { value } = useQuery('sign-in options', (signal) => people.signInOptions(signal));
  const [kind, setKind] = useState<'authenticator' | 'passkey'>('authenticator');
  const [codes, setCodes] = useState<readonly string[]>();
  const both = value?.passkeys === true && passkeysAreKnown();
  if (codes !== undefined) return <RecoveryCodesShown codes={codes} onKept={onDone} />;
  return (
    <>
      {both && (
        <fieldset className="segments" aria-label="Kind of second factor">
          {(['authenticator', 'passkey'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={kind === each} onClick={() => setKind(each)}>
              {each === 'authenticator' ? 'Authenticator application' : 'Passkey'}
            </button>
          ))}
        </fieldset>
      )}
      {both && kind === 'passkey' ? <PasskeyForm onDone={onDone} /> : <AuthenticatorForm onCodes={setCodes} />}
    </>
  );
}

/** `onCodes`: it is set up, and these recovery codes are told once. */
export function AuthenticatorForm({ onCodes }: { onCodes: (codes: readonly string[]) => void }): JSX.Element {
  const { people } = useConsole();
  const [offer, setOffer] = useState<TotpOffer>();
  const [fault, setFault] = useState<string>();
  const [code, setCode] = useState('');
  useEffect(() => {
    let wanted = true;
    void people.offerTotp().then((answer) => {
      if (!wanted) return;
      if (answer.ok) setOffer(answer.value);
      else setFault(sayOf(answer));
    });
    return () => {
      wanted = false;
    };
  }, [people]);
  const form = useForm(
    () => people.confirmTotp(codeTyped(code)),
    (confirmed) => onCodes(confirmed.codes),
  );
  return (
    <form className="select-form" onSubmit={form.submit}>
      <p className="small">
        Scan this with an authenticator application on your telephone, or type the secret into it. Then type the code
        that it shows.
      </p>
      {offer === undefined ? (
        <p className="quiet-text">{fault ?? 'Asking the head-end…'}</p>
      ) : (
        <OfferShown offer={offer} />
      )}
      <TextField
        label="Code"
        testId="totp-code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={12}
        value={code}
        first
        onValue={setCode}
      />
      <SaidAgainst say={form.say} />
      <footer className="wide">
        <button
          type="submit"
          className="button primary"
          data-testid="totp-confirm"
          disabled={form.busy || offer === undefined || codeTyped(code) === ''}
        >
          {form.busy ? 'Confirming…' : 'Confirm'}
        </button>
      </footer>
    </form>
  );
}

function OfferShown({ offer }: { offer: TotpOffer }): JSX.Element {
  return (
    <div className="totp-offer">
      <QrPicture uri={offer.uri} />
      <dl>
        <dt>Secret</dt>
        <dd>
          {/* In groups of four for those who type it; copied without the spaces, which are drawn alone. */}
          <code className="secret" data-testid="totp-secret">
            {(offer.secret.match(/.{1,4}/g) ?? []).map((group, place) => (
              <span key={`${group} ${place}`}>{group}</span>
            ))}
          </code>
        </dd>
        <dt>Kind</dt>
        <dd>by time, 6 digits, 30 s</dd>
      </dl>
    </div>
  );
}

function QrPicture({ uri }: { uri: string }): JSX.Element {
  const { size, path } = useMemo(() => qrPath(uri), [uri]);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      aria-label="The secret as a QR code"
      shapeRendering="crispEdges"
    >
      <title>The secret as a QR code</title>
      <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function PasskeyForm({ onDone }: { onDone: () => void }): JSX.Element {
  const { people } = useConsole();
  const [title, setTitle] = useState('');
  const form = useForm(() => addPasskey(people, title.trim()), onDone);
  return (
    <form className="select-form" onSubmit={form.submit}>
      <p className="small">
        This device, or a key that is plugged in, proves that it is you by finger, face or PIN. Nothing has to be typed,
        and it works at this address alone.
      </p>
      <TextField
        label="What to call it"
        testId="passkey-title"
        value={title}
        maxLength={60}
        first
        hint="So that you know later which it is: desk in the control room, key on my ring."
        onValue={setTitle}
      />
      <SaidAgainst say={form.say} />
      <footer className="wide">
        <button
          type="submit"
          className="button primary"
          data-testid="passkey-make"
          disabled={form.busy || title.trim() === ''}
        >
          {form.busy ? 'Follow the browser…' : 'Make the passkey'}
        </button>
      </footer>
    </form>
  );
}
