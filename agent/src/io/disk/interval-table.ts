import { intervalFlags } from '@tiepoint/protocol';
import type { IntervalFlag } from '@tiepoint/protocol';
import type { ClosedInterval } from '../../core/intervals.ts';
import type { Database, Statement } from './gateway-database.ts';
import { inTransaction } from './transaction.ts';

/** What is new of one meter. */
export type IntervalChange = {
  readonly deviceId: string;
  /** To go on with after a restart. */
  readonly state: string;
  readonly rows: readonly ClosedInterval[];
  readonly forgetAfterMs?: number | undefined;
  /** Of this meter, the newest so many stay. */
  readonly keptRows: number;
};

/** The intervals that the gateway's meters closed, and where each meter stands. Every method throws where the disk fails. */
export class IntervalTable {
  readonly #database: Database;
  readonly #statements: { readonly [K in keyof typeof sql]: Statement };

  constructor(database: Database) {
    this.#database = database;
    this.#statements = Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [name, database.prepare(text)]),
    ) as { [K in keyof typeof sql]: Statement };
  }

  states(): ReadonlyMap<string, string> {
    return new Map(this.#statements.states.all().map((row) => [String(row['device_id']), String(row['state'])]));
  }

  /** All of it or nothing. */
  write(changes: readonly IntervalChange[]): void {
    inTransaction(this.#database, () => {
      for (const change of changes) this.#write(change);
    });
  }

  /** Those that end after `fromMs` and not after `toMs`, in order, the newest `limit` of them. */
  range(
    deviceId: string,
    { fromMs, toMs, limit }: { fromMs: number; toMs: number; limit: number },
  ): readonly ClosedInterval[] {
    const [from, to] = [Math.floor(fromMs / 1_000), Math.floor(toMs / 1_000)];
    return this.#statements.range.all(deviceId, from, to, limit).map(intervalOf).reverse();
  }

  count(): number {
    return Number(this.#statements.count.get()?.['n'] ?? 0);
  }

  /** Of meters that this gateway no longer carries, at most so many: the oldest. */
  dropOrphans(carried: readonly string[], limit: number): void {
    this.#statements.dropOrphans.run(JSON.stringify(carried), limit);
    this.#statements.dropOrphanStates.run(JSON.stringify(carried));
  }

  #write({ deviceId, state, rows, forgetAfterMs, keptRows }: IntervalChange): void {
    if (forgetAfterMs !== undefined) this.#statements.forgetAfter.run(deviceId, Math.floor(forgetAfterMs / 1_000));
    for (const row of rows) this.#insert(deviceId, row);
    if (rows.length > 0) this.#statements.trim.run(deviceId, deviceId, keptRows);
    this.#statements.keepState.run(deviceId, state);
  }

  #insert(deviceId: string, row: ClosedInterval): void {
    const bits = row.flags.reduce((set, flag) => set | (1 << intervalFlags.indexOf(flag)), 0);
    this.#statements.insert.run(
      deviceId,
      row.endMs / 1_000,
      row.lengthS,
      bits,
      row.importedWh ?? null,
      row.exportedWh ?? null,
      row.reactiveVarh ?? null,
      row.voltageV === undefined ? null : Math.round(row.voltageV * 10),
      row.importedRegisterWh ?? null,
      row.exportedRegisterWh ?? null,
    );
  }
}

const sql = {
  states: 'SELECT device_id, state FROM interval_state',
  keepState: `INSERT INTO interval_state VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET state = excluded.state`,
  insert: 'INSERT OR REPLACE INTO interval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  forgetAfter: 'DELETE FROM interval WHERE device_id = ? AND end_s > ?',
  // By number and not by age: a clock that went astray must not take the rest away.
  trim: `DELETE FROM interval WHERE device_id = ? AND end_s <= (
    SELECT end_s FROM interval WHERE device_id = ? ORDER BY end_s DESC LIMIT 1 OFFSET ?)`,
  range: 'SELECT * FROM interval WHERE device_id = ? AND end_s > ? AND end_s <= ? ORDER BY end_s DESC LIMIT ?',
  count: 'SELECT count(*) AS n FROM interval',
  dropOrphans: `DELETE FROM interval WHERE (device_id, end_s) IN (
    SELECT device_id, end_s FROM interval WHERE device_id NOT IN (SELECT value FROM json_each(?)) ORDER BY end_s LIMIT ?)`,
  dropOrphanStates: `DELETE FROM interval_state WHERE device_id NOT IN (SELECT value FROM json_each(?))
    AND device_id NOT IN (SELECT device_id FROM interval)`,
} as const;

function intervalOf(row: Record<string, unknown>): ClosedInterval {
  const number = (name: string): number | undefined => (row[name] === null ? undefined : Number(row[name]));
  const voltageDv = number('voltage_dv');
  const bits = Number(row['flags']);
  return {
    endMs: Number(row['end_s']) * 1_000,
    lengthS: Number(row['length_s']),
    flags: intervalFlags.filter((_flag: IntervalFlag, bit) => (bits & (1 << bit)) !== 0),
    importedWh: number('imported_wh'),
    exportedWh: number('exported_wh'),
    reactiveVarh: number('reactive_varh'),
    voltageV: voltageDv === undefined ? undefined : voltageDv / 10,
    importedRegisterWh: number('imported_register_wh'),
    exportedRegisterWh: number('exported_register_wh'),
  };
}
