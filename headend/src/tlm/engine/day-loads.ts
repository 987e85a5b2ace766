import { DECIMAL, DOUBLE, FLOAT, INTEGER, LIST, UINTEGER, UTINYINT } from '@duckdb/node-api';
import type { LocalDay } from '../../mdw/local-days.ts';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { withColumns } from '../worker/columns.ts';
import type { ListColumn } from '../worker/columns.ts';
import { HourMatrix, hoursOfDay } from './hour-matrix.ts';
import { partsOf } from './day-parts.ts';
import type { DayParts } from './day-parts.ts';
import type { HourLoads } from './hour-loads.ts';
import { hourS } from './hour-sums.ts';
import { loadColumns, wholeColumns } from './load-columns.ts';
import type { LoadColumn } from './load-columns.ts';
import { sharedUint8 } from './shared-arrays.ts';

/** The hours of one UTC day as they go into the table `load`: whole numbers, thousandths where it says so. */
export class DayLoads {
  readonly dayS: number;
  readonly #isSeen: Uint8Array;
  readonly #columns: Readonly<Record<LoadColumn, HourMatrix>>;
  #rows: Uint32Array | undefined;

  constructor(elements: number, dayS: number) {
    this.dayS = dayS;
    this.#isSeen = sharedUint8(elements);
    this.#columns = Object.fromEntries(loadColumns.map((name) => [name, new HourMatrix(elements)])) as Record<
      LoadColumn,
      HourMatrix
    >;
  }

  /** Where an hour of all elements goes to. */
  hour(hour: number): HourLoads {
    this.#rows = undefined;
    return { columns: this.#columnsAt(hour), isSeen: this.#isSeen };
  }

  #columnsAt(hour: number): Record<LoadColumn, Int32Array> {
    return Object.fromEntries(loadColumns.map((name) => [name, this.#columns[name].hour(hour)])) as Record<
      LoadColumn,
      Int32Array
    >;
  }

  /** Elements at which anybody hung. */
  get rows(): Uint32Array {
    this.#rows ??= seen(this.#isSeen);
    return this.#rows;
  }

  /** Into `load`, and what it is of each operating day into `load_part`. Rows of before are not looked for. */
  async write(session: WarehouseSession, days: readonly LocalDay[]): Promise<void> {
    const { rows } = this;
    const element = { type: UINTEGER, values: rows };
    const lists = loadColumns.map((name): [string, ListColumn] => [
      name,
      {
        type: LIST(wholeColumns.has(name) ? INTEGER : DECIMAL(9, 3)),
        lists: (from, to) => this.#columns[name].lists(rows.subarray(from, to)),
      },
    ]);
    const columns = { element, ...Object.fromEntries(lists) };
    const inserting = withColumns(session.connection, columns, rows.length, async (relation) => {
      await session.run(
        `INSERT INTO tlm.load SELECT element, ${this.dayS}, ${loadColumns.join(', ')} FROM ${relation}`,
      );
    });
    const [parts] = await Promise.all([this.#partsOf(days), inserting]);
    for (const { day, part } of parts) await this.#writePart(session, day, part);
  }

  async #partsOf(days: readonly LocalDay[]): Promise<{ readonly day: string; readonly part: DayParts }[]> {
    const hours = Array.from({ length: hoursOfDay }, (_, hour) => ({ hour, startS: this.dayS + hour * hourS }));
    const parts = [];
    for (const { day, fromS, toS } of days) {
      const within = hours
        .filter(({ startS }) => startS >= fromS && startS < toS)
        .map(({ hour, startS }) => ({ startS, columns: this.#columnsAt(hour) }));
      parts.push({ day, part: await partsOf(this.rows, within) });
    }
    return parts;
  }

  async #writePart(session: WarehouseSession, day: string, parts: DayParts): Promise<void> {
    const columns = {
      element: { type: UINTEGER, values: this.rows },
      is_seen: { type: UTINYINT, values: parts.isSeen },
      import_wh: { type: DOUBLE, values: parts.importWh },
      export_wh: { type: DOUBLE, values: parts.exportWh },
      peak_w: { type: INTEGER, values: parts.peakW },
      peak_w_s: { type: UINTEGER, values: parts.peakWS },
      peak_w_measured: { type: FLOAT, values: parts.peakWMeasured },
      peak_va: { type: INTEGER, values: parts.peakVa },
      peak_va_s: { type: UINTEGER, values: parts.peakVaS },
      peak_va_measured: { type: FLOAT, values: parts.peakVaMeasured },
      peak_a: { type: DECIMAL(9, 3), values: parts.peakA },
      peak_a_s: { type: UINTEGER, values: parts.peakAS },
      peak_a_measured: { type: FLOAT, values: parts.peakAMeasured },
    };
    const known = (quantity: string): string =>
      ['', '_s', '_measured']
        .map((of) => `CASE WHEN peak_${quantity}_s <> 0 THEN peak_${quantity}${of} END`)
        .join(', ');
    await withColumns(session.connection, columns, this.rows.length, async (relation) => {
      await session.run(`INSERT INTO tlm.load_part SELECT element, '${day}', ${this.dayS}, import_wh::BIGINT, export_wh::BIGINT,
        ${known('w')}, ${known('va')}, ${known('a')} FROM ${relation} WHERE is_seen = 1`);
    });
  }
}

function seen(isSeen: Uint8Array): Uint32Array {
  let count = 0;
  for (const each of isSeen) count += each;
  const rows = new Uint32Array(count);
  let at = 0;
  for (let element = 0; element < isSeen.length; element += 1) if (isSeen[element] === 1) rows[at++] = element;
  return rows;
}
