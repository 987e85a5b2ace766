import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { emptySums } from './element-sums.ts';
import type { Feeding } from './feeding.ts';
import type { HourIntervals } from './hour-intervals.ts';
import { loadHearer } from './hour-loads.ts';
import type { HourLoads } from './hour-loads.ts';
import { HourSums, tell } from './hour-sums.ts';
import { hourIntervals } from './read-hour.ts';

/** Sums hours in this thread, one after the other. */
export class SumsHere {
  readonly #feeding: Feeding;
  /** Its memory is large, and with threads it is seldom needed. */
  #sums: HourSums | undefined;
  #intervals: HourIntervals | undefined;

  constructor(feeding: Feeding) {
    this.#feeding = feeding;
  }

  whole(result: DuckDBMaterializedResult, to: HourLoads): void {
    this.#sums ??= new HourSums(this.#feeding);
    this.#intervals = hourIntervals(result, false, this.#intervals);
    this.#sums.whole(this.#intervals, loadHearer(to, this.#feeding.elements));
  }

  /** Of an hour in which something changes at these instants after its begin: `follow` has the feeding follow. */
  async inParts(
    result: DuckDBMaterializedResult,
    { startS, endS, cuts }: { readonly startS: number; readonly endS: number; readonly cuts: readonly number[] },
    follow: (atS: number) => Promise<void>,
    to: HourLoads,
  ): Promise<void> {
    this.#sums ??= new HourSums(this.#feeding);
    this.#intervals = hourIntervals(result, true, this.#intervals);
    const hour = emptySums(this.#feeding.elements.phaseV.length - 1);
    for (const [part, fromS] of [startS, ...cuts].entries()) {
      if (part > 0) await follow(fromS);
      this.#sums.part(this.#intervals, [fromS, cuts[part] ?? endS], hour);
    }
    tell(hour, this.#feeding.carrierAbove.keys(), loadHearer(to, this.#feeding.elements));
  }
}
