import { CustomerClasses } from './customer-classes.ts';
import { carryUp, elementWidth, emptySums, PointAdder, secondaryWidth } from './element-sums.ts';
import type { ElementHearer, ElementSums } from './element-sums.ts';
import type { Feeding } from './feeding.ts';
import { fact, factWidth } from './point-facts.ts';
import type { SliceSums } from './slice-sums.ts';

export const hourS = 3_600;

/** From load points to elements: one hour after the other, in memory that is used again. */
export class HourSums {
  #feeding: Feeding;
  readonly #slice: ElementSums;

  constructor(feeding: Feeding) {
    this.#feeding = feeding;
    this.#slice = emptySums(feeding.elements.phaseV.length - 1);
  }

  /** Of what follows. The arrays have the lengths that they had. */
  follow(feeding: Feeding): void {
    this.#feeding = feeding;
  }

  /** Of an hour in which nothing changes; `hear` is told every element once. */
  whole(slice: SliceSums, hear: ElementHearer): void {
    this.#close(slice, hourS, hear);
    tell(this.#slice, this.#feeding.trunk, hear);
  }

  /** Of a part of an hour in which nothing changes, so many seconds: as the feeding is now. Adds it to `hour`. */
  part(slice: SliceSums, sliceS: number, hour: ElementSums): void {
    this.#close(slice, sliceS, undefined);
    addTo(hour.values, this.#slice.values);
    addTo(hour.secondary, this.#slice.secondary);
  }

  #close(slice: SliceSums, sliceS: number, hear: ElementHearer | undefined): void {
    const { pointFacts, metersOfPoint, carrierAbove, carrierOrder, trunk, trunkOrder } = this.#feeding;
    if (hear === undefined) {
      this.#slice.values.fill(0);
      this.#slice.secondary.fill(0);
    } else clear(this.#slice, trunk);
    const classes = new CustomerClasses(this.#feeding, slice, sliceS);
    const adder = new PointAdder(this.#slice, slice, this.#feeding, sliceS, hear);
    const waiting: number[] = [];
    for (let point = 1; point < metersOfPoint.length; point += 1) {
      if (pointFacts[point * factWidth + fact.meters] === 0) continue;
      if (classes.count(point)) adder.add(point);
      else waiting.push(point);
    }
    for (const point of waiting) classes.leaveOutMissing(point);
    for (const point of waiting) adder.add(point, classes.fill(point));
    carryUp(this.#slice, carrierAbove, hear === undefined ? carrierOrder : trunkOrder);
  }
}

export function tell({ values, secondary }: ElementSums, elements: Iterable<number>, hear: ElementHearer): void {
  for (const element of elements)
    if (element !== 0) hear(element, values, element * elementWidth, secondary, element * secondaryWidth);
}

function clear({ values, secondary }: ElementSums, elements: Uint32Array): void {
  for (let index = 0; index < elements.length; index += 1) {
    const row = elements[index]! * elementWidth;
    for (let each = row; each < row + elementWidth; each += 1) values[each] = 0;
    const conductors = elements[index]! * secondaryWidth;
    for (let each = conductors; each < conductors + secondaryWidth; each += 1) secondary[each] = 0;
  }
}

function addTo(sum: Float64Array, more: Float64Array): void {
  for (let index = 0; index < sum.length; index += 1) sum[index]! += more[index]!;
}
