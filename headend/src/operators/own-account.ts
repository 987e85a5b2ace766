import { hashOf } from '../store/credentials.ts';
import type { AccountRecord, PasskeyRecord } from '../store/people-store.ts';
import type { NotRecorded } from '../store/store.ts';
import { drawTotpSecret, totpStep, totpUri } from './authenticator.ts';
import { subjectOf } from './directory.ts';
import type { AuditTold, Directory } from './directory.ts';
import { drawRecoveryCode, passwordFault } from './passwords.ts';
import type { PasswordHasher } from './passwords.ts';
import { sameHash } from '../store/credentials.ts';
import type { Vault } from './vault.ts';

type Refused = {
  ok: false;
  reason: 'invalid' | 'not-found' | 'conflict' | 'too-many' | 'unauthenticated';
  say: string;
  path?: string;
};
type Outcome<T> = { ok: true; value: T } | Refused | Exclude<NotRecorded, { ok: true }>;

export type OwnAccountParts = {
  directory: Directory;
  hasher: PasswordHasher;
  vault: Vault;
  needsSecondFactor: (account: AccountRecord) => boolean;
  now: () => number;
};

const offerMs = 10 * 60_000;
const maxOffers = 1_000;
const recoveryCodes = 10;
const maxPasskeys = 10;

/** What people change at their own account. */
export class OwnAccount {
  readonly #parts: OwnAccountParts;
  /** Secrets that were shown and not yet confirmed. */
  readonly #offers = new Map<string, { secret: string; expiresAtMs: number }>();

  constructor(parts: OwnAccountParts) {
    this.#parts = parts;
  }

  /** `current`: a one-time password or the password before. Sessions are ended by the caller. */
  async changePassword(name: string, { current, next }: { current: string; next: string }): Promise<Outcome<void>> {
    const { directory, hasher, now } = this.#parts;
    const before = directory.account(name);
    if (before === undefined) return noAccount;
    if (before.program === true || before.oidc !== undefined)
      return refuse('conflict', 'This account has no password here.');
    const fault = passwordFault(next, name);
    if (fault !== undefined) return { ...refuse('invalid', fault), path: 'body.next' };
    if (current.normalize('NFKC') === next.normalize('NFKC'))
      return { ...refuse('invalid', 'Take another password than before.'), path: 'body.next' };
    const { oneTime } = before;
    const byOneTime =
      oneTime !== undefined && now() < oneTime.expiresAtMs && sameHash(oneTime.hash, hashOf(current.trim()));
    const fits = byOneTime || (await hasher.fits(current, before.password, true));
    if (fits === 'busy') return busy;
    if (!fits) return { ...refuse('unauthenticated', 'The current password is wrong.'), path: 'body.current' };
    const password = await hasher.make(next);
    if (password === 'busy') return busy;
    const account = directory.account(name);
    if (account === undefined || account.password !== before.password || account.oneTime !== before.oneTime)
      return refuse('conflict', 'The account was changed meanwhile: sign in again.');
    const { oneTime: _used, ...rest } = account;
    return directory.change(
      [{ kind: 'account', id: name, record: { ...rest, password } }],
      [told(name, 'password-changed', 'Password changed')],
    );
  }

