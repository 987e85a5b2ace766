import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import type { WarehouseSession, WarehouseWork } from './module.ts';

const keptConnections = 4;

/** What a session knows beyond SQL. */
export type IntervalRelation = (
  session: Pick<WarehouseSession, 'row' | 'rows'>,
  range: { readonly fromS: number; readonly toS: number; readonly columns?: readonly string[] },
) => Promise<string>;

/**
 * Transactions on the one database. Readers and writers go beside each other, each as of its beginning; who must be alone, waits for those
 * that write, and they for it.
 */
export class Sessions {
  readonly #instance: DuckDBInstance;
  readonly #intervals: IntervalRelation;
  readonly #idle: DuckDBConnection[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #writing = new Set<Promise<void>>();
  #alone: Promise<void> | undefined;

  constructor(instance: DuckDBInstance, intervals: IntervalRelation) {
    this.#instance = instance;
    this.#intervals = intervals;
  }

  async read<T>(work: WarehouseWork<T>): Promise<T> {
    return await this.#run(this.#running, work);
  }

  async write<T>(work: WarehouseWork<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    return await this.#run(this.#writing, work);
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

  async #run<T>(among: Set<Promise<void>>, work: WarehouseWork<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    among.add(promise);
    let connection: DuckDBConnection | undefined;
    try {
      connection = this.#idle.pop() ?? (await this.#instance.connect());
      await connection.run('BEGIN');
      const value = await work(sessionOf(connection, this.#intervals));
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

function sessionOf(connection: DuckDBConnection, intervals: IntervalRelation): WarehouseSession {
  const rows = async <Row>(sql: string, values?: DuckDBValue[]): Promise<Row[]> =>
    (await connection.runAndReadAll(sql, values)).getRowObjectsJS() as Row[];
  const row = async <Row>(sql: string, values?: DuckDBValue[]): Promise<Row> => {
    const [first] = await rows<Row>(sql, values);
    if (first === undefined) throw new Error(`no row: ${sql}`);
    return first;
  };
  return {
    connection,
    run: async (sql, values) => void (await connection.run(sql, values)),
    row,
    rows,
    intervals: async (fromS, toS, columns) =>
      await intervals({ row, rows }, { fromS, toS, ...(columns === undefined ? {} : { columns }) }),
  };
}
