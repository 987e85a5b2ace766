import type { Feeding } from './feeding.ts';
import { isEstimated, none, voltageMask } from './hour-intervals.ts';
import type { HourIntervals } from './hour-intervals.ts';

/** What customers of each load point took in a slice of an hour, and how much of the slice each meter covers. */
export type SliceSums = {
  /** `width` values a point, as below; those of point 0 mean nothing. Whole hours are exact in integers, shared ones are not whole. */
  readonly points: Int32Array | Float64Array;
  readonly coveredS: Uint16Array;
};

export const width = 8;
/** The values of a point, by their place. */
export const importWh = 0;
export const exportWh = 1;
export const reactiveVarh = 2;
/** Import of those who count no reactive energy. */
export const importAloneWh = 3;
export const voltageDv = 4;
export const voltages = 5;
export const estimatedS = 6;
/** Seconds of customers for which anything is known. */
export const knownS = 7;

/** Intervals that lie in the slice whole. This loop runs over every interval of every meter. One without any energy tells nothing. */
export function addWhole(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  {
    rows,
    meters,
    importWh: imports,
    exportWh: exports,
    reactiveVarh: reactives,
    shown,
    lengthS: lengths,
  }: HourIntervals,
): void {
  const known = pointOfMeter.length;
  for (let row = 0; row < rows; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    if (meter >= known || (taken === none && given === none)) continue;
    const at = pointOfMeter[meter]! * width;
    const reactive = reactives[row]!;
    const voltage = shown[row]! & voltageMask;
    const lengthS = lengths[row]!;
    if (taken !== none) points[at + importWh]! += taken;
    if (given > 0) points[at + exportWh]! += given;
    if (reactive !== none) points[at + reactiveVarh]! += reactive;
    else if (taken !== none) points[at + importAloneWh]! += taken;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage;
      points[at + voltages]! += 1;
    }
    if (shown[row]! >= isEstimated) points[at + estimatedS]! += lengthS;
    points[at + knownS]! += lengthS;
    coveredS[meter]! += lengthS;
  }
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