  /** A secret to be confirmed by a code of it; until then nothing has changed. */
  offerTotp(name: string): { secret: string; uri: string } {
    const nowMs = this.#parts.now();
    for (const [key, { expiresAtMs }] of this.#offers) if (nowMs >= expiresAtMs) this.#offers.delete(key);
    const oldest = this.#offers.size >= maxOffers ? this.#offers.keys().next().value : undefined;
    if (oldest !== undefined) this.#offers.delete(oldest);
    const secret = drawTotpSecret();
    this.#offers.set(name, { secret, expiresAtMs: nowMs + offerMs });
    return { secret, uri: totpUri(secret, name) };
  }

  /** Answers the recovery codes, told this once. */
  confirmTotp(name: string, code: string): Outcome<readonly string[]> {
    const { directory, vault, now } = this.#parts;
    const account = directory.account(name);
    const offer = this.#offers.get(name);
    if (account === undefined) return noAccount;
    if (offer === undefined || now() >= offer.expiresAtMs)
      return refuse('conflict', 'Begin again: the secret that was shown is over.');
    const step = totpStep(offer.secret, code, 0, now());
    if (step === undefined)
      return {
        ...refuse('invalid', 'This is not the code of now: is the clock of the authenticator right?'),
        path: 'body.code',
      };
    const totp = { sealed: vault.seal(offer.secret, name), lastStep: step };
    const codes = this.#codes();
    const written = this.#written({ ...account, totp, recoveryCodes: codes.map(hashOf) }, 'Authenticator set up');
    if (!written.ok) return written;
    this.#offers.delete(name);
    return { ok: true, value: codes };
  }

  newRecoveryCodes(name: string): Outcome<readonly string[]> {
    const account = this.#parts.directory.account(name);
    if (account?.totp === undefined)
      return refuse('conflict', 'There is no authenticator that they could stand in for.');
    const codes = this.#codes();
    const written = this.#written({ ...account, recoveryCodes: codes.map(hashOf) }, 'New recovery codes made');
    return written.ok ? { ok: true, value: codes } : written;
  }

  removeTotp(name: string): Outcome<void> {
    const account = this.#parts.directory.account(name);
    if (account === undefined) return noAccount;
    const { totp, recoveryCodes: _codes, ...rest } = account;
    if (totp === undefined) return { ok: true, value: undefined };
    return this.#removed(rest, 'Authenticator removed');
  }

  addPasskey(name: string, passkey: PasskeyRecord): Outcome<void> {
    const { directory } = this.#parts;
    const account = directory.account(name);
    if (account === undefined) return noAccount;
    const passkeys = account.passkeys ?? [];
    if (passkeys.length >= maxPasskeys) return refuse('conflict', `${maxPasskeys} passkeys are enough: remove one.`);
    if (directory.accounts().some((each) => each.passkeys?.some(({ id }) => id === passkey.id) === true))
      return refuse('conflict', 'This passkey is registered already.');
    return this.#written({ ...account, passkeys: [...passkeys, passkey] }, `Passkey ${passkey.title} added`);
  }

  removePasskey(name: string, id: string): Outcome<void> {
    const account = this.#parts.directory.account(name);
    const passkey = account?.passkeys?.find((each) => each.id === id);
    if (account === undefined || passkey === undefined) return refuse('not-found', 'There is no such passkey.');
    const passkeys = account.passkeys?.filter((each) => each !== passkey) ?? [];
    return this.#removed({ ...account, passkeys }, `Passkey ${passkey.title} removed`);
  }

  #codes(): readonly string[] {
    return Array.from({ length: recoveryCodes }, drawRecoveryCode);
  }

  #removed(after: AccountRecord, say: string): Outcome<void> {
    if (this.#parts.needsSecondFactor(after) && after.totp === undefined && (after.passkeys ?? []).length === 0)
      return refuse('conflict', 'Your roles need a second factor: set up another one first.');
    return this.#parts.directory.change(
      [{ kind: 'account', id: after.name, record: after }],
      [told(after.name, 'second-factor-removed', say)],
    );
  }

  #written(after: AccountRecord, say: string): NotRecorded {
    return this.#parts.directory.change(
      [{ kind: 'account', id: after.name, record: after }],
      [told(after.name, 'second-factor-set', say)],
    );
  }
}

function told(name: string, action: AuditTold['action'], say: string): AuditTold {
  return { who: name, identity: 'account', action, subject: subjectOf(name), say };
}

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}

const noAccount = refuse('not-found', 'There is no such account.');
const busy = refuse('too-many', 'Too many sign-ins at once: try again in a second.');
