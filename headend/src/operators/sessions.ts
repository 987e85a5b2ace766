import { drawSecret, hashOf, sameHash } from '../store/credentials.ts';
import type { SessionRecord } from '../store/people-store.ts';
import { subjectOf } from './directory.ts';
import type { AuditTold, Directory, DirectoryChange } from './directory.ts';

export const idleMs = 30 * 60_000;
export const absoluteMs = 12 * 3_600_000;
/** For so long after a sign-in, what opens doors for later may be changed: factors, tokens. */
export const freshMs = 15 * 60_000;
const maxOfAccount = 10;

export type SessionEnd = 'signed-out' | 'rights-changed' | 'idle' | 'too-long';
export type SessionParts = {
  directory: Directory;
  /** Its streams end, too. */
  onEnd: (session: SessionRecord, why: SessionEnd) => void;
  now: () => number;
};
export type Opened = { secret: string; record: SessionRecord };

/**
 * Who signed in where. The secret is the browser's alone; here is its hash. A restart of the head-end ends no session, but begins its idle
 * time anew.
 */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #usedAtMs = new Map<string, number>();
  /** Over, whether or not that could be written down: the disk may be full, but nobody keeps more rights by that. */
  readonly #ended = new Set<string>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A new one, to be written down by the caller together with what it changes besides. Of too many the oldest gives way. */
  drawn({ account, by, address }: Pick<SessionRecord, 'account' | 'by' | 'address'>): Opened & {
    changes: readonly DirectoryChange[];
  } {
    const secret = drawSecret();
    const secretHash = hashOf(secret);
    const nowMs = this.#parts.now();
    const record: SessionRecord = { id: idOf(secretHash), secretHash, account, by, startedAtMs: nowMs, address };
    const own = this.#parts.directory.sessions(account).toSorted((a, b) => b.startedAtMs - a.startedAtMs);
    const over = own.slice(maxOfAccount - 1).map(({ id }) => ({ kind: 'session', id, record: undefined }) as const);
    return { secret, record, changes: [{ kind: 'session', id: record.id, record }, ...over] };
  }

  /** The session of this secret, if it is still good; `touch`: somebody is at work in it. */
  find(secret: string, touch: boolean): SessionRecord | undefined {
    const hash = hashOf(secret);
    const record = this.#parts.directory.session(idOf(hash));
    if (record === undefined || !sameHash(record.secretHash, hash) || this.#ended.has(record.id)) return undefined;
    const over = this.#over(record);
    if (over !== undefined) {
      this.#end([record], over);
      return undefined;
    }
    if (touch) this.#usedAtMs.set(record.id, this.#parts.now());
    return record;
  }

  /** Whether it goes on; asking is no work in it. */
  isGood(record: SessionRecord): boolean {
    const open = this.#parts.directory.session(record.id) !== undefined && !this.#ended.has(record.id);
    return open && this.#over(record) === undefined;
  }

  of(account: string): readonly SessionRecord[] {
    return this.#parts.directory.sessions(account).filter(({ id }) => !this.#ended.has(id));
  }

  usedAtMs({ id, startedAtMs }: SessionRecord): number {
    return this.#usedAtMs.get(id) ?? startedAtMs;
  }

  isFresh({ startedAtMs }: SessionRecord): boolean {
    return this.#parts.now() - startedAtMs < freshMs;
  }

  signOut(record: SessionRecord, audit: AuditTold): void {
    this.#end([record], 'signed-out', [audit]);
  }

  /** Of an account, but for one. */
  endAll(account: string, exceptId?: string): number {
    const ended = this.of(account).filter(({ id }) => id !== exceptId);
    this.#end(ended, 'rights-changed');
    return ended.length;
  }

  /** At the start: their idle time begins now. */
  load(): void {
    for (const { id } of this.#parts.directory.sessions()) this.#usedAtMs.set(id, this.#parts.now());
  }

  /** Every few seconds. */
  sweep(): void {
    for (const record of this.#parts.directory.sessions()) {
      if (this.#ended.has(record.id)) continue;
      const over = this.#over(record);
      if (over !== undefined) this.#end([record], over);
    }
  }

  #over(record: SessionRecord): SessionEnd | undefined {
    const nowMs = this.#parts.now();
    if (nowMs - record.startedAtMs >= absoluteMs) return 'too-long';
    const usedAtMs = this.usedAtMs(record);
    // The clock was set back: idle from here on.
    if (usedAtMs > nowMs) this.#usedAtMs.set(record.id, nowMs);
    return nowMs - usedAtMs >= idleMs ? 'idle' : undefined;
  }

  #end(records: readonly SessionRecord[], why: SessionEnd, audit: readonly AuditTold[] = []): void {
    if (records.length === 0) return;
    const words = { idle: 'was idle for too long', 'too-long': 'lasted too long' } as const;
    const told =
      why === 'idle' || why === 'too-long'
        ? records.map(({ account }): AuditTold => ({
            who: account,
            identity: 'account',
            action: 'signed-out',
            subject: subjectOf(account),
            say: `A session ${words[why]}`,
          }))
        : audit;
    this.#parts.directory.change(
      records.map(({ id }) => ({ kind: 'session', id, record: undefined })),
      told,
    );
    for (const record of records) {
      this.#ended.add(record.id);
      this.#usedAtMs.delete(record.id);
      this.#parts.onEnd(record, why);
    }
  }
}

const idOf = (secretHash: string): string => secretHash.slice(0, 24);
