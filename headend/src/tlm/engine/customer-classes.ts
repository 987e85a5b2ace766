import { customerKinds } from '../topology/load-topology.ts';
import type { Feeding } from './feeding.ts';
import { fact, factWidth } from './point-facts.ts';
import { assumedTangents } from './power-factor.ts';
import { exportWh, importAloneWh, importWh, knownS, reactiveVarh, width } from './slice-sums.ts';
import type { SliceSums } from './slice-sums.ts';

const kinds = customerKinds.length;

/** What is put in for those at a load point whose meters tell nothing. */
export type Filled = {
  wh: number;
  varh: number;
  /** Seconds of customers without a value, and of those for whom nobody stands in. */
  missingS: number;
  unknownS: number;
};

/**
 * What customers of a kind on a circuit take, by their size, in a slice. Who is missing takes what customers like them take at the same
 * time: those of their kind on their circuit. Where of a kind nobody is measured there, all kinds stand in if the sizes of both are in watts;
 * else nobody does, and the value is not known: a factory among homes is not a home. What is put in depends on the circuit alone.
 */
export class CustomerClasses {
  readonly #feeding: Feeding;
  readonly #slice: SliceSums;
  readonly #sliceS: number;
  readonly #wh: Float64Array;
  readonly #varh: Float64Array;
  readonly #size: Float64Array;
  readonly #knownS: Float64Array;

  constructor(feeding: Feeding, slice: SliceSums, sliceS: number) {
    const classes = (feeding.circuits + 1) * kinds;
    this.#feeding = feeding;
    this.#slice = slice;
    this.#sliceS = sliceS;
    this.#wh = new Float64Array(classes);
    this.#varh = new Float64Array(classes);
    this.#size = new Float64Array(classes);
    this.#knownS = new Float64Array(classes);
  }

  /** Counts a load point in. Gives whether all of its customers are known. */
  count(point: number): boolean {
    const { pointFacts, sizeOfPoint } = this.#feeding;
    const sums = this.#slice.points;
    const at = point * width;
    const facts = point * factWidth;
    const to = pointFacts[facts + fact.place]!;
    const known = sums[at + knownS]!;
    const tangent = assumedTangents[pointFacts[facts + fact.kind]!]!;
    this.#wh[to]! += sums[at + importWh]! - sums[at + exportWh]!;
    this.#varh[to]! += sums[at + reactiveVarh]! + sums[at + importAloneWh]! * tangent;
    this.#size[to]! += sizeOfPoint[point]! * this.#sliceS;
    this.#knownS[to]! += known;
    return known >= pointFacts[facts + fact.meters]! * this.#sliceS;
  }

  /** Of a load point that was counted in, takes out the sizes of those who are not known. */
  leaveOutMissing(point: number): void {
    const { pointFacts, sizeOfMeter } = this.#feeding;
    const to = pointFacts[point * factWidth + fact.place]!;
    this.#eachMissing(point, (meter, absentS) => {
      this.#size[to]! -= sizeOfMeter[meter]! * absentS;
    });
  }

  /** Once all are counted in. */
  fill(point: number): Filled {
    const { points, elements, sizeOfMeter } = this.#feeding;
    const rate = this.#rate(elements.circuitPlace[points.circuit[point]!]!, points.customerKind[point]!);
    const filled: Filled = { wh: 0, varh: 0, missingS: 0, unknownS: 0 };
    this.#eachMissing(point, (meter, absentS) => {
      filled.missingS += absentS;
      if (rate === undefined) filled.unknownS += absentS;
      else {
        filled.wh += sizeOfMeter[meter]! * absentS * rate.wh;
        filled.varh += sizeOfMeter[meter]! * absentS * rate.varh;
      }
    });
    return filled;
  }

  #eachMissing(point: number, take: (meter: number, absentS: number) => void): void {
    const { members, metersOfPoint } = this.#feeding;
    const first = members.first[point]!;
    for (let member = first; member < first + metersOfPoint[point]!; member += 1) {
      const meter = members.meters[member]!;
      const absentS = this.#sliceS - this.#slice.coveredS[meter]!;
      if (absentS > 0) take(meter, absentS);
    }
  }

  #rate(circuit: number, kind: number): { wh: number; varh: number } | undefined {
    const { isSized } = this.#feeding;
    const own = circuit * kinds + kind;
    if (this.#knownS[own]! > 0) return this.#perSize(this.#wh[own]!, this.#varh[own]!, this.#size[own]!);
    if (isSized[kind] !== true) return undefined;
    const sum = { wh: 0, varh: 0, size: 0 };
    for (let each = 0; each < kinds; each += 1) {
      const at = circuit * kinds + each;
      if (isSized[each] !== true || this.#knownS[at] === 0) continue;
      sum.wh += this.#wh[at]!;
      sum.varh += this.#varh[at]!;
      sum.size += this.#size[at]!;
    }
    return sum.size > 0 ? this.#perSize(sum.wh, sum.varh, sum.size) : undefined;
  }

  #perSize(wh: number, varh: number, size: number): { wh: number; varh: number } {
    return { wh: wh / size, varh: varh / size };
  }
}
