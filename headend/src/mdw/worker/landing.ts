import { DuckDBDataChunk, INTEGER, UBIGINT, UINTEGER, USMALLINT, UTINYINT } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Span } from '../completeness-requests.ts';
import { intervalSources, unknownEnergy, unknownVoltage } from '../interval-row.ts';
import type { IntervalColumns } from '../interval-row.ts';
import type { Landed } from '../requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { daySeconds, dayOf } from './interval-files.ts';
import type { WarehouseSession } from './module.ts';
import type { Sessions } from './sessions.ts';

/** So many rows are written as one transaction at most; what comes meanwhile waits for the next. */
const maxRowsAtOnce = 2_000_000;
const chunkRows = 2_048;

type Waiting = {
  readonly columns: IntervalColumns;
  readonly done: (landed: Landed) => void;
  readonly failed: (error: unknown) => void;
};

/** Takes rows in. All that wait are written together and answered when they are on the disk. */
export class Landing {
  readonly #sessions: Sessions;
  readonly #onLanded: () => void;
  readonly #waiting: Waiting[] = [];
  #writing = false;

  constructor(sessions: Sessions, onLanded: () => void) {
    this.#sessions = sessions;
    this.#onLanded = onLanded;
  }

  async land(columns: IntervalColumns): Promise<Landed> {
    if (columns.source.includes(intervalSources.indexOf('edited')))
      throw new Refusal('invalid', 'what a person edits is not landed, but edited with a reason');
    if (columns.meter.length === 0) throw new Refusal('invalid', 'there are no rows to land');
    return await new Promise((done, failed) => {
      this.#waiting.push({ columns, done, failed });
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const together = takeTogether(this.#waiting);
      try {
        const batch = await this.#sessions.write((session) =>
          landColumns(
            session,
            together.map(({ columns }) => columns),
          ),
        );
        for (const { columns, done } of together) done({ rows: columns.meter.length, batch });
        this.#onLanded();
      } catch (error) {
        for (const { failed } of together) failed(error);
      }
    }
    this.#writing = false;
  }
}

function takeTogether(waiting: Waiting[]): Waiting[] {
  let rows = 0;
  let count = 0;
  for (const { columns } of waiting) {
    rows += columns.meter.length;
    if (count > 0 && rows > maxRowsAtOnce) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

export async function nextBatch(session: WarehouseSession): Promise<bigint> {
  return (await session.row<{ batch: bigint }>(`SELECT nextval('batch') AS batch`)).batch;
}

/** Gives the number of the batch. */
export async function landColumns(session: WarehouseSession, all: readonly IntervalColumns[]): Promise<number> {
  const batch = await nextBatch(session);
  await append(session.connection, all, batch);
  const days = new Set<number>();
  for (const { startS } of all) for (const each of startS) days.add(Math.floor(each / daySeconds));
  await noteChangedDays(session, days, batch);
  return Number(batch);
}

const types = [
  UINTEGER,
  UINTEGER,
  USMALLINT,
  INTEGER,
  INTEGER,
  INTEGER,
  USMALLINT,
  UINTEGER,
  UTINYINT,
  UINTEGER,
  UBIGINT,
];

async function append(connection: DuckDBConnection, all: readonly IntervalColumns[], batch: bigint): Promise<void> {
  const appender = await connection.createAppender('landing');
  try {
    for (const columns of all) {
      const { length } = columns.meter;
      for (let from = 0; from < length; from += chunkRows) {
        const to = Math.min(length, from + chunkRows);
        const plain = (column: Uint32Array | Uint16Array | Uint8Array): number[] =>
          Array.from(column.subarray(from, to));
        const known = (column: Int32Array | Uint16Array, unknown: number): (number | null)[] =>
          Array.from(column.subarray(from, to), (value) => (value === unknown ? null : value));
        const chunk = DuckDBDataChunk.create(types, to - from);
        chunk.setColumns([
          plain(columns.meter),
          plain(columns.startS),
          plain(columns.lengthS),
          known(columns.importWh, unknownEnergy),
          known(columns.exportWh, unknownEnergy),
          known(columns.reactiveVarh, unknownEnergy),
          known(columns.voltageDv, unknownVoltage),
          plain(columns.flags),
          plain(columns.source),
          plain(columns.readS),
          Array.from({ length: to - from }, () => batch),
        ]);
        appender.appendDataChunk(chunk);
      }
    }
  } finally {
    appender.closeSync();
  }
}

/** As `noteChangedDays`, of the UTC days that have a part in this time. */
export async function noteChanges(session: WarehouseSession, { fromS, toS }: Span, batch: bigint): Promise<void> {
  const first = Math.floor(fromS / daySeconds);
  const count = Math.floor((toS - 1) / daySeconds) - first + 1;
  await noteChangedDays(session, new Set(Array.from({ length: count }, (_, index) => first + index)), batch);
}

/**
 * A day that was not seen before has changed as a whole; of others the meters of this batch are noted. Also where the whole day is noted: who computes it at
 * this moment does not see the rows of this batch, and takes away only the notes that they see.
 */
async function noteChangedDays(session: WarehouseSession, days: ReadonlySet<number>, batch: bigint): Promise<void> {
  const list = [...days].map((day) => `'${dayOf(day * daySeconds)}'::DATE`).join(', ');
  const known = await session.rows<{ day: string; whole: boolean }>(
    `SELECT day::VARCHAR AS day, EXISTS (FROM changed_day c WHERE c.day = d.day AND c.meter IS NULL) AS whole
     FROM interval_day d WHERE day IN (${list})`,
  );
  const seen = new Set(known.map(({ day }) => day));
  const partly = new Set(known.flatMap(({ day, whole }) => (whole ? [] : [day])));
  for (const day of days) {
    const name = dayOf(day * daySeconds);
    if (!seen.has(name)) await session.run(`INSERT INTO interval_day VALUES ($1::DATE, $2)`, [name, batch]);
    if (!partly.has(name)) {
      await session.run(`INSERT INTO changed_day VALUES ($1::DATE, NULL, $2)`, [name, batch]);
    } else {
      const fromS = day * daySeconds;
      await session.run(
        `INSERT INTO changed_day SELECT DISTINCT $1::DATE, meter, $2::UBIGINT FROM landing
         WHERE batch = $2 AND start_s >= ${fromS} AND start_s < ${fromS + daySeconds}`,
        [name, batch],
      );
    }
  }
}
