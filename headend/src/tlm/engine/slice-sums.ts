import { intervalSources } from '../../mdw/interval-row.ts';
import { ruleBit } from '../../mdw/vee-rules.ts';
import type { Feeding } from './feeding.ts';

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

const none = -0x8000_0000;

/** Of intervals that cannot be: what was counted below zero, or for a time that another interval has as well. */
const impossible = ruleBit('negative') + ruleBit('overlap');

/**
 * SQL: the columns that are summed, of a relation of intervals; `none` where there is no number. `scaled`: some meters count in multiples.
 */
export function summedRows(relation: string, scaled: boolean, withStart: boolean): string {
  const energy = (column: string): string =>
    scaled
      ? `CASE WHEN ${column} IS NULL THEN ${none} ELSE round(${column} * coalesce(multiplier, 1)) END::INTEGER`
      : `coalesce(${column}, ${none})`;
  const from = scaled
    ? `${relation} LEFT JOIN (SELECT meter, multiplier FROM meter WHERE multiplier <> 1) USING (meter)`
    : relation;
  return `SELECT meter, ${energy('import_wh')}, ${energy('export_wh')}, ${energy('reactive_varh')}, coalesce(voltage_dv, 0::USMALLINT), length_s, source${withStart ? ', start_s' : ''}
    FROM ${from} WHERE (flags & ${impossible}) = 0`;
}
export const wholeShape = ['u32', 'i32', 'i32', 'i32', 'u16', 'u16', 'u8'] as const;
export const sharedShape = [...wholeShape, 'u32'] as const;
/** What of the warehouse's columns these need. */
export const neededColumns = [
  'meter',
  'start_s',
  'length_s',
  'import_wh',
  'export_wh',
  'reactive_varh',
  'voltage_dv',
  'flags',
  'source',
] as const;

type Whole = readonly [Uint32Array, Int32Array, Int32Array, Int32Array, Uint16Array, Uint16Array, Uint8Array];
type Shared = readonly [...Whole, Uint32Array];

/** Those of the sources that are no measurement. */
const profile = intervalSources.indexOf('profile');
const estimate = intervalSources.indexOf('estimate');

/** Intervals that lie in the slice whole. This loop runs over every interval of every meter. One without any energy tells nothing. */
export function addWhole(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, dv, lengths, sources]: Whole,
): void {
  const known = pointOfMeter.length;
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    if (meter >= known || (taken === none && given === none)) continue;
    const at = pointOfMeter[meter]! * width;
    const reactive = reactives[row]!;
    const voltage = dv[row]!;
    const lengthS = lengths[row]!;
    const source = sources[row]!;
    if (taken !== none) points[at + importWh]! += taken;
    if (given > 0) points[at + exportWh]! += given;
    if (reactive !== none) points[at + reactiveVarh]! += reactive;
    else if (taken !== none) points[at + importAloneWh]! += taken;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage;
      points[at + voltages]! += 1;
    }
    if (source === estimate || source === profile) points[at + estimatedS]! += lengthS;
    points[at + knownS]! += lengthS;
    coveredS[meter]! += lengthS;
  }
}

/** Of intervals the part that lies in [fromS, toS): what was counted in them is shared by time. */
export function addShared(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, dv, lengths, sources, starts]: Shared,
  [fromS, toS]: readonly [number, number],
): void {
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    const taken = imports[row]!;
    const given = exports[row]!;
    const lengthS = lengths[row]!;
    const startS = starts[row]!;
    const insideS = Math.min(startS + lengthS, toS) - Math.max(startS, fromS);
    if (meter >= pointOfMeter.length || insideS <= 0 || (taken === none && given === none)) continue;
    const at = pointOfMeter[meter]! * width;
    const share = insideS / lengthS;
    const reactive = reactives[row]!;
    const voltage = dv[row]!;
    const source = sources[row]!;
    if (taken !== none) points[at + importWh]! += taken * share;
    if (given > 0) points[at + exportWh]! += given * share;
    if (reactive !== none) points[at + reactiveVarh]! += reactive * share;
    else if (taken !== none) points[at + importAloneWh]! += taken * share;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage * insideS;
      points[at + voltages]! += insideS;
    }
    if (source === estimate || source === profile) points[at + estimatedS]! += insideS;
    points[at + knownS]! += insideS;
    coveredS[meter]! += insideS;
  }
}
