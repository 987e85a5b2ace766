import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import type { Feeding } from './feeding.ts';
import { eachIntervals } from './read-hour.ts';
import { sharedInt32, sharedUint16 } from './shared-arrays.ts';
import { addShared, addWhole, width, withLarge } from './slice-sums.ts';
import type { LargeRow, SliceSums, WholeSums } from './slice-sums.ts';

/**
 * From the rows of an hour to load points, straight out of DuckDB's memory: to copy them first, for others to sum, would take about as long as to sum them.
 */
export class PointSums {
  readonly #feeding: Feeding;
  #places = new Int32Array(0);

  constructor(feeding: Feeding) {
    this.#feeding = feeding;
  }

  /** Memory for an hour. */
  empty(): WholeSums {
    const { metersOfPoint, pointOfMeter } = this.#feeding;
    return { points: sharedInt32(metersOfPoint.length * width), coveredS: sharedUint16(pointOfMeter.length) };
  }

  /** Of an hour in which nothing changes, in the memory `whole`, unless there are rows beyond what that can hold. */
  whole(result: DuckDBMaterializedResult, whole: WholeSums): SliceSums {
    const large: LargeRow[] = [];
    whole.points.fill(0);
    whole.coveredS.fill(0);
    eachIntervals(result, false, (intervals) => {
      if (this.#places.length <= intervals.rows) this.#places = new Int32Array(intervals.rows + 1);
      addWhole(whole, this.#feeding, intervals, this.#places, large);
    });
    return large.length === 0 ? whole : withLarge(whole, this.#feeding, large);
  }

  /** Of an hour what lies in [fromS, toS), a part of it in which nothing changes: as the feeding is now. The rows have their begin. */
  part(result: DuckDBMaterializedResult, range: readonly [number, number]): SliceSums {
    const { metersOfPoint, pointOfMeter } = this.#feeding;
    const part = {
      points: new Float64Array(metersOfPoint.length * width),
      coveredS: new Uint16Array(pointOfMeter.length),
    };
    eachIntervals(result, true, (intervals) => addShared(part, this.#feeding, intervals, range));
    return part;
  }
}
