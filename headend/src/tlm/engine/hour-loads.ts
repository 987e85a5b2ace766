import { unknown, unknownThousandths } from '../worker/tables.ts';
import { place, secondaryWidth } from './element-sums.ts';
import type { ElementHearer } from './element-sums.ts';
import type { Feeding } from './feeding.ts';
import { hourS } from './hour-sums.ts';
import type { LoadColumn } from './load-columns.ts';

/** An hour as it goes into the table `load`, by element, in memory that several threads see. */
export type HourLoads = {
  readonly columns: Readonly<Record<LoadColumn, Int32Array>>;
  /** 1: anybody hung there in any hour of the day. */
  readonly isSeen: Uint8Array;
};

const largest = 0x7fff_ffff;

/** Hears the sums of elements in an hour and writes them down. */
export function loadHearer(
  { columns, isSeen }: HourLoads,
  { phaseV, secondaryPhaseV }: Feeding['elements'],
): ElementHearer {
  const { import_wh: imports, export_wh: exports, active_w: active, reactive_var: reactive } = columns;
  const { amps_a: a, amps_b: b, amps_c: c, secondary_a: secondaries, measured, estimated, missing } = columns;
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
