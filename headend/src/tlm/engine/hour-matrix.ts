import type { ListRows } from '../worker/columns.ts';
import { sharedInt32 } from './shared-arrays.ts';

export const hoursOfDay = 24;

/**
 * 24 whole numbers an element, hour by hour in memory, as they come. An element that has nothing but 0 has an empty list.
 */
export class HourMatrix {
  readonly #elements: number;
  readonly #hours: (Int32Array | undefined)[] = Array.from({ length: hoursOfDay }, () => undefined);

  /** Memory that is used again: asked for by the thousand, as much anew each time would take longer than to fill it. */
  #entries = new BigUint64Array(0);
  #values = new Int32Array(0);

  constructor(elements: number) {
    this.#elements = elements;
  }

  /** Of an hour, by element: to be filled by whoever asks, in whatever thread. */
  hour(hour: number): Int32Array {
    return (this.#hours[hour] ??= sharedInt32(this.#elements));
  }

  /** Those of some elements, in the order of these; until it is asked for others. */
  lists(elements: Uint32Array): ListRows {
    const { length } = elements;
    if (this.#values.length !== length * hoursOfDay) {
      this.#entries = new BigUint64Array(length * 2);
      this.#values = new Int32Array(length * hoursOfDay);
    }
    const entries = this.#entries.fill(0n);
    const values = this.#values;
    const isKept = new Uint8Array(length);
    for (const [hour, column] of this.#hours.entries()) {
      if (column === undefined) {
        for (let index = hour; index < values.length; index += hoursOfDay) values[index] = 0;
        continue;
      }
      for (let index = 0; index < length; index += 1) {
        const value = column[elements[index]!]!;
        values[index * hoursOfDay + hour] = value;
        if (value !== 0) isKept[index] = 1;
      }
    }
    // Whole numbers of 64 bits, lower half first: BigInts for each would take longer than all the rest.
    const halves = new Uint32Array(entries.buffer);
    let count = 0;
    for (let index = 0; index < length; index += 1) {
      if (isKept[index] === 0) continue;
      const from = index * hoursOfDay;
      if (from !== count) values.copyWithin(count, from, from + hoursOfDay);
      halves[4 * index] = count;
      halves[4 * index + 2] = hoursOfDay;
      count += hoursOfDay;
    }
    return { entries, values, count };
  }
}
