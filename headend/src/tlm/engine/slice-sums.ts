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

export const noReactive = -0x8000_0000;

/** Of intervals that cannot be: what was counted below zero, or for a time that another interval has as well. */
const impossible = ruleBit('negative') + ruleBit('overlap');

/**
 * SQL: the columns that are summed, of a relation of intervals. One without any energy tells nothing, nor does one that cannot be. `scaled`: some
 * meters count in multiples.
 */
export function summedRows(relation: string, scaled: boolean, withStart: boolean): string {
  const energy = (column: string, otherwise: number): string => {
    const known = `coalesce(${column}, ${otherwise})`;
    return scaled
      ? `CASE WHEN ${column} IS NULL THEN ${otherwise} ELSE round(${column} * coalesce(multiplier, 1)) END::INTEGER`
      : `${known}::INTEGER`;
  };
  // One column in place of three: each is looked at some thousand times an hour, from a thread that has more to do than DuckDB's.
  const marks =
    'coalesce(voltage_dv, 0)::INTEGER + least(length_s, 3600)::INTEGER * 65536 + (source IN (2, 3))::INTEGER * 268435456';
  const from = scaled
    ? `${relation} LEFT JOIN (SELECT meter, multiplier FROM meter WHERE multiplier <> 1) USING (meter)`
    : relation;
  return `SELECT meter, ${energy('import_wh', 0)}, ${energy('export_wh', 0)}, ${energy('reactive_varh', noReactive)}, ${marks}${withStart ? ', start_s' : ''}
    FROM ${from} WHERE (import_wh IS NOT NULL OR export_wh IS NOT NULL) AND (flags & ${impossible}) = 0`;
}
export const wholeShape = ['u32', 'i32', 'i32', 'i32', 'i32'] as const;
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

type Whole = readonly [Uint32Array, Int32Array, Int32Array, Int32Array, Int32Array];
type Shared = readonly [...Whole, Uint32Array];

/** Intervals that lie in the slice whole. This loop runs over every interval of every meter. */
export function addWhole(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, marks]: Whole,
): void {
  const known = pointOfMeter.length;
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    if (meter >= known) continue;
    const at = pointOfMeter[meter]! * width;
    const taken = imports[row]!;
    const reactive = reactives[row]!;
    const mark = marks[row]!;
    const voltage = mark & 0xffff;
    const lengthS = (mark >>> 16) & 0xfff;
    points[at + importWh]! += taken;
    points[at + exportWh]! += exports[row]!;
    if (reactive === noReactive) points[at + importAloneWh]! += taken;
    else points[at + reactiveVarh]! += reactive;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage;
      points[at + voltages]! += 1;
    }
    if (mark >>> 28 !== 0) points[at + estimatedS]! += lengthS;
    points[at + knownS]! += lengthS;
    coveredS[meter]! += lengthS;
  }
}

/** Of intervals the part that lies in [fromS, toS): what was counted in them is shared by time. */
export function addShared(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, marks, starts]: Shared,
  [fromS, toS]: readonly [number, number],
): void {
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    const mark = marks[row]!;
    const lengthS = (mark >>> 16) & 0xfff;
    const startS = starts[row]!;
    const insideS = Math.min(startS + lengthS, toS) - Math.max(startS, fromS);
    if (meter >= pointOfMeter.length || insideS <= 0) continue;
    const at = pointOfMeter[meter]! * width;
    const share = insideS / lengthS;
    const taken = imports[row]! * share;
    const reactive = reactives[row]!;
    const voltage = mark & 0xffff;
    points[at + importWh]! += taken;
    points[at + exportWh]! += exports[row]! * share;
    if (reactive === noReactive) points[at + importAloneWh]! += taken;
    else points[at + reactiveVarh]! += reactive * share;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage * insideS;
      points[at + voltages]! += insideS;
    }
    if (mark >>> 28 !== 0) points[at + estimatedS]! += insideS;
    points[at + knownS]! += insideS;
    coveredS[meter]! += insideS;
  }
}
