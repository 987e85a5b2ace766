import { hashOf, sameHash } from '../store/credentials.ts';
import type { AccountRecord, SessionRecord } from '../store/people-store.ts';
import type { NotRecorded } from '../store/store.ts';
import { totpStep } from './authenticator.ts';
import { accountName, subjectOf } from './directory.ts';
import type { Directory } from './directory.ts';
import type { OwnAccount } from './own-account.ts';
import type { PasswordHasher } from './passwords.ts';
import type { Opened, Sessions } from './sessions.ts';
import type { Attempt, SignInThrottle } from './sign-in-throttle.ts';
import type { Vault } from './vault.ts';

type Failed<R extends string> = { ok: false; reason: R; say: string; waitMs?: number };
export type SignInFailure = Failed<'unauthenticated' | 'code-needed' | 'too-many'> | Exclude<NotRecorded, { ok: true }>;
export type SignedIn = { ok: true; value: Opened } | SignInFailure;

export type SignInParts = {
  directory: Directory;
  sessions: Sessions;
  hasher: PasswordHasher;
  throttle: SignInThrottle;
  vault: Vault;
  /** Somebody guesses: for the events. */
  onLockOut: (say: string) => void;
  now: () => number;
};

const maxKnownAddresses = 8;

/**
 * Name, password and, where the account has one, a second factor. What is wrong is not told, and takes the same time, so that nobody learns
 * which accounts there are; only who gave the right password learns that a code is missing.
 */
export class SignIn {
  readonly #parts: SignInParts;
  /** Under way: of two requests with the same one-time password or code one is first, and the other comes too late. */
  readonly #lastAttempt = new Map<string, Promise<unknown>>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  async byPassword(given: { name: string; password: string; code?: string; address: string }): Promise<SignedIn> {
    const { throttle, now } = this.#parts;
    const name = accountName(given.name) ?? '';
    const known = this.#parts.directory.account(name)?.knownAddresses?.includes(given.address) === true;
    const attempt: Attempt = { name, address: given.address, known };
    const waitMs = throttle.waitMs(attempt, now());
    if (waitMs > 0) return tooMany(waitMs);
    // One at a time for each pair: else as many could be tried at once as there are connections, before the first is counted.
    const key = `${given.address} ${name}`;
    if (this.#lastAttempt.has(key)) return tooMany(1_000);
    const under = this.#tried(attempt, given).finally(() => this.#lastAttempt.delete(key));
    this.#lastAttempt.set(key, under);
    return await under;
  }

  async #tried(attempt: Attempt, { password, code }: { password: string; code?: string }): Promise<SignedIn> {
    const { directory, hasher } = this.#parts;
    const asked = directory.account(attempt.name);
    const fits = await hasher.fits(password, asked?.password, attempt.known);
    if (fits === 'busy') return tooMany(1_000);
    // It may have changed meanwhile.
    const account = directory.account(attempt.name);
    if (account === undefined || account.disabled !== undefined) return this.#failed(attempt, 'unknown or disabled');
    const byOneTime = fits || account.password !== asked?.password ? false : this.#isOneTime(account, password);
    if (!fits && !byOneTime) return this.#failed(attempt, 'wrong password');
    const factor = secondFactor(account, code, this.#parts);
    if (factor === 'needed') {
      return { ok: false, reason: 'code-needed', say: 'Give the code of your authenticator, or a recovery code.' };
    }
    if (factor === 'wrong') return this.#failed(attempt, 'wrong or used code');
    this.#parts.throttle.succeeded(attempt);
    return this.open({ ...account, ...factor.change }, 'password', attempt.address, factor.say);
  }

  /** Opens a session for whoever has proven to be this account; `account` may have changed by that. */
  open(account: AccountRecord, by: SessionRecord['by'], address: string, how: string): SignedIn {
    const { directory, sessions, now } = this.#parts;
    const { secret, record, changes } = sessions.drawn({ account: account.name, by, address });
    const others = (account.knownAddresses ?? []).filter((each) => each !== address);
    const knownAddresses = [address, ...others].slice(0, maxKnownAddresses);
    const written = directory.change(
      [
        {
          kind: 'account',
          id: account.name,
          record: { ...account, knownAddresses, lastSignInAtMs: now() },
        },
        ...changes,
      ],
      [
        {
          who: account.name,
          identity: 'account',
          action: 'signed-in',
          subject: subjectOf(account.name),
          say: `Signed in from ${address} by ${by}${how}`,
        },
      ],
    );
    return written.ok ? { ok: true, value: { secret, record } } : written;
  }

