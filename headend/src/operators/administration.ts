import { hashOf } from '../store/credentials.ts';
import type { AccountRecord, Grant } from '../store/people-store.ts';
import type { NotRecorded } from '../store/store.ts';
import { accountName, subjectOf } from './directory.ts';
import type { AuditTold, Directory } from './directory.ts';
import { drawOneTimePassword } from './passwords.ts';
import { grantWords } from './permissions.ts';
import type { Sessions } from './sessions.ts';

type Refused = { ok: false; reason: 'invalid' | 'not-found' | 'conflict'; say: string; path?: string };
type Outcome<T> = { ok: true; value: T } | Refused | Exclude<NotRecorded, { ok: true }>;
/** Who administers: an account, or whoever sits at the machine itself. */
export type Administrator = Pick<AuditTold, 'who' | 'identity'>;
export type OneTime = { password: string; expiresAtMs: number };

const oneTimeMs = 7 * 86_400_000;
const maxAccounts = 2_000;

/** Accounts: made, changed, reset. The last administrator stays one. */
export class Administration {
  readonly #directory: Directory;
  readonly #sessions: Pick<Sessions, 'endAll'>;
  readonly #now: () => number;

  constructor(directory: Directory, sessions: Pick<Sessions, 'endAll'>, now: () => number) {
    this.#directory = directory;
    this.#sessions = sessions;
    this.#now = now;
  }

  /** `program`: without a password. */
  add(
    asked: { name: string; title?: string; grants: readonly Grant[]; program?: boolean },
    by: Administrator,
  ): Outcome<{ account: AccountRecord; oneTime?: OneTime }> {
    const name = accountName(asked.name);
    if (name === undefined)
      return {
        ...refuse(
          'invalid',
          'A name has 1 to 63 of a-z, 0-9, . _ @ and -, begins with a letter or digit, and is not taken by a machine.',
        ),
        path: 'body.name',
      };
    if (this.#directory.account(name) !== undefined)
      return { ...refuse('conflict', `There is an account ${name} already.`), path: 'body.name' };
    if (this.#directory.accounts().length >= maxAccounts)
      return refuse('conflict', `There are ${maxAccounts} accounts already.`);
    const oneTime = asked.program === true ? undefined : this.#oneTime();
    const account: AccountRecord = {
      name,
      title: asked.title?.trim() || name,
      grants: asked.grants,
      createdAtMs: this.#now(),
      createdBy: by.who,
      ...(oneTime === undefined ? { program: true } : { oneTime: oneTime.kept }),
    };
    const kind = oneTime === undefined ? ' for a program' : '';
    const written = this.#written(
      account,
      by,
      'account-made',
      `Account ${name}${kind} made: ${grantWords(asked.grants)}`,
    );
    if (!written.ok) return written;
    return { ok: true, value: { account, ...(oneTime === undefined ? {} : { oneTime: oneTime.told }) } };
  }

  change(
    name: string,
    asked: { title?: string; grants?: readonly Grant[]; disabled?: boolean },
    by: Administrator,
  ): Outcome<AccountRecord> {
    const before = this.#directory.account(name);
    if (before === undefined) return noAccount(name);
    const { disabled: wasDisabled, ...rest } = before;
    const disabled = asked.disabled ?? wasDisabled !== undefined;
    const after: AccountRecord = {
      ...rest,
      title: asked.title?.trim() || before.title,
      grants: asked.grants ?? before.grants,
      ...(disabled ? { disabled: wasDisabled ?? { atMs: this.#now(), by: by.who } } : {}),
    };
    if (isAdministrator(before) && !isAdministrator(after) && !this.#others(name).some(isAdministrator))
      return refuse('conflict', `${name} is the last administrator: make another one first.`);
    if (JSON.stringify(after) === JSON.stringify(before)) return { ok: true, value: before };
    const say = `Account ${name}: ${grantWords(after.grants)}${disabled ? '; disabled' : ''}`;
    const written = this.#written(after, by, 'account-changed', say);
    if (!written.ok) return written;
    if (grantWords(after.grants) !== grantWords(before.grants) || disabled) this.#sessions.endAll(name);
    return { ok: true, value: after };
  }

  /** A new one-time password; the password before, second factors and sessions are void. */
  reset(name: string, by: Administrator): Outcome<OneTime> {
    const before = this.#directory.account(name);
    if (before === undefined) return noAccount(name);
    if (before.program === true) return refuse('conflict', `${name} is a program's account: it has no password.`);
    if (before.oidc !== undefined)
      return refuse('conflict', `${name} is kept at the identity provider: reset it there.`);
    const { password: _password, totp: _totp, recoveryCodes: _codes, passkeys: _passkeys, ...rest } = before;
    const oneTime = this.#oneTime();
    const say = `Account ${name} reset: password and second factors are void`;
    const written = this.#written({ ...rest, oneTime: oneTime.kept }, by, 'account-reset', say);
    if (!written.ok) return written;
    this.#sessions.endAll(name);
    return { ok: true, value: oneTime.told };
  }

  endSessions(name: string, by: Administrator): Outcome<void> {
    const account = this.#directory.account(name);
    if (account === undefined) return noAccount(name);
    const written = this.#written(account, by, 'account-changed', `All sessions of ${name} ended`);
    if (written.ok) this.#sessions.endAll(name);
    return written;
  }

  /** Whether somebody could administer. */
  hasAdministrator(): boolean {
    return this.#directory.accounts().some(isAdministrator);
  }

  #others(name: string): readonly AccountRecord[] {
    return this.#directory.accounts().filter((each) => each.name !== name);
  }

  #oneTime(): { told: OneTime; kept: NonNullable<AccountRecord['oneTime']> } {
    const password = drawOneTimePassword();
    const expiresAtMs = this.#now() + oneTimeMs;
    return { told: { password, expiresAtMs }, kept: { hash: hashOf(password), expiresAtMs } };
  }

  #written(account: AccountRecord, by: Administrator, action: AuditTold['action'], say: string): NotRecorded {
    return this.#directory.change(
      [{ kind: 'account', id: account.name, record: account }],
      [{ ...by, action, subject: subjectOf(account.name), say }],
    );
  }
}

/** A person who can sign in here: one of an identity provider could be out of reach with it. */
function isAdministrator({ grants, disabled, program, oidc }: AccountRecord): boolean {
  if (disabled !== undefined || program === true || oidc !== undefined) return false;
  return grants.some(({ role, areas }) => role === 'administrator' && areas === 'all');
}

function noAccount(name: string): Refused {
  return refuse('not-found', `There is no account ${name.slice(0, 64)}.`);
}

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}
