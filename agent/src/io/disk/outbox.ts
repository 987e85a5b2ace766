import type { Database, Statement } from './gateway-database.ts';
import { inTransaction } from './transaction.ts';

export type OutboxKind = 'status' | 'event';
export type OutboxEntry = { readonly id: number; readonly of: OutboxKind; readonly bytes: Uint8Array };
/** By what the head-end names an event. */
export type EventName = { readonly session: number; readonly seq: number };
type Waiting = { readonly deviceId: string; readonly bytes: Uint8Array } & (
  | { readonly of: 'status' }
  | ({ readonly of: 'event' } & EventName)
);
/** Sent, and not yet named by the head-end as kept: not offered again until then, and each time after twice as long. */
type Underway = { readonly untilMs: number; readonly patienceMs: number };

/** What waits in memory for the disk: at most these, the oldest statuses given up first, then the oldest events. */
const maxInMemory = 500;
const firstPatienceMs = 30_000;
const longestPatienceMs = 3_600_000;

/**
 * What could not be sent yet. Bounded: at `maxEntries` the oldest statuses go first, then the oldest events, and `dropped`
 * counts them. Statuses are gathered and written together by `flush`, events at once. A disk that fails leaves what it refused in
 * memory, bounded too, and the next flush tries again. An event stays until the head-end itself has it: a broker that took it may have had
 * nobody to give it to.
 */
export class Outbox {
  readonly #database: Database;
  readonly #maxEntries: number;
  readonly #statements: { readonly [K in keyof typeof sql]: Statement };
  #waiting: Waiting[] = [];
  #count = 0;
  /** The highest number given to an entry by this process. */
  #lastId = 0;
  #dropped = 0;
  readonly #underway = new Map<number, Underway>();