  /** The current password is guessed at here as well as at the sign-in: with the same patience. */
  async changePassword(
    own: OwnAccount,
    name: string,
    asked: { current: string; next: string },
    address: string,
  ): Promise<Awaited<ReturnType<OwnAccount['changePassword']>> | SignInFailure> {
    const { throttle, now } = this.#parts;
    const attempt: Attempt = { name, address, known: true };
    const waitMs = throttle.waitMs(attempt, now());
    if (waitMs > 0) return tooMany(waitMs);
    const changed = await own.changePassword(name, asked);
    if (!changed.ok && changed.reason === 'unauthenticated') this.#failed(attempt, 'wrong current password');
    return changed;
  }

  /** By an identity provider. */
  refusedElsewhere(why: string, address: string): void {
    this.#parts.directory.change(
      [],
      [
        {
          who: 'head-end',
          identity: 'system',
          action: 'sign-in-refused',
          say: `Sign-in by the identity provider from ${address} refused: ${why.slice(0, 300)}`,
        },
      ],
    );
  }

  #isOneTime({ oneTime }: AccountRecord, password: string): boolean {
    if (oneTime === undefined || this.#parts.now() >= oneTime.expiresAtMs) return false;
    return sameHash(oneTime.hash, hashOf(password.trim()));
  }

  #failed(attempt: Attempt, why: string): SignInFailure {
    const { throttle, directory, onLockOut, now } = this.#parts;
    const waitMs = throttle.failed(attempt, now());
    const { name, address } = attempt;
    const isAccount = directory.account(name) !== undefined;
    const named = isAccount ? { subject: subjectOf(name) } : {};
    const told = isAccount ? name : 'no account';
    directory.change(
      [],
      [
        {
          who: 'head-end',
          identity: 'system',
          action: 'sign-in-refused',
          ...named,
          say: `Sign-in to ${told} from ${address} refused: ${why}`,
        },
      ],
    );
    if (waitMs > 0) {
      const say = `Sign-ins to ${told} from ${address} failed repeatedly: the next is taken in ${Math.ceil(waitMs / 1_000)} s`;
      directory.change([], [{ who: 'head-end', identity: 'system', action: 'locked-out', ...named, say }]);
      onLockOut(say);
    }
    return { ok: false, reason: 'unauthenticated', say: 'Name, password or code is wrong.' };
  }
}

function tooMany(waitMs: number): SignInFailure {
  const seconds = Math.ceil(waitMs / 1_000);
  return { ok: false, reason: 'too-many', waitMs, say: `Too many attempts: try again in ${seconds} s.` };
}

/** The account as it is after the factor was used; how it is told in the audit. */
type Factor = { change: Partial<AccountRecord>; say: string };

function secondFactor(
  account: AccountRecord,
  code: string | undefined,
  { vault, now }: Pick<SignInParts, 'vault' | 'now'>,
): Factor | 'needed' | 'wrong' {
  const { name, totp, recoveryCodes = [] } = account;
  if (totp === undefined) return { change: {}, say: '' };
  const given = code?.trim() ?? '';
  if (given === '') return 'needed';
  const secret = vault.open(totp.sealed, name);
  const step = secret === undefined ? undefined : totpStep(secret, given, totp.lastStep, now());
  if (step !== undefined) return { change: { totp: { ...totp, lastStep: step } }, say: ' and authenticator' };
  const hash = hashOf(given.toLowerCase());
  const left = recoveryCodes.filter((each) => !sameHash(each, hash));
  if (left.length === recoveryCodes.length) return 'wrong';
  return { change: { recoveryCodes: left }, say: ` and a recovery code (${left.length} left)` };
}
