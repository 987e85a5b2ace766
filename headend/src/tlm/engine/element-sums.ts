import { serviceWidth } from './feeding.ts';
import type { Feeding, Services } from './feeding.ts';
import type { Missing } from './missing-customers.ts';
import { assumedTangents } from './power-factor.ts';
import {
  estimatedS,
  exportWh,
  importAloneWh,
  importWh,
  reactiveVarh,
  voltageDv,
  voltages,
  width,
} from './slice-sums.ts';
import type { SliceSums } from './slice-sums.ts';

/** Sums of an hour by element: `elementWidth` values each, as below. */
export type ElementSums = {
  readonly values: Float64Array;
  /** Of transformers: complex VAh on three conductors between them and their customers. */
  readonly secondary: Float64Array;
};

export const elementWidth = 16;
/** The values of an element, by their place. */
export const place = {
  importWh: 0,
  exportWh: 1,
  /** With what was put in for those who are missing. */
  activeWh: 2,
  reactiveVarh: 3,
  /** Complex power by phase over voltage in parts of the nominal one, re and im: what makes amperes. */
  ampereVah: 4,
  knownS: 10,
  estimatedS: 11,
  missingS: 12,
  unknownS: 13,
} as const;
export const secondaryWidth = 6;

export function emptySums(elements: number): ElementSums {
  return {
    values: new Float64Array((elements + 1) * elementWidth),
    secondary: new Float64Array((elements + 1) * secondaryWidth),
  };
}

/** A meter that shows less or more of its nominal voltage than this shows something else. */
const believableVoltagePu = { min: 0.8, max: 1.2 };

/**
 * Adds what customers took in a slice to their transformer's conductors, their segment, their circuit and the carrier at which they hang.
 */
export function addPoints(
  { values, secondary }: ElementSums,
  { points }: SliceSums,
  feeding: Feeding,
  missing: Missing,
  sliceS: number,
): void {
  const { transformer, segment, customerKind, service, circuit, carrier } = feeding.points;
  const { services } = feeding;
  const row = new Float64Array(elementWidth);
  for (let point = 1; point < transformer.length; point += 1) {
    const customers = feeding.metersOfPoint[point]! * sliceS;
    if (customers === 0) continue;
    const at = point * width;
    const imported = points[at + importWh]!;
    const exported = points[at + exportWh]!;
    const activeWh = imported - exported + missing.wh[point]!;
    const reactive =
      points[at + reactiveVarh]! +
      points[at + importAloneWh]! * assumedTangents[customerKind[point]!]! +
      missing.varh[point]!;
    const voltageCount = points[at + voltages]!;
    const from = service[point]! * serviceWidth;
    const pu = voltageCount === 0 ? 1 : voltagePu(services, from, points[at + voltageDv]! / voltageCount / 10);
    const re = activeWh / pu;
    const im = reactive / pu;
    row[place.importWh] = imported;
    row[place.exportWh] = exported;
    row[place.activeWh] = activeWh;
    row[place.reactiveVarh] = reactive;
    for (let each = 0; each < 6; each += 2) {
      const shareRe = services[from + each]!;
      const shareIm = services[from + each + 1]!;
      row[place.ampereVah + each] = shareRe * re - shareIm * im;
      row[place.ampereVah + each + 1] = shareRe * im + shareIm * re;
    }
    const missingS = missing.missingS[point]!;
    row[place.knownS] = customers - missingS;
    row[place.estimatedS] = points[at + estimatedS]!;
    row[place.missingS] = missingS;
    row[place.unknownS] = missing.unknownS[point]!;
    addRow(values, row, carrier[point]!);
    addRow(values, row, segment[point]!);
    addRow(values, row, circuit[point]!);
    addSecondary(secondary, services, [transformer[point]!, from + 6], re, im);
  }
}

function addRow(values: Float64Array, row: Float64Array, element: number): void {
  if (element === 0) return;
  const to = element * elementWidth;
  for (let each = 0; each < 14; each += 1) values[to + each]! += row[each]!;
}

function addSecondary(
  secondary: Float64Array,
  services: Services,
  [transformer, from]: readonly [number, number],
  re: number,
  im: number,
): void {
  if (transformer === 0) return;
  const to = transformer * secondaryWidth;
  for (let each = 0; each < 6; each += 2) {
    const shareRe = services[from + each]!;
    const shareIm = services[from + each + 1]!;
    secondary[to + each]! += shareRe * re - shareIm * im;
    secondary[to + each + 1]! += shareRe * im + shareIm * re;
  }
}

/** In parts of the nominal voltage that is nearest; 1 where it is near none, or none is known. */
function voltagePu(services: Services, from: number, voltageV: number): number {
  const first = services[from + 12]!;
  const second = services[from + 13]!;
  if (first === 0 || second === 0) return 1;
  const pu =
    Math.abs(Math.log(voltageV / first)) <= Math.abs(Math.log(voltageV / second))
      ? voltageV / first
      : voltageV / second;
  return pu >= believableVoltagePu.min && pu <= believableVoltagePu.max ? pu : 1;
}

/** What hangs at carriers goes through those above them as well. */
export function carryUp(
  { values }: ElementSums,
  { carrierAbove, carrierOrder }: Pick<Feeding, 'carrierAbove' | 'carrierOrder'>,
): void {
  for (const element of carrierOrder) {
    const from = element * elementWidth;
    const to = carrierAbove[element]! * elementWidth;
    for (let each = 0; each < 14; each += 1) values[to + each]! += values[from + each]!;
  }
}
