import type { HourIntervals } from './hour-intervals.ts';
import { addEnergies, addShown, width } from './slice-sums.ts';

/** Load points of a stretch fit into the processor's nearest memory. */
const pointsOfStretch = 4_096;
const room = 2_048;
/** Place of the point's sums, import, export, reactive, shown, length. */
const rowWidth = 6;

/**
 * Rows of meters whose load points lie far from those of the meters before, put by until there are many of one stretch of load points. Visited one by one,
 * each would wait for memory longer than for all of its sums; meters are numbered as they were bought, not along the street.
 */
export class FarRows {
  readonly #rows: Int32Array;
  readonly #counts: Int32Array;

  constructor(points: number) {
    const stretches = Math.ceil(points / pointsOfStretch);
    this.#rows = new Int32Array(stretches * room * rowWidth);
    this.#counts = new Int32Array(stretches);
  }

  /** `at`: where the sums of its load point begin. */
  put(points: Int32Array, at: number, intervals: HourIntervals, row: number): void {
    const rows = this.#rows;
    const stretch = Math.floor(at / (pointsOfStretch * width));
    if (this.#counts[stretch] === room) this.#add(points, stretch);
    const to = (stretch * room + this.#counts[stretch]!) * rowWidth;
    rows[to] = at;
    rows[to + 1] = intervals.importWh[row]!;
    rows[to + 2] = intervals.exportWh[row]!;
    rows[to + 3] = intervals.reactiveVarh[row]!;
    rows[to + 4] = intervals.shown[row]!;
    rows[to + 5] = intervals.lengthS[row]!;
    this.#counts[stretch]! += 1;
  }

  /** All that was put by. */
  addAll(points: Int32Array): void {
    for (let stretch = 0; stretch < this.#counts.length; stretch += 1) this.#add(points, stretch);
  }

  #add(points: Int32Array, stretch: number): void {
    const rows = this.#rows;
    const from = stretch * room * rowWidth;
    const to = from + this.#counts[stretch]! * rowWidth;
    this.#counts[stretch] = 0;
    for (let row = from; row < to; row += rowWidth) {
      addEnergies(points, rows[row]!, rows[row + 1]!, rows[row + 2]!, rows[row + 3]!);
      addShown(points, rows[row]!, rows[row + 4]!, rows[row + 5]!);
    }
  }
}
