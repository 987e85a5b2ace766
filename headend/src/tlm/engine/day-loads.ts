import { DECIMAL, DOUBLE, FLOAT, INTEGER, LIST, UINTEGER, UTINYINT } from '@duckdb/node-api';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import type { OperatingDay } from '../run/operating-days.ts';
import { withColumns } from '../worker/columns.ts';
import type { ListColumn } from '../worker/columns.ts';
import { unknown, unknownThousandths } from '../worker/tables.ts';
import { place, secondaryWidth } from './element-sums.ts';
import type { ElementHearer } from './element-sums.ts';
import type { Feeding } from './feeding.ts';
import { HourMatrix, hoursOfDay } from './hour-matrix.ts';
import { DayParts } from './day-parts.ts';
import { loadColumns, wholeColumns } from './load-columns.ts';
import type { LoadColumn } from './load-columns.ts';

const hourS = 3_600;
const largest = 0x7fff_ffff;

/** The hours of one UTC day as they go into the table `load`: whole numbers, thousandths where it says so. */
export class DayLoads {
  readonly dayS: number;
  readonly #isSeen: Uint8Array;
  readonly #columns: Readonly<Record<LoadColumn, HourMatrix>>;
  #rows: Uint32Array | undefined;

  constructor(elements: number, dayS: number) {
    this.dayS = dayS;
    this.#isSeen = new Uint8Array(elements);
    this.#columns = Object.fromEntries(loadColumns.map((name) => [name, new HourMatrix(elements)])) as Record<
      LoadColumn,
      HourMatrix
    >;
  }

  /** Where the sums of an element in an hour are told. */
  hearer(hour: number, { phaseV, secondaryPhaseV }: Feeding['elements']): ElementHearer {
    const to = this.#hour(hour);
    const { import_wh: imports, export_wh: exports, active_w: active, reactive_var: reactive } = to;
    const { amps_a: a, amps_b: b, amps_c: c, secondary_a: secondaries, measured, estimated, missing } = to;
    const isSeen = this.#isSeen;
    this.#rows = undefined;
    return (element, values, at, secondary, from) => {
      const knownS = values[at + place.knownS]!;
      const estimatedS = values[at + place.estimatedS]!;
      const missingS = values[at + place.missingS]!;
      // Of an element at which nobody hung there is nothing to tell.
      if (knownS + missingS === 0) return;
      isSeen[element] = 1;
      const isKnown = values[at + place.unknownS] === 0;
      const exported = values[at + place.exportWh]!;
      imports[element] = whole(values[at + place.importWh]!);
      if (exported !== 0) exports[element] = whole(exported);
      active[element] = isKnown ? whole(values[at + place.activeWh]!) : unknown;
      reactive[element] = isKnown ? whole(values[at + place.reactiveVarh]!) : unknown;
      measured[element] = customers(knownS - estimatedS);
      if (estimatedS !== 0) estimated[element] = customers(estimatedS);
      if (missingS !== 0) missing[element] = customers(missingS);
      const ampereV = isKnown ? phaseV[element]! : 0;
      const of = at + place.ampereVah;
      a[element] = amperes(values[of]!, values[of + 1]!, ampereV);
      b[element] = amperes(values[of + 2]!, values[of + 3]!, ampereV);
      c[element] = amperes(values[of + 4]!, values[of + 5]!, ampereV);
      secondaries[element] = highest(secondary, from, isKnown ? secondaryPhaseV[element]! : 0);
    };
  }

  #hour(hour: number): Readonly<Record<LoadColumn, Int32Array>> {
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
  async write(session: WarehouseSession, days: readonly OperatingDay[]): Promise<void> {
    const { rows } = this;
    const element = { type: UINTEGER, values: rows };
    const lists = loadColumns.map((name): [string, ListColumn] => [
      name,
      {
        type: LIST(wholeColumns.has(name) ? INTEGER : DECIMAL(9, 3)),
        lists: (from, to) => this.#columns[name].lists(rows.subarray(from, to)),
      },
    ]);
    await withColumns(session.connection, { element, ...Object.fromEntries(lists) }, rows.length, async (relation) => {
      await session.run(
        `INSERT INTO tlm.load SELECT element, ${this.dayS}, ${loadColumns.join(', ')} FROM ${relation}`,
      );
    });
    for (const day of days) await this.#writePart(session, day);
  }

  async #writePart(session: WarehouseSession, { day, fromS, toS }: OperatingDay): Promise<void> {
    const parts = new DayParts(this.rows.length);
    for (let hour = 0; hour < hoursOfDay; hour += 1) {
      const startS = this.dayS + hour * hourS;
      if (startS >= fromS && startS < toS) parts.add(this.#columns, this.rows, { hour, startS });
    }
    const columns = {
      element: { type: UINTEGER, values: this.rows },
      is_seen: { type: UTINYINT, values: parts.isSeen },
      import_wh: { type: DOUBLE, values: parts.importWh },
      export_wh: { type: DOUBLE, values: parts.exportWh },
      peak_w: { type: INTEGER, values: parts.peakW },
      peak_w_s: { type: UINTEGER, values: parts.peakWS },
      peak_w_measured: { type: FLOAT, values: parts.peakWMeasured },
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
        ${known('w')}, ${known('a')} FROM ${relation} WHERE is_seen = 1`);
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

const whole = (value: number): number => Math.max(-largest, Math.min(largest, Math.round(value)));
const thousandths = (value: number): number => Math.min(999_999_999, Math.round(value * 1_000));
const customers = (seconds: number): number => thousandths(seconds / hourS);

/** In thousandths. */
function amperes(re: number, im: number, phaseV: number): number {
  if (re === 0 && im === 0 && phaseV !== 0) return 0;
  return phaseV === 0 ? unknownThousandths : thousandths(Math.sqrt(re * re + im * im) / phaseV);
}

function highest(secondary: Float64Array, from: number, phaseV: number): number {
  if (phaseV === 0) return unknownThousandths;
  let most = 0;
  for (let each = from; each < from + secondaryWidth; each += 2) {
    const square = secondary[each]! * secondary[each]! + secondary[each + 1]! * secondary[each + 1]!;
    if (square > most) most = square;
  }
  return thousandths(Math.sqrt(most) / phaseV);
}
