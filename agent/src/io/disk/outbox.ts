import type { Database, Statement } from './gateway-database.ts';
import { inTransaction } from './transaction.ts';

export type OutboxKind = 'status' | 'event';
export type OutboxEntry = { readonly id: number; readonly of: OutboxKind; readonly bytes: Uint8Array };
type Waiting = { readonly deviceId: string; readonly of: OutboxKind; readonly bytes: Uint8Array };

/** What waits in memory for the disk: at most these, the oldest statuses given up first, then the oldest events. */
const maxInMemory = 500;

/**
 * What could not be sent yet. Bounded: at `maxEntries` the oldest statuses go first, then the oldest events, and `dropped`
 * counts them. Statuses are gathered and written together by `flush`, events at once. A disk that fails leaves what it refused in
 * memory, bounded too, and the next flush tries again.
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
   * An event, on disk when this returns its id, which removes it once the broker has it. Throws where the disk fails; the event
   * then waits in memory.
   */
  keepEvent(deviceId: string, bytes: Uint8Array): number {
    const event: Waiting = { deviceId, of: 'event', bytes };
    try {
      // So that what lies on disk lies in the order in which it happened.
      this.flush();
      const { lastInsertRowid } = this.#statements.insert.run(deviceId, 'event', bytes);
      this.#count += 1;
      this.#lastId = Number(lastInsertRowid);
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
      for (const { deviceId, of, bytes } of batch)
        this.#lastId = Number(this.#statements.insert.run(deviceId, of, bytes).lastInsertRowid);
    });
    this.#waiting = [];
    this.#count += batch.length;
    this.#trim();
  }

  /** The newest entries of one device, newest first. */
  newest(deviceId: string, limit: number): readonly OutboxEntry[] {
    return this.#statements.newest.all(deviceId, limit).map((row) => ({
      id: Number(row['id']),
      of: row['kind'] as OutboxKind,
      bytes: row['bytes'] as Uint8Array,
    }));
  }

  /** The devices that have entries on disk, from this name on and then from the first again. */
  nextDevice(after: string): string | undefined {
    const row = this.#statements.deviceAfter.get(after) ?? this.#statements.deviceAfter.get('');
    return row === undefined ? undefined : String(row['device_id']);
  }

  remove(ids: readonly number[]): void {
    inTransaction(this.#database, () => {
      for (const id of ids) this.#count -= Number(this.#statements.remove.run(id).changes);
    });
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
      const changes = Number(this.#statements.dropOldest.run(kind, over).changes);
      this.#count -= changes;
      this.#dropped += changes;
    }
  }
}

const sql = {
  count: 'SELECT count(*) AS n FROM outbox',
  insert: 'INSERT INTO outbox (device_id, kind, bytes) VALUES (?, ?, ?)',
  taken: `SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`,
  forgetTaken: `DELETE FROM sqlite_sequence WHERE name = 'outbox'`,
  take: `INSERT INTO sqlite_sequence VALUES ('outbox', ?)`,
  newest: 'SELECT id, kind, bytes FROM outbox WHERE device_id = ? ORDER BY id DESC LIMIT ?',
  deviceAfter: 'SELECT device_id FROM outbox WHERE device_id > ? ORDER BY device_id LIMIT 1',
  remove: 'DELETE FROM outbox WHERE id = ?',
  dropOldest: 'DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE kind = ? ORDER BY id LIMIT ?)',
} as const;
