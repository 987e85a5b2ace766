import { drawSecret, hashOf, sameHash } from '../store/credentials.ts';
import type { BearerTokenRecord, Grant } from '../store/people-store.ts';
import type { NotRecorded } from '../store/store.ts';
import type { Administrator } from './administration.ts';
import { subjectOf } from './directory.ts';
import type { Directory } from './directory.ts';
import { grantWords, within } from './permissions.ts';

type Refused = { ok: false; reason: 'invalid' | 'not-found' | 'conflict'; say: string; path?: string };
type Outcome<T> = { ok: true; value: T } | Refused | Exclude<NotRecorded, { ok: true }>;

const dayMs = 86_400_000;
const maxOfAccount = 20;
const prefix = 'tpt_';

/** For programs: scoped, expiring, and kept as hashes, so that what is told once cannot be told again. */
export class BearerTokens {
  readonly #directory: Directory;
  readonly #now: () => number;
  readonly #usedAtMs = new Map<string, number>();

  constructor(directory: Directory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  issue(
    asked: { account: string; title: string; grants: readonly Grant[]; validDays: number },
    by: Administrator,
  ): Outcome<{ token: string; record: BearerTokenRecord }> {
    const { account, title, validDays } = asked;
    if (this.#directory.account(account)?.disabled !== undefined || this.#directory.account(account) === undefined)
      return refuse('not-found', `There is no account ${account.slice(0, 64)}.`);
    const grants = within(asked.grants, this.#directory.grantsOf(account));
    if (grantWords(grants) !== grantWords(asked.grants))
      return {
        ...refuse(
          'invalid',
          `A token has at most what its account has: ${grantWords(this.#directory.grantsOf(account))}.`,
        ),
        path: 'body.grants',
      };
    const nowMs = this.#now();
    const own = this.#directory.tokens().filter((each) => each.account === account);
    const over = own.filter(({ expiresAtMs }) => nowMs >= expiresAtMs);
    if (own.length - over.length >= maxOfAccount)
      return refuse('conflict', `${account} has ${maxOfAccount} tokens already: revoke one.`);
    const token = prefix + drawSecret();
    const secretHash = hashOf(token);
    const record: BearerTokenRecord = {
      id: idOf(secretHash),
      secretHash,
      account,
      title,
      grants,
      createdAtMs: nowMs,
      createdBy: by.who,
      expiresAtMs: nowMs + validDays * dayMs,
    };
    const until = new Date(record.expiresAtMs).toISOString();
    const written = this.#directory.change(
      [
        { kind: 'token', id: record.id, record },
        ...over.map(({ id }) => ({ kind: 'token', id, record: undefined }) as const),
      ],
      [
        {
          ...by,
          action: 'bearer-token-issued',
          subject: subjectOf(account),
          say: `Bearer token ${title} of ${account}: ${grantWords(grants)}; until ${until}`,
        },
      ],
    );
    return written.ok ? { ok: true, value: { token, record } } : written;
  }

  revoke(id: string, by: string): Outcome<void> {
    const record = this.#directory.token(id);
    if (record === undefined) return refuse('not-found', `There is no token ${id.slice(0, 64)}.`);
    return this.#directory.change(
      [{ kind: 'token', id, record: undefined }],
      [
        {
          who: by,
          identity: 'account',
          action: 'bearer-token-revoked',
          subject: subjectOf(record.account),
          say: `Bearer token ${record.title} of ${record.account} revoked`,
        },
      ],
    );
  }

  /** Undefined: none, or over. */
  find(token: string): { record: BearerTokenRecord; grants: readonly Grant[] } | undefined {
    if (!token.startsWith(prefix)) return undefined;
    const hash = hashOf(token);
    const record = this.#directory.token(idOf(hash));
    if (record === undefined || !sameHash(record.secretHash, hash)) return undefined;
    if (!this.isGood(record.id)) return undefined;
    this.#usedAtMs.set(record.id, this.#now());
    return { record, grants: within(record.grants, this.#directory.grantsOf(record.account)) };
  }

  /** For what goes on for long, such as a live stream. */
  isGood(id: string): boolean {
    const record = this.#directory.token(id);
    return record !== undefined && this.#now() < record.expiresAtMs;
  }

  /** Since the head-end started. */
  usedAtMs(id: string): number | undefined {
    return this.#usedAtMs.get(id);
  }
}

const idOf = (secretHash: string): string => secretHash.slice(0, 24);

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}
