import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { readColumns } from '../worker/columns.ts';
import { addPoints, carryUp, emptySums } from './element-sums.ts';
import type { ElementSums } from './element-sums.ts';
import { advanceFeeding, countMeters, feedingChanges, openFeeding } from './feeding.ts';
import type { Feeding } from './feeding.ts';
import { HourRows } from './hour-rows.ts';
import { fillMissing } from './missing-customers.ts';
import type { Missing } from './missing-customers.ts';
import { addShared, addWhole, knownEnergy, neededColumns, summedColumns, summedShape, width } from './slice-sums.ts';
import type { SliceSums } from './slice-sums.ts';

export const hourS = 3_600;

export type HoursWanted = {
  /** Both at full hours. */
  readonly fromS: number;
  readonly toS: number;
  /** Only of what these meters hang at; they are all that hang there in any of the hours. */
  readonly meters?: readonly number[];
};

/** Reading goes on in one session while the hour before is written in another. */
export type LoadSessions = { readonly read: WarehouseSession; readonly write: WarehouseSession };

/**
 * The load of every element in every hour wanted, from the intervals of all meters on the topology of each instant, into `load_hour`.
 * Rows of before are not looked for. `onHour` hears of each hour that is done.
 */
export async function loadHours(
  { read, write }: LoadSessions,
  { fromS, toS, meters }: HoursWanted,
  onHour: (hourStartS: number) => void = () => undefined,
): Promise<void> {
  const feeding = await openFeeding(read, fromS);
  const changes = await feedingChanges(read, fromS, toS);
  const only = meters === undefined ? undefined : new Set(meters);
  leaveOut(feeding, only);
  const hour = new HourSums(feeding);
  const rows = [0, 1].map(() => new HourRows(feeding.elements.phaseV.length));
  let writing: Promise<void> | undefined;
  try {
    for (let startS = fromS; startS < toS; startS += hourS) {
      const cuts = changes.filter((each) => each > startS && each < startS + hourS);
      for (const [index, sliceS] of [startS, ...cuts].entries()) {
        if (feeding.atS < sliceS && changes.includes(sliceS)) {
          await advanceFeeding(read, feeding, sliceS);
          leaveOut(feeding, only);
        }
        const slice = [sliceS, cuts[index] ?? startS + hourS] as const;
        await hour.add(read, startS, slice, meters);
      }
      const [filled] = rows.reverse() as [HourRows, HourRows];
      filled.take(hour.sums(), feeding);
      await writing;
      writing = filled.write(write, startS);
      // Should the next hour fail meanwhile, this one's fault is heard of later.
      writing.catch(() => undefined);
      onHour(startS);
    }
  } finally {
    await writing;
  }
}

/** Who is not asked for counts nowhere. */
function leaveOut(feeding: Feeding, only: ReadonlySet<number> | undefined): void {
  if (only === undefined) return;
  for (let meter = 1; meter < feeding.pointOfMeter.length; meter += 1)
    if (!only.has(meter)) feeding.pointOfMeter[meter] = 0;
  countMeters(feeding);
}

/** The sums of one hour after the other, in memory that is used again. */
class HourSums {
  readonly #feeding: Feeding;
  readonly #missing: Missing;
  readonly #whole: Int32Array;
  readonly #coveredS: Uint16Array;
  readonly #slice: ElementSums;
  #hour: ElementSums | undefined;
  #slices = 0;

  constructor(feeding: Feeding) {
    const points = feeding.metersOfPoint.length;
    const perPoint = (): Float64Array => new Float64Array(points);
    this.#feeding = feeding;
    this.#missing = { wh: perPoint(), varh: perPoint(), missingS: perPoint(), unknownS: perPoint() };
    this.#whole = new Int32Array(points * width);
    this.#coveredS = new Uint16Array(feeding.pointOfMeter.length);
    this.#slice = emptySums(feeding.elements.phaseV.length - 1);
  }

  /** Of an hour that begins at `startS` what lies in [fromS, toS). */
  async add(
    session: WarehouseSession,
    startS: number,
    [fromS, toS]: readonly [number, number],
    meters: readonly number[] | undefined,
  ): Promise<void> {
    const isWhole = toS - fromS === hourS;
    this.#coveredS.fill(0);
    const points = isWhole ? this.#whole.fill(0) : new Float64Array(this.#whole.length);
    const slice: SliceSums = { points, coveredS: this.#coveredS };
    const from = `${await session.intervals(startS, startS + hourS, neededColumns, meters)} WHERE ${knownEnergy}`;
    if (isWhole)
      await readColumns(session.connection, `SELECT ${summedColumns} FROM ${from}`, summedShape, (views) =>
        addWhole(slice, this.#feeding, views),
      );
    else
      await readColumns(
        session.connection,
        `SELECT ${summedColumns}, start_s FROM ${from}`,
        [...summedShape, 'u32'],
        ([meter, imported, exported, reactive, packed, starts]) =>
          addShared(slice, this.#feeding, [meter, imported, exported, reactive, packed], starts, [fromS, toS]),
      );
    this.#close(slice, toS - fromS);
  }

  #close(slice: SliceSums, sliceS: number): void {
    this.#slices += 1;
    if (this.#slices === 2) {
      this.#hour ??= emptySums(this.#feeding.elements.phaseV.length - 1);
      this.#hour.values.set(this.#slice.values);
      this.#hour.secondary.set(this.#slice.secondary);
    }
    this.#slice.values.fill(0);
    this.#slice.secondary.fill(0);
    fillMissing(slice, this.#feeding, sliceS, this.#missing);
    addPoints(this.#slice, slice, this.#feeding, this.#missing, sliceS);
    carryUp(this.#slice, this.#feeding);
    if (this.#slices < 2 || this.#hour === undefined) return;
    addTo(this.#hour.values, this.#slice.values);
    addTo(this.#hour.secondary, this.#slice.secondary);
  }

  /** Of all that was added since they were asked for last. */
  sums(): ElementSums {
    const sums = this.#slices > 1 && this.#hour !== undefined ? this.#hour : this.#slice;
    this.#slices = 0;
    return sums;
  }
}

function addTo(sum: Float64Array, more: Float64Array): void {
  for (let index = 0; index < sum.length; index += 1) sum[index]! += more[index]!;
}
