import type {
  AccountRecord,
  BearerTokenRecord,
  Grant,
  PeopleChange,
  PeopleStore,
  SessionRecord,
} from '../store/people-store.ts';
import type { AuditEntry, NotRecorded } from '../store/store.ts';

export type DirectoryChange = Exclude<PeopleChange, { kind: 'vault' }>;
export type AuditTold = Omit<AuditEntry, 'atMs'>;

/** Accounts, sessions and tokens, in memory and on the disk alike. What cannot be written down with its audit has not happened. */
export class Directory {
  readonly #store: PeopleStore;
  readonly #now: () => number;
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #tokens = new Map<string, BearerTokenRecord>();

  constructor(store: PeopleStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  load(): void {
    for (const each of this.#store.all('account')) this.#accounts.set(each.name, each);
    for (const each of this.#store.all('session')) this.#sessions.set(each.id, each);
    for (const each of this.#store.all('token')) this.#tokens.set(each.id, each);
  }

  account(name: string): AccountRecord | undefined {
    return this.#accounts.get(name);
  }

  accounts(): readonly AccountRecord[] {
    return [...this.#accounts.values()];
  }

  session(id: string): SessionRecord | undefined {
    return this.#sessions.get(id);
  }

  sessions(account?: string): readonly SessionRecord[] {
    return [...this.#sessions.values()].filter((each) => account === undefined || each.account === account);
  }

  token(id: string): BearerTokenRecord | undefined {
    return this.#tokens.get(id);
  }

  tokens(): readonly BearerTokenRecord[] {
    return [...this.#tokens.values()];
  }

  /** Of an account that is disabled, or is none: nothing. */
  grantsOf(name: string): readonly Grant[] {
    const account = this.#accounts.get(name);
    return account === undefined || account.disabled !== undefined ? [] : account.grants;
  }

  change(changes: readonly DirectoryChange[], audit: readonly AuditTold[]): NotRecorded {
    const atMs = this.#now();
    const written = this.#store.change(
      changes,
      audit.map((entry) => ({ ...entry, atMs })),
    );
    if (!written.ok) return written;
    for (const { kind, id, record } of changes) {
      const of = { account: this.#accounts, session: this.#sessions, token: this.#tokens }[kind] as Map<
        string,
        unknown
      >;
      if (record === undefined) of.delete(id);
      else of.set(id, record);
    }
    return written;
  }
}

export function subjectOf(account: string): string {
  return `account:${account}`;
}

/** As they are typed, and kept. The audit calls machines the names that are taken; in a contract, `any` is everybody. */
export function accountName(text: string): string | undefined {
  const name = text.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9._@-]{0,62}$/.test(name) && !taken.includes(name) ? name : undefined;
}
const taken = ['head-end', 'agent', 'system', 'any', 'anybody', 'operator'];
