import { veeLimits } from '../../mdw/vee-rules.ts';
import type { FarRows } from './far-rows.ts';
import type { Feeding } from './feeding.ts';
import { isEstimated, none, voltageMask } from './hour-intervals.ts';
import type { HourIntervals } from './hour-intervals.ts';

/** What customers of each load point took in a slice of an hour, and how much of the slice each meter covers. */
export type SliceSums = {
  /** `width` values a point, as below; those of point 0 mean nothing. Whole hours are exact in integers, shared ones are not whole. */
  readonly points: Int32Array | Float64Array;
  readonly coveredS: Uint16Array;
};
type WholeSums = SliceSums & { readonly points: Int32Array };

export const width = 8;
/** The values of a point, by their place. */
export const importWh = 0;
export const exportWh = 1;
export const reactiveVarh = 2;
/** Import of those who count no reactive energy: the place after it. */
export const importAloneWh = 3;
export const voltageDv = 4;
export const voltages = 5;
export const estimatedS = 6;
/** Seconds of customers for which anything is known. */
export const knownS = 7;

/** Places of load points so near each other lie near in memory. */
const near = 1 << 16;
/** After so many rows elsewhere, elsewhere is where the rows are. */
const moved = 8;

/** Intervals that lie in the slice whole. This loop runs over every interval of every meter. One without any energy tells nothing. */
export function addWhole(
  { points, coveredS }: WholeSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  intervals: HourIntervals,
  far: FarRows,
): void {
  const { rows, meters, importWh: imports, exportWh: exports, reactiveVarh: reactives, shown, lengthS } = intervals;
  const known = pointOfMeter.length;
  let here = 0;
  let elsewhere = 0;
  for (let row = 0; row < rows; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    if (meter >= known || !isPossible(taken, given, reactives[row]!)) continue;
    const at = pointOfMeter[meter]! * width;
    coveredS[meter]! += lengthS[row]!;
    if (at - here < near && here - at < near) {
      here = at;
      elsewhere = 0;
      addEnergies(points, at, taken, given, reactives[row]!);
      addShown(points, at, shown[row]!, lengthS[row]!);
    } else {
      far.put(points, at, intervals, row);
      elsewhere += 1;
      if (elsewhere > moved) here = at;
    }
  }
  far.addAll(points);
}

/** Without energy, or with more of it than there can be, a row tells nothing; it may be one that validation has not seen yet. Sums stay within their bounds by it. */
const isPossible = (taken: number, given: number, reactive: number): boolean =>
  (isNone(taken) & isNone(given)) === 0 && isFew(orZero(taken)) && isFew(orZero(given)) && isFew(orZero(reactive));

const { mostWh } = veeLimits;
const isFew = (energy: number): boolean => energy <= mostWh && energy >= -mostWh;

/** 1: there is no number. By arithmetic: who counts what follows no order, so that a processor would guess a branch wrong half of the time. */
function isNone(energy: number): number {
  const other = energy ^ none;
  return ((other | -other) >>> 31) ^ 1;
}

const orZero = (energy: number): number => energy & (isNone(energy) - 1);

export function addEnergies(points: Int32Array, at: number, taken: number, given: number, reactive: number): void {
  const noReactive = isNone(reactive);
  const imported = orZero(taken);
  const exported = orZero(given);
  points[at + importWh]! += imported;
  if (exported > 0) points[at + exportWh]! += exported;
  // Without reactive energy it is the import that has the next place.
  points[at + reactiveVarh + noReactive]! += orZero(reactive) | (imported & -noReactive);
}

export function addShown(points: Int32Array, at: number, shown: number, lengthS: number): void {
  const voltage = shown & voltageMask;
  if (voltage !== 0) {
    points[at + voltageDv]! += voltage;
    points[at + voltages]! += 1;
  }
  if (shown >= isEstimated) points[at + estimatedS]! += lengthS;
  points[at + knownS]! += lengthS;
}

/** Of intervals the part that lies in [fromS, toS): what was counted in them is shared by time. */
export function addShared(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  intervals: HourIntervals,
  [fromS, toS]: readonly [number, number],
): void {
  const { meters, importWh: imports, exportWh: exports, reactiveVarh: reactives, shown } = intervals;
  for (let row = 0; row < intervals.rows; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    const lengthS = intervals.lengthS[row]!;
    const startS = intervals.startS[row]!;
    const insideS = Math.min(startS + lengthS, toS) - Math.max(startS, fromS);
    if (meter >= pointOfMeter.length || insideS <= 0 || !isPossible(taken, given, reactives[row]!)) continue;
    const at = pointOfMeter[meter]! * width;
    const share = insideS / lengthS;
    const reactive = reactives[row]!;
    const voltage = shown[row]! & voltageMask;
    if (taken !== none) points[at + importWh]! += taken * share;
    if (given > 0) points[at + exportWh]! += given * share;
    if (reactive !== none) points[at + reactiveVarh]! += reactive * share;
    else if (taken !== none) points[at + importAloneWh]! += taken * share;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage * insideS;
      points[at + voltages]! += insideS;
    }
    if (shown[row]! >= isEstimated) points[at + estimatedS]! += insideS;
    points[at + knownS]! += insideS;
    coveredS[meter]! += insideS;
  }
}
