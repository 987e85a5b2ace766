import { DECIMAL, INTEGER, UINTEGER } from '@duckdb/node-api';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { withColumns } from '../worker/columns.ts';
import type { NumberArray } from '../worker/columns.ts';
import type { ElementSums } from './element-sums.ts';
import { elementWidth, place, secondaryWidth } from './element-sums.ts';
import type { Feeding } from './feeding.ts';

const unknown = -0x8000_0000;
/** The same in a column of thousandths. */
const unknownThousandths = -999_999_999;
const largest = 0x7fff_ffff;
const hourS = 3_600;

/** One hour as it goes into `load_hour`: numbers as the table has them, thousandths where it says so. */
export class HourRows {
  readonly element: Uint32Array;
  readonly importWh: Int32Array;
  readonly exportWh: Int32Array;
  readonly activeW: Int32Array;
  readonly reactiveVar: Int32Array;
  readonly amps: readonly [Int32Array, Int32Array, Int32Array];
  readonly secondaryA: Int32Array;
  readonly measured: Int32Array;
  readonly estimated: Int32Array;
  readonly missing: Int32Array;
  count = 0;

  constructor(elements: number) {
    this.element = new Uint32Array(elements);
    this.importWh = new Int32Array(elements);
    this.exportWh = new Int32Array(elements);
    this.activeW = new Int32Array(elements);
    this.reactiveVar = new Int32Array(elements);
    this.amps = [new Int32Array(elements), new Int32Array(elements), new Int32Array(elements)];
    this.secondaryA = new Int32Array(elements);
    this.measured = new Int32Array(elements);
    this.estimated = new Int32Array(elements);
    this.missing = new Int32Array(elements);
  }

  /** Of elements at which nobody hung there is nothing to tell. */
  take({ values, secondary }: ElementSums, { elements }: Pick<Feeding, 'elements'>): void {
    this.count = 0;
    for (let element = 1; element < elements.phaseV.length; element += 1) {
      const at = element * elementWidth;
      const knownS = values[at + place.knownS]!;
      const missingS = values[at + place.missingS]!;
      if (knownS + missingS === 0) continue;
      const row = this.count;
      this.count += 1;
      this.element[row] = element;
      this.importWh[row] = whole(values[at + place.importWh]!);
      this.exportWh[row] = whole(values[at + place.exportWh]!);
      const estimatedS = values[at + place.estimatedS]!;
      this.measured[row] = customers(knownS - estimatedS);
      this.estimated[row] = customers(estimatedS);
      this.missing[row] = customers(missingS);
      const isKnown = values[at + place.unknownS] === 0;
      this.activeW[row] = isKnown ? whole(values[at + place.activeWh]!) : unknown;
      this.reactiveVar[row] = isKnown ? whole(values[at + place.reactiveVarh]!) : unknown;
      this.#amperes(row, values, at + place.ampereVah, isKnown ? elements.phaseV[element]! : 0);
      this.secondaryA[row] = isKnown
        ? highest(secondary, element * secondaryWidth, elements.secondaryPhaseV[element]!)
        : unknownThousandths;
    }
  }

  #amperes(row: number, values: Float64Array, at: number, phaseV: number): void {
    for (const [index, column] of this.amps.entries()) {
      const from = at + 2 * index;
      column[row] =
        phaseV === 0 ? unknownThousandths : thousandths(magnitude(values[from]!, values[from + 1]!) / phaseV);
    }
  }

  async write(session: WarehouseSession, hourStartS: number): Promise<void> {
    const integer = (values: NumberArray) => ({ type: INTEGER, values: values.subarray(0, this.count) });
    const decimal = (values: NumberArray) => ({ type: DECIMAL(9, 3), values: values.subarray(0, this.count) });
    const columns = {
      element: { type: UINTEGER, values: this.element.subarray(0, this.count) },
      import_wh: integer(this.importWh),
      export_wh: integer(this.exportWh),
      active_w: integer(this.activeW),
      reactive_var: integer(this.reactiveVar),
      amps_a: decimal(this.amps[0]),
      amps_b: decimal(this.amps[1]),
      amps_c: decimal(this.amps[2]),
      secondary_a: decimal(this.secondaryA),
      measured: decimal(this.measured),
      estimated: decimal(this.estimated),
      missing: decimal(this.missing),
    };
    const known = (name: string): string => `nullif(${name}, ${unknown})`;
    const knownA = (name: string): string => `nullif(${name}, ${unknownThousandths / 1_000})`;
    await withColumns(session.connection, columns, this.count, async (relation) => {
      await session.run(`INSERT INTO tlm.load_hour
        SELECT element, ${hourStartS}, import_wh, export_wh, ${known('active_w')}, ${known('reactive_var')},
          ${knownA('amps_a')}, ${knownA('amps_b')}, ${knownA('amps_c')}, ${knownA('secondary_a')}, measured, estimated, missing FROM ${relation}`);
    });
  }
}

const magnitude = (re: number, im: number): number => Math.sqrt(re * re + im * im);
const whole = (value: number): number => Math.max(-largest, Math.min(largest, Math.round(value)));
const thousandths = (value: number): number => Math.min(999_999_999, Math.round(value * 1_000));
const customers = (seconds: number): number => thousandths(seconds / hourS);

function highest(secondary: Float64Array, from: number, phaseV: number): number {
  if (phaseV === 0) return unknownThousandths;
  let most = 0;
  for (let each = from; each < from + secondaryWidth; each += 2)
    most = Math.max(most, magnitude(secondary[each]!, secondary[each + 1]!));
  return thousandths(most / phaseV);
}
