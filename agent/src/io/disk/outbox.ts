import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type OutboxKind = 'status' | 'event';
export type OutboxEntry = { readonly id: number; readonly of: OutboxKind; readonly bytes: Uint8Array };

const maxInMemory = 500;

/**
 * What could not be sent yet. Bounded: at `maxEntries` the oldest statuses go first, then the oldest events, and `dropped`
 * counts them. Statuses are gathered and written together by `flush`, events at once.
 */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #maxEntries: number;
  readonly #insert: StatementSync;
  readonly #newest: StatementSync;
  readonly #remove: StatementSync;
  #waiting: { deviceId: string; bytes: Uint8Array }[] = [];
  #count: number;
  #dropped = 0;

  constructor(database: DatabaseSync, { maxEntries }: { maxEntries: number }) {
    this.#database = database;
    this.#maxEntries = maxEntries;
    this.#insert = database.prepare('INSERT INTO outbox (device_id, kind, bytes) VALUES (?, ?, ?)');
    this.#newest = database.prepare(
      'SELECT id, kind, bytes FROM outbox WHERE device_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
    );
    this.#remove = database.prepare('DELETE FROM outbox WHERE id = ?');
    this.#count = Number(database.prepare('SELECT count(*) AS n FROM outbox').get()?.['n'] ?? 0);
  }

  get size(): number {
    return this.#count + this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** A status that found the line down. On disk after the next `flush`; a kill before that loses it, and nobody was told otherwise. */
  keepStatus(deviceId: string, bytes: Uint8Array): void {
    this.#waiting.push({ deviceId, bytes });
    if (this.#waiting.length > maxInMemory) this.flush();
  }

  /** An event, on disk when this returns. The id removes it once the broker has it. */
  keepEvent(deviceId: string, bytes: Uint8Array): number {
    // So that what lies on disk lies in the order in which it happened.
    this.flush();
    const { lastInsertRowid } = this.#insert.run(deviceId, 'event', bytes);
    this.#count += 1;
    this.#trim();
    return Number(lastInsertRowid);
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#database.exec('BEGIN');
    try {
      for (const { deviceId, bytes } of batch) this.#insert.run(deviceId, 'status', bytes);
      this.#database.exec('COMMIT');
      this.#count += batch.length;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      // The disk refuses: memory is bounded, and what is newest counts most.
      this.#waiting = batch.slice(-maxInMemory);
      this.#dropped += batch.length - this.#waiting.length;
      throw error;
    }
    this.#trim();
  }

  /** The newest entries of one device below `belowId`, newest first. */
  newest(deviceId: string, limit: number, belowId = Number.MAX_SAFE_INTEGER): readonly OutboxEntry[] {
    return this.#newest.all(deviceId, belowId, limit).map((row) => ({
      id: Number(row['id']),
      of: row['kind'] as OutboxKind,
      bytes: row['bytes'] as Uint8Array,
    }));
  }

  devicesWaiting(): readonly string[] {
    return this.#count === 0
      ? []
      : this.#database
          .prepare('SELECT DISTINCT device_id FROM outbox')
          .all()
          .map((row) => String(row['device_id']));
  }

  remove(ids: readonly number[]): void {
    this.#database.exec('BEGIN');
    try {
      for (const id of ids) this.#count -= Number(this.#remove.run(id).changes);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #trim(): void {
    const over = this.#count - this.#maxEntries;
    if (over <= 0) return;
    const { changes } = this.#database
      .prepare(`DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY kind = 'event', id LIMIT ?)`)
      .run(over);
    this.#count -= Number(changes);
    this.#dropped += Number(changes);
  }
}
