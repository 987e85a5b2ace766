import { veeLimits } from '../../mdw/vee-rules.ts';
import type { Feeding } from './feeding.ts';
import { isEstimated, none, voltageMask } from './hour-intervals.ts';
import type { HourIntervals } from './hour-intervals.ts';

/** What customers of each load point took in a slice of an hour, and how much of the slice each meter covers. */
export type SliceSums = {
  /** `width` values a point, as below; those of point 0 mean nothing. Whole hours are exact in integers, shared ones are not whole. */
  readonly points: Int32Array | Float64Array;
  readonly coveredS: Uint16Array;
};
/** Of whole hours, in memory that several threads may see. */
export type WholeSums = SliceSums & { readonly points: Int32Array };

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

/** A row that is too large for whole numbers of 32 bits, where many of them meet. */
export type LargeRow = {
  readonly meter: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly reactiveVarh: number;
  readonly shown: number;
  readonly lengthS: number;
};

/**
 * Intervals that lie in the slice whole, some of an hour's. These loops run over every interval of every meter. One without any energy tells nothing.
 * `places` is memory for one number a row, and one more; `large` is given the rows that are for `withLarge`.
 */
export function addWhole(
  { points, coveredS }: WholeSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  intervals: HourIntervals,
  places: Int32Array,
  large: LargeRow[],
): void {
  const { rows, meters, importWh: imports, exportWh: exports, reactiveVarh: reactives, shown, lengthS } = intervals;
  findPlaces(points, pointOfMeter, intervals, places);
  for (let row = 0; row < rows; row += 1) {
    const at = places[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    const reactive = reactives[row]!;
    if (at === nowhere || (isNone(taken) & isNone(given)) === 1) continue;
    if (!isSummable(taken) || !isSummable(given) || !isSummable(reactive)) {
      if (isWithin(mostWh, taken, given, reactive)) large.push(rowOf(intervals, row));
      continue;
    }
    const seconds = lengthS[row]!;
    coveredS[meters[row]!]! += seconds;
    addEnergies(points, at, taken, given, reactive);
    addShown(points, at, shown[row]!, seconds);
  }
}

const nowhere = -1;

/**
 * Where the sums of each row's load point begin. Meters are numbered as they were bought, not along the street, so that many of those lie far from the ones
 * before; looked at here, where nothing has to wait for what is there, they are near once they are added to.
 */
function findPlaces(
  points: Int32Array,
  pointOfMeter: Uint32Array,
  { rows, meters }: HourIntervals,
  places: Int32Array,
): void {
  let seen = 0;
  for (let row = 0; row < rows; row += 1) {
    const meter = meters[row]!;
    const at = meter < pointOfMeter.length ? pointOfMeter[meter]! * width : nowhere;
    places[row] = at;
    seen |= at === nowhere ? 0 : points[at]!;
  }
  // Else nobody would have to look.
  places[rows] = seen;
}

const rowOf = (intervals: HourIntervals, row: number): LargeRow => ({
  meter: intervals.meters[row]!,
  importWh: intervals.importWh[row]!,
  exportWh: intervals.exportWh[row]!,
  reactiveVarh: intervals.reactiveVarh[row]!,
  shown: intervals.shown[row]!,
  lengthS: intervals.lengthS[row]!,
});

/** Adds rows that are too large for whole numbers of 32 bits, where many of them meet, to what the others came to. */
export function withLarge(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  large: readonly LargeRow[],
): SliceSums {
  const sums = Float64Array.from(points);
  for (const { meter, importWh: taken, exportWh: given, reactiveVarh: reactive, shown, lengthS } of large) {
    const at = pointOfMeter[meter]! * width;
    const noReactive = isNone(reactive);
    const imported = orZero(taken);
    sums[at + importWh]! += imported;
    sums[at + exportWh]! += Math.max(0, orZero(given));
    sums[at + reactiveVarh + noReactive]! += noReactive === 1 ? imported : reactive;
    const voltage = shown & voltageMask;
    sums[at + voltageDv]! += voltage;
    sums[at + voltages]! += voltage === 0 ? 0 : 1;
    sums[at + estimatedS]! += shown >= isEstimated ? lengthS : 0;
    sums[at + knownS]! += lengthS;
    coveredS[meter]! += lengthS;
  }
  return { points: sums, coveredS };
}

/** More of it than there can be tells nothing; it may be a row that validation has not seen yet. */
const { mostWh } = veeLimits;
/** Of rows up to this a load point can take hundreds an hour into whole numbers of 32 bits: more than hang at any with so much each. */
const summableWh = 4_000_000;

const isWithin = (limitWh: number, taken: number, given: number, reactive: number): boolean =>
  isFew(limitWh, orZero(taken)) && isFew(limitWh, orZero(given)) && isFew(limitWh, orZero(reactive));
/** By one comparison; what is none, too. */
const isSummable = (energy: number): boolean => (energy + summableWh) >>> 0 <= 2 * summableWh || energy === none;
const isFew = (limitWh: number, energy: number): boolean => energy <= limitWh && energy >= -limitWh;

/** 1: there is no number. By arithmetic: who counts what follows no order, so that a processor would guess a branch wrong half of the time. */
function isNone(energy: number): number {
  const other = energy ^ none;
  return ((other | -other) >>> 31) ^ 1;
}

const orZero = (energy: number): number => energy & (isNone(energy) - 1);

function addEnergies(points: Int32Array, at: number, taken: number, given: number, reactive: number): void {
  const noReactive = isNone(reactive);
  const imported = orZero(taken);
  const exported = orZero(given);
  points[at + importWh]! += imported;
  if (exported > 0) points[at + exportWh]! += exported;
  // Without reactive energy it is the import that has the next place.
  points[at + reactiveVarh + noReactive]! += orZero(reactive) | (imported & -noReactive);
}

function addShown(points: Int32Array, at: number, shown: number, lengthS: number): void {
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
