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

/**
 * Intervals that lie in the slice whole. This loop runs over every interval of every meter. One without any energy tells nothing. Gives the rows that
 * are for `withLarge`.
 */
export function addWhole(
  { points, coveredS }: WholeSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  intervals: HourIntervals,
  far: FarRows,
): readonly number[] {
  const { rows, meters, importWh: imports, exportWh: exports, reactiveVarh: reactives, shown, lengthS } = intervals;
  const known = pointOfMeter.length;
  const large: number[] = [];
  let here = 0;
  let elsewhere = 0;
  for (let row = 0; row < rows; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    const reactive = reactives[row]!;
    if (meter >= known || (isNone(taken) & isNone(given)) === 1) continue;
    if (!isWithin(summableWh, taken, given, reactive)) {
      if (isWithin(mostWh, taken, given, reactive)) large.push(row);
      continue;
    }
    const at = pointOfMeter[meter]! * width;
    coveredS[meter]! += lengthS[row]!;
    if (at - here < near && here - at < near) {
      here = at;
      elsewhere = 0;
      addEnergies(points, at, taken, given, reactive);
      addShown(points, at, shown[row]!, lengthS[row]!);
    } else {
      far.put(points, at, intervals, row);
      elsewhere += 1;
      if (elsewhere > moved) here = at;
    }
  }
  far.addAll(points);
  return large;
}

/** Adds rows that are too large for whole numbers of 32 bits, where many of them meet, to what the others came to. */
export function withLarge(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  intervals: HourIntervals,
  large: readonly number[],
): SliceSums {
  const sums = Float64Array.from(points);
  for (const row of large) {
    const meter = intervals.meters[row]!;
    const at = pointOfMeter[meter]! * width;
    const noReactive = isNone(intervals.reactiveVarh[row]!);
    const imported = orZero(intervals.importWh[row]!);
    sums[at + importWh]! += imported;
    sums[at + exportWh]! += Math.max(0, orZero(intervals.exportWh[row]!));
    sums[at + reactiveVarh + noReactive]! += noReactive === 1 ? imported : intervals.reactiveVarh[row]!;
    const shows = intervals.shown[row]!;
    const seconds = intervals.lengthS[row]!;
    sums[at + voltageDv]! += shows & voltageMask;
    sums[at + voltages]! += (shows & voltageMask) === 0 ? 0 : 1;
    sums[at + estimatedS]! += shows >= isEstimated ? seconds : 0;
    sums[at + knownS]! += seconds;
    coveredS[meter]! += seconds;
  }
  return { points: sums, coveredS };
}

/** More of it than there can be tells nothing; it may be a row that validation has not seen yet. */
const { mostWh } = veeLimits;
/** Of rows up to this a load point can take hundreds an hour into whole numbers of 32 bits: more than hang at any with so much each. */
const summableWh = 4_000_000;

const isWithin = (limitWh: number, taken: number, given: number, reactive: number): boolean =>
  isFew(limitWh, orZero(taken)) && isFew(limitWh, orZero(given)) && isFew(limitWh, orZero(reactive));
const isFew = (limitWh: number, energy: number): boolean => energy <= limitWh && energy >= -limitWh;

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
    if (meter >= pointOfMeter.length || insideS <= 0 || (taken === none && given === none)) continue;
    if (!isWithin(mostWh, taken, given, reactives[row]!)) continue;
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
