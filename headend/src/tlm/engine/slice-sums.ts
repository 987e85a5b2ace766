import type { Feeding } from './feeding.ts';

/** What customers of each load point took in a slice of an hour, and how much of the slice each meter covers. */
export type SliceSums = {
  /** `width` values a point, as below. Whole hours are exact in integers, shared ones are not whole. */
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

export const noReactive = -0x8000_0000;

/** SQL of the columns that are summed, over a relation of intervals. An interval without any energy tells nothing. */
export const summedColumns = `meter, coalesce(import_wh, 0)::INTEGER, coalesce(export_wh, 0)::INTEGER, coalesce(reactive_varh, ${noReactive})::INTEGER,
  coalesce(voltage_dv, 0)::INTEGER + least(length_s, 3600)::INTEGER * 65536 + (source IN (2, 3))::INTEGER * 268435456`;
export const summedShape = ['u32', 'i32', 'i32', 'i32', 'i32'] as const;
export const knownEnergy = '(import_wh IS NOT NULL OR export_wh IS NOT NULL)';
/** What of the warehouse's columns these need. */
export const neededColumns = [
  'meter',
  'start_s',
  'length_s',
  'import_wh',
  'export_wh',
  'reactive_varh',
  'voltage_dv',
  'source',
] as const;

type Summed = readonly [Uint32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Intervals that lie in the slice whole. This loop runs over every interval of every meter. */
export function addWhole(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, packed]: Summed,
): void {
  const known = pointOfMeter.length;
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    const at = meter < known ? pointOfMeter[meter]! * width : 0;
    if (at === 0) continue;
    const taken = imports[row]!;
    const reactive = reactives[row]!;
    const pack = packed[row]!;
    const voltage = pack & 0xffff;
    const lengthS = (pack >>> 16) & 0xfff;
    points[at + importWh]! += taken;
    points[at + exportWh]! += exports[row]!;
    if (reactive === noReactive) points[at + importAloneWh]! += taken;
    else points[at + reactiveVarh]! += reactive;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage;
      points[at + voltages]! += 1;
    }
    if (pack >>> 28 !== 0) points[at + estimatedS]! += lengthS;
    coveredS[meter]! += lengthS;
  }
}

/** Of intervals that begin at `starts` the part that lies in [fromS, toS): what was counted in them is shared by time. */
export function addShared(
  { points, coveredS }: SliceSums,
  { pointOfMeter }: Pick<Feeding, 'pointOfMeter'>,
  [meters, imports, exports, reactives, packed]: Summed,
  starts: Uint32Array,
  [fromS, toS]: readonly [number, number],
): void {
  for (let row = 0; row < meters.length; row += 1) {
    const meter = meters[row]!;
    const at = meter < pointOfMeter.length ? pointOfMeter[meter]! * width : 0;
    const pack = packed[row]!;
    const lengthS = (pack >>> 16) & 0xfff;
    const startS = starts[row]!;
    const insideS = Math.min(startS + lengthS, toS) - Math.max(startS, fromS);
    if (at === 0 || insideS <= 0) continue;
    const share = insideS / lengthS;
    const taken = imports[row]! * share;
    const reactive = reactives[row]!;
    const voltage = pack & 0xffff;
    points[at + importWh]! += taken;
    points[at + exportWh]! += exports[row]! * share;
    if (reactive === noReactive) points[at + importAloneWh]! += taken;
    else points[at + reactiveVarh]! += reactive * share;
    if (voltage !== 0) {
      points[at + voltageDv]! += voltage * insideS;
      points[at + voltages]! += insideS;
    }
    if (pack >>> 28 !== 0) points[at + estimatedS]! += insideS;
    coveredS[meter]! += insideS;
  }
}
