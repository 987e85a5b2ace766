import { serviceWidth } from './feeding.ts';
import type { Feeding, Services } from './feeding.ts';
import type { Filled } from './customer-classes.ts';
import { fact, factWidth, notAlone } from './point-facts.ts';
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
/** So many of them mean something. */
const usedWidth = 14;
export const secondaryWidth = 6;

export function emptySums(elements: number): ElementSums {
  return {
    values: new Float64Array((elements + 1) * elementWidth),
    secondary: new Float64Array((elements + 1) * secondaryWidth),
  };
}

/** A meter that shows less or more of its nominal voltage than this shows something else. */
const believableVoltagePu = { min: 0.8, max: 1.2 };

const nothing: Readonly<Filled> = { wh: 0, varh: 0, missingS: 0, unknownS: 0 };

/** Hears the sums of an element at which nothing else will hang in this hour: they begin at these places of these arrays. */
export type ElementHearer = (
  element: number,
  values: Float64Array,
  at: number,
  secondary: Float64Array,
  from: number,
) => void;

/** Adds what customers took in a slice to the carrier at which they hang, their segment and their circuit, and to their transformer's conductors. */
export class PointAdder {
  readonly #sums: ElementSums;
  readonly #slice: SliceSums;
  readonly #feeding: Feeding;
  readonly #sliceS: number;
  readonly #hear: ElementHearer | undefined;
  readonly #row = new Float64Array(elementWidth);
  readonly #secondary = new Float64Array(secondaryWidth);

  /** `hear`: a transformer of one load point is told at once, and only what is above it is summed up. */
  constructor(sums: ElementSums, slice: SliceSums, feeding: Feeding, sliceS: number, hear: ElementHearer | undefined) {
    this.#sums = sums;
    this.#slice = slice;
    this.#feeding = feeding;
    this.#sliceS = sliceS;
    this.#hear = hear;
  }

  add(point: number, filled: Readonly<Filled> = nothing): void {
    const { pointFacts, points } = this.#feeding;
    const { secondary } = this.#sums;
    const through = this.#secondary;
    const facts = point * factWidth;
    const hangsAt = pointFacts[facts + fact.carrier]!;
    const above = pointFacts[facts + fact.above]!;
    this.#sum(point, filled);
    let carrier = hangsAt;
    if (this.#hear !== undefined && above !== notAlone) {
      this.#hear(hangsAt, this.#row, 0, through, 0);
      carrier = above;
    } else {
      const to = points.transformer[point]! * secondaryWidth;
      for (let each = 0; each < secondaryWidth; each += 1) secondary[to + each]! += through[each]!;
    }
    this.#addRow(carrier, pointFacts[facts + fact.segment]!, pointFacts[facts + fact.circuit]!);
  }

  /** What goes to element 0 goes nowhere. */
  #addRow(carrier: number, segment: number, circuit: number): void {
    const { values } = this.#sums;
    const row = this.#row;
    const one = carrier * elementWidth;
    const two = segment * elementWidth;
    const three = circuit * elementWidth;
    for (let each = 0; each < usedWidth; each += 1) {
      const value = row[each]!;
      if (value === 0) continue;
      values[one + each]! += value;
      values[two + each]! += value;
      values[three + each]! += value;
    }
  }

  #sum(point: number, { wh, varh, missingS, unknownS }: Readonly<Filled>): void {
    const { services, pointFacts } = this.#feeding;
    const { points } = this.#slice;
    const facts = point * factWidth;
    const at = point * width;
    const from = pointFacts[facts + fact.service]! * serviceWidth;
    const imported = points[at + importWh]!;
    const exported = points[at + exportWh]!;
    const active = imported - exported + wh;
    const alone = points[at + importAloneWh]! * assumedTangents[pointFacts[facts + fact.kind]!]!;
    const reactive = points[at + reactiveVarh]! + alone + varh;
    const shown = points[at + voltages]!;
    const perUnit = shown === 0 ? 1 : voltagePu(services, from, points[at + voltageDv]! / (10 * shown));
    const re = active / perUnit;
    const im = reactive / perUnit;
    const row = this.#row;
    row[place.importWh] = imported;
    row[place.exportWh] = exported;
    row[place.activeWh] = active;
    row[place.reactiveVarh] = reactive;
    row[place.knownS] = pointFacts[facts + fact.meters]! * this.#sliceS - missingS;
    row[place.estimatedS] = points[at + estimatedS]!;
    row[place.missingS] = missingS;
    row[place.unknownS] = unknownS;
    const through = this.#secondary;
    for (let each = 0; each < secondaryWidth; each += 2) {
      const shares = from + each;
      row[place.ampereVah + each] = services[shares]! * re - services[shares + 1]! * im;
      row[place.ampereVah + each + 1] = services[shares]! * im + services[shares + 1]! * re;
      through[each] = services[shares + secondaryWidth]! * re - services[shares + secondaryWidth + 1]! * im;
      through[each + 1] = services[shares + secondaryWidth]! * im + services[shares + secondaryWidth + 1]! * re;
    }
  }
}

/** In parts of the nominal voltage that is nearest; 1 where it is near none, or none is known. */
function voltagePu(services: Services, from: number, voltageV: number): number {
  const first = services[from + 12]!;
  const second = services[from + 13]!;
  if (first === 0 || second === 0) return 1;
  // Nearer by factors: above or below the geometric mean.
  const isAbove = voltageV * voltageV > first * second;
  const pu = voltageV / (isAbove === first > second ? first : second);
  return pu >= believableVoltagePu.min && pu <= believableVoltagePu.max ? pu : 1;
}

/** What hangs at carriers goes through those above them as well; `order`: each before the one above. */
export function carryUp({ values }: ElementSums, carrierAbove: Uint32Array, order: Uint32Array): void {
  for (const element of order) {
    const row = element * elementWidth;
    const to = carrierAbove[element]! * elementWidth;
    for (let each = 0; each < usedWidth; each += 1) values[to + each]! += values[row + each]!;
  }
}
