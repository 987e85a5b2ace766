import { customerKinds } from '../topology/load-topology.ts';
import type { Feeding } from './feeding.ts';
import { assumedTangents } from './power-factor.ts';
import { exportWh, importAloneWh, importWh, reactiveVarh, width } from './slice-sums.ts';
import type { SliceSums } from './slice-sums.ts';

/** What is put in for customers whose meters tell nothing, by load point. */
export type Missing = {
  readonly wh: Float64Array;
  readonly varh: Float64Array;
  /** Seconds of customers without a value; the second column of those for whom nobody stands in. */
  readonly missingS: Float64Array;
  readonly unknownS: Float64Array;
};

const kinds = customerKinds.length;

/**
 * Who is missing takes what customers like them take at the same time: those of their kind on their circuit, by size. Where of
 * a kind nobody is measured there, all kinds stand in if the sizes of both are in watts; else nobody does, and the value is not known:
 * a factory among homes is not a home. What is put in depends on the circuit alone.
 */
export function fillMissing({ points, coveredS }: SliceSums, feeding: Feeding, sliceS: number, missing: Missing): void {
  for (const each of Object.values(missing)) each.fill(0);
  const classes = classSums(points, feeding);
  const { pointOfMeter, sizeOfMeter } = feeding;
  const { circuit, customerKind } = feeding.points;
  const { circuitPlace } = feeding.elements;
  const absent: number[] = [];
  for (let meter = 1; meter < pointOfMeter.length; meter += 1) {
    const point = pointOfMeter[meter]!;
    if (point === 0) continue;
    const known = coveredS[meter]!;
    if (known > 0) {
      const at = circuitPlace[circuit[point]!]! * kinds + customerKind[point]!;
      classes.size[at] = classes.size[at]! + sizeOfMeter[meter]! * known;
    }
    if (known < sliceS) absent.push(meter);
  }
  for (const meter of absent) {
    const point = pointOfMeter[meter]!;
    const seconds = sliceS - coveredS[meter]!;
    missing.missingS[point] = missing.missingS[point]! + seconds;
    const rate = rateOf(classes, circuitPlace[circuit[point]!]!, customerKind[point]!, feeding.isSized);
    if (rate === undefined) {
      missing.unknownS[point] = missing.unknownS[point]! + seconds;
      continue;
    }
    const taken = sizeOfMeter[meter]! * seconds;
    missing.wh[point] = missing.wh[point]! + taken * rate.wh;
    missing.varh[point] = missing.varh[point]! + taken * rate.varh;
  }
}

/** By circuit and kind: what is known, and of how much size by seconds. */
type ClassSums = { readonly wh: Float64Array; readonly varh: Float64Array; readonly size: Float64Array };

function classSums(points: SliceSums['points'], feeding: Feeding): ClassSums {
  const { circuit, customerKind } = feeding.points;
  const { circuitPlace } = feeding.elements;
  const length = (feeding.circuits + 1) * kinds;
  const classes = { wh: new Float64Array(length), varh: new Float64Array(length), size: new Float64Array(length) };
  for (let point = 1; point < circuit.length; point += 1) {
    const at = point * width;
    const kind = customerKind[point]!;
    const to = circuitPlace[circuit[point]!]! * kinds + kind;
    classes.wh[to] = classes.wh[to]! + points[at + importWh]! - points[at + exportWh]!;
    classes.varh[to] =
      classes.varh[to]! + points[at + reactiveVarh]! + points[at + importAloneWh]! * assumedTangents[kind]!;
  }
  return classes;
}

function rateOf(
  { wh, varh, size }: ClassSums,
  circuit: number,
  kind: number,
  isSized: readonly boolean[],
): { wh: number; varh: number } | undefined {
  const own = circuit * kinds + kind;
  if (size[own]! > 0) return { wh: wh[own]! / size[own]!, varh: varh[own]! / size[own]! };
  if (isSized[kind] !== true) return undefined;
  const sums = [0, 0, 0];
  for (let each = 0; each < kinds; each += 1) {
    const at = circuit * kinds + each;
    if (isSized[each] !== true) continue;
    sums[0] = sums[0]! + wh[at]!;
    sums[1] = sums[1]! + varh[at]!;
    sums[2] = sums[2]! + size[at]!;
  }
  return sums[2]! > 0 ? { wh: sums[0]! / sums[2]!, varh: sums[1]! / sums[2]! } : undefined;
}
