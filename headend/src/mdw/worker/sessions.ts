import { setTimeout } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { isConflict } from './faults.ts';
import { intervalRelation } from './interval-relation.ts';
import type { IntervalsWanted } from './interval-relation.ts';
import type { WarehouseSession, WarehouseWork } from './module.ts';

const keptConnections = 4;
const mostTries = 30;
const conflictWaitMs = 20;

/** As this room itself sees it. */
export type OwnSession = WarehouseSession & {
  readonly relation: (wanted: IntervalsWanted) => Promise<string>;
  /** Before files are read past `relation`: where that fails, they are looked at. */
  readonly lookInto: (files: readonly string[]) => void;
};
export type OwnWork<T> = (session: OwnSession) => Promise<T>;

/** Hears of what went wrong in a session, and which files it had looked into. Gives whether the same may be tried once more. */
export type FaultHearer = (error: unknown, files: readonly string[]) => Promise<boolean>;

export type SessionsParts = {
  readonly instance: DuckDBInstance;
  readonly folder: string;
  readonly onFault: FaultHearer;
};

/**
 * Transactions on the one database. Readers and writers go beside each other, each as of its beginning; who must be alone, waits for those
 * that write, and they for it.
 */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #idle: DuckDBConnection[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #writing = new Set<Promise<void>>();
  #alone: Promise<void> | undefined;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  async read<T>(work: OwnWork<T>): Promise<T> {
    return await this.#mended(async (files) => await this.#run(this.#running, work, files));
  }

  /** Where another has changed the same rows meanwhile, what was done is rolled back and done anew: of `work` only what it does in the database counts. */
  async write<T>(work: OwnWork<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      while (this.#alone !== undefined) await this.#alone;
      try {
        return await this.#mended(async (files) => await this.#run(this.#writing, work, files));
      } catch (error) {
        if (tries >= mostTries || !isConflict(error)) throw error;
        await setTimeout(Math.random() * tries * conflictWaitMs);
      }
    }
  }

  /** Nobody writes meanwhile. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    try {
      await Promise.all(this.#writing);
      return await work();
    } finally {
      this.#alone = undefined;
      resolve();
    }
  }

  /** When all that run now have ended, so that nobody looks at what they could see. */
  async afterThose(): Promise<void> {
    await Promise.all([...this.#running, ...this.#writing]);
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.closeSync();
  }

  /** What failed was rolled back, so that it can be tried anew where what hindered it is out of the way. */
  async #mended<T>(run: (files: string[]) => Promise<T>): Promise<T> {
    const files: string[] = [];
    try {
      return await run(files);
    } catch (error) {
      if (!(await this.#parts.onFault(error, files))) throw error;
      return await run([]);
    }
  }

  async #run<T>(among: Set<Promise<void>>, work: WarehouseWork<T> | OwnWork<T>, files: string[]): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    among.add(promise);
    let connection: DuckDBConnection | undefined;
    try {
      connection = this.#idle.pop() ?? (await this.#parts.instance.connect());
      await connection.run('BEGIN');
      const value = await work(sessionOf(connection, this.#parts.folder, files));
      await connection.run('COMMIT');
      this.#giveBack(connection);
      return value;
    } catch (error) {
      // One that failed may hold what belongs to it: temporary tables, a broken transaction.
      connection?.closeSync();
      throw error;
    } finally {
      among.delete(promise);
      resolve();
    }
  }

  #giveBack(connection: DuckDBConnection): void {
    if (this.#idle.length < keptConnections) this.#idle.push(connection);
    else connection.closeSync();
  }
}

function sessionOf(connection: DuckDBConnection, folder: string, files: string[]): OwnSession {
  const rows = async <Row>(sql: string, values?: DuckDBValue[]): Promise<Row[]> =>
    (await connection.runAndReadAll(sql, values)).getRowObjectsJS() as Row[];
  const row = async <Row>(sql: string, values?: DuckDBValue[]): Promise<Row> => {
    const [first] = await rows<Row>(sql, values);
    if (first === undefined) throw new Error(`no row: ${sql}`);
    return first;
  };
  const relation = async (wanted: IntervalsWanted): Promise<string> => {
    const made = await intervalRelation({ row, rows }, folder, wanted);
    files.push(...made.files);
    return made.sql;
  };
  return {
    connection,
    run: async (sql, values) => void (await connection.run(sql, values)),
    row,
    rows,
    relation,
    lookInto: (more) => void files.push(...more),
    intervals: async (fromS, toS, columns, meters) => await relation({ fromS, toS, columns, meters }),
  };
}
