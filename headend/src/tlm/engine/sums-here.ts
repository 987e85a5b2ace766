import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { emptySums } from './element-sums.ts';
import type { Feeding } from './feeding.ts';
import { loadHearer } from './hour-loads.ts';
import type { HourLoads } from './hour-loads.ts';
import { HourSums, tell } from './hour-sums.ts';
import type { PointSums } from './point-sums.ts';
import type { WholeSums } from './slice-sums.ts';

/** Sums hours in this thread, one after the other. */
export class SumsHere {
  readonly #feeding: Feeding;
  readonly #pointSums: PointSums;
  /** Its memory is large, and with threads it is seldom needed. */
  #sums: HourSums | undefined;
  #memory: WholeSums | undefined;

  constructor(feeding: Feeding, pointSums: PointSums) {
    this.#feeding = feeding;
    this.#pointSums = pointSums;
  }

  whole(result: DuckDBMaterializedResult, to: HourLoads): void {
    this.#sums ??= new HourSums(this.#feeding);
    this.#memory ??= this.#pointSums.empty();
    this.#sums.whole(this.#pointSums.whole(result, this.#memory), loadHearer(to, this.#feeding.elements));
  }

  /** Of an hour in which something changes at these instants after its begin: `follow` has the feeding follow. */
  async inParts(
    result: DuckDBMaterializedResult,
    { startS, endS, cuts }: { readonly startS: number; readonly endS: number; readonly cuts: readonly number[] },
    follow: (atS: number) => Promise<void>,
    to: HourLoads,
  ): Promise<void> {
    this.#sums ??= new HourSums(this.#feeding);
    const hour = emptySums(this.#feeding.elements.phaseV.length - 1);
    for (const [part, fromS] of [startS, ...cuts].entries()) {
      if (part > 0) await follow(fromS);
      const toS = cuts[part] ?? endS;
      this.#sums.part(this.#pointSums.part(result, [fromS, toS]), toS - fromS, hour);
    }
    tell(hour, this.#feeding.carrierAbove.keys(), loadHearer(to, this.#feeding.elements));
  }
}