  constructor(database: Database, { maxEntries }: { maxEntries: number }) {
    this.#database = database;
    this.#maxEntries = maxEntries;
    this.#statements = Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [name, database.prepare(text)]),
    ) as { [K in keyof typeof sql]: Statement };
  }

  /** At the start, and when the database under it was exchanged: what lies on the disk. Throws where the disk fails. */
  count(): void {
    this.#count = Number(this.#statements.count.get()?.['n'] ?? 0);
    // What is still on its way under an old number must not take a new entry away with it.
    if (Number(this.#statements.taken.get()?.['seq'] ?? 0) >= this.#lastId) return;
    inTransaction(this.#database, () => {
      this.#statements.forgetTaken.run();
      this.#statements.take.run(this.#lastId);
    });
  }

  get size(): number {
    return this.#count + this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** A status that found the line down. On disk after the next `flush`; a kill before that loses it, and nobody was told otherwise. */
  keepStatus(deviceId: string, bytes: Uint8Array): void {
    this.#wait({ deviceId, of: 'status', bytes });
    if (this.#waiting.length >= maxInMemory) this.flush();
  }

  /**
   * An event, on disk when this returns its id. It is removed when the head-end has it. Throws where the disk fails; the event then waits
   * in memory.
   */
  keepEvent(deviceId: string, bytes: Uint8Array, { session, seq }: EventName): number {
    const event: Waiting = { deviceId, of: 'event', bytes, session, seq };
    try {
      // So that what lies on disk lies in the order in which it happened.
      this.flush();
      this.#insert(event);
      this.#count += 1;
      this.#trim();
      return this.#lastId;
    } catch (error) {
      this.#wait(event);
      throw error;
    }
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    inTransaction(this.#database, () => {
      for (const entry of batch) this.#insert(entry);
    });
    this.#waiting = [];
    this.#count += batch.length;
    this.#trim();
  }

  /** The newest entries of one device that are not under way, newest first. */
  newest(deviceId: string, limit: number, nowMs: number): readonly OutboxEntry[] {
    return this.#statements.newest.all(deviceId, this.#notNow(nowMs), limit).map((row) => ({
      id: Number(row['id']),
      of: row['kind'] as OutboxKind,
      bytes: row['bytes'] as Uint8Array,
    }));
  }

  /** The devices that have such entries on disk, from this name on and then from the first again, but for those that are held back. */
  nextDevice(after: string, nowMs: number, heldBack: readonly string[] = []): string | undefined {
    const notNow = this.#notNow(nowMs);
    const held = JSON.stringify(heldBack);
    const { deviceAfter } = this.#statements;
    const row = deviceAfter.get(after, notNow, held) ?? deviceAfter.get('', notNow, held);
    return row === undefined ? undefined : String(row['device_id']);
  }

  /** The broker has this event; the head-end has still to say that it has, too. `nowMs` counts on, whatever clock is set. */
  sentEvent(id: number, nowMs: number): void {
    const patienceMs = Math.min(longestPatienceMs, 2 * (this.#underway.get(id)?.patienceMs ?? firstPatienceMs / 2));
    this.#underway.set(id, { untilMs: nowMs + patienceMs, patienceMs });
  }

  /** Nobody need wait for the answer to what was sent until now. */
  offerAgain(): void {
    this.#underway.clear();
  }

  /** The head-end has it. */
  keptEvent(deviceId: string, { session, seq }: EventName): void {
    for (const row of this.#statements.removeEvent.all(deviceId, session, seq)) {
      this.#underway.delete(Number(row['id']));
      this.#count -= 1;
    }
  }

  remove(ids: readonly number[]): void {
    inTransaction(this.#database, () => {
      for (const id of ids) this.#count -= Number(this.#statements.remove.run(id).changes);
    });
  }

  #insert(entry: Waiting): void {
    const { session, seq } = entry.of === 'event' ? entry : { session: null, seq: null };
    const { lastInsertRowid } = this.#statements.insert.run(entry.deviceId, entry.of, entry.bytes, session, seq);
    this.#lastId = Number(lastInsertRowid);
  }

  /** Ids as SQLite takes a list. */
  #notNow(nowMs: number): string {
    const ids = [...this.#underway].flatMap(([id, { untilMs }]) => (nowMs < untilMs ? [id] : []));
    return JSON.stringify(ids);
  }

  #wait(entry: Waiting): void {
    this.#waiting.push(entry);
    if (this.#waiting.length <= maxInMemory) return;
    const oldestStatus = this.#waiting.findIndex(({ of }) => of === 'status');
    this.#waiting.splice(Math.max(0, oldestStatus), 1);
    this.#dropped += 1;
  }

  #trim(): void {
    for (const kind of ['status', 'event'] as const) {
      const over = this.#count - this.#maxEntries;
      if (over <= 0) return;
      const dropped = this.#statements.dropOldest.all(kind, over);
      for (const row of dropped) this.#underway.delete(Number(row['id']));
      const changes = dropped.length;
      this.#count -= changes;
      this.#dropped += changes;
    }
  }
}

const sql = {
  count: 'SELECT count(*) AS n FROM outbox',
  insert: 'INSERT INTO outbox (device_id, kind, bytes, session, seq) VALUES (?, ?, ?, ?, ?)',
  taken: `SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`,
  forgetTaken: `DELETE FROM sqlite_sequence WHERE name = 'outbox'`,
  take: `INSERT INTO sqlite_sequence VALUES ('outbox', ?)`,
  newest: `SELECT id, kind, bytes FROM outbox WHERE device_id = ? AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
  deviceAfter: `SELECT device_id FROM outbox WHERE device_id > ? AND id NOT IN (SELECT value FROM json_each(?))
    AND device_id NOT IN (SELECT value FROM json_each(?)) ORDER BY device_id LIMIT 1`,
  removeEvent: `DELETE FROM outbox WHERE kind = 'event' AND device_id = ? AND session = ? AND seq = ? RETURNING id`,
  remove: 'DELETE FROM outbox WHERE id = ?',
  dropOldest: 'DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE kind = ? ORDER BY id LIMIT ?) RETURNING id',
} as const;
