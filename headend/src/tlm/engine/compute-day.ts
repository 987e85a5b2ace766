import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { DayLoads } from './day-loads.ts';
import { elementWidth, emptySums, secondaryWidth } from './element-sums.ts';
import type { ElementHearer, ElementSums } from './element-sums.ts';
import { advanceFeeding, feedingChanges, openFeeding, settleFeeding } from './feeding.ts';
import type { Feeding } from './feeding.ts';
import { HourSums } from './hour-sums.ts';
import { neededColumns, summedRows } from './slice-sums.ts';

export const hourS = 3_600;

export type DayWanted = {
  /** Where a UTC day begins. */
  readonly dayS: number;
  /** A full hour, at most a day later: hours from then on are left out. */
  readonly untilS: number;
  /** Only of what these meters hang at; they are all that hang there in any of the hours. */
  readonly meters?: readonly number[];
};

/**
 * The load of every element in every hour of a UTC day, from the intervals of all meters on the topology of each instant. While an hour is
 * summed here, DuckDB reads the next.
 */
export async function computeDay(session: WarehouseSession, wanted: DayWanted): Promise<DayLoads> {
  const { dayS, untilS, meters } = wanted;
  const feeding = await openFeeding(session, dayS);
  const only = meters === undefined ? undefined : new Set(meters);
  leaveOut(feeding, only);
  const changes = await feedingChanges(session, dayS, untilS);
  const hours = await hoursOf(session, wanted, changes);
  const sums = new HourSums(feeding);
  const loads = new DayLoads(feeding.elements.phaseV.length, dayS);
  let reading = session.connection.run(hours[0]?.sql ?? '');
  for (const [index, { startS, cuts }] of hours.entries()) {
    const intervals = await reading;
    const next = hours[index + 1];
    if (next !== undefined) reading = handled(session.connection.run(next.sql));
    if (changes.includes(startS)) await follow(session, feeding, startS, only);
    const hear = loads.hearer(index, feeding.elements);
    if (cuts.length === 0) tell(sums.whole(intervals, hourS, hear), feeding.trunk, hear);
    else {
      const hour = emptySums(feeding.elements.phaseV.length - 1);
      for (const [cut, fromS] of [startS, ...cuts].entries()) {
        if (cut > 0) await follow(session, feeding, fromS, only);
        sums.part(intervals, [fromS, cuts[cut] ?? startS + hourS], hour);
      }
      tell(hour, feeding.carrierAbove.keys(), hear);
    }
  }
  return loads;
}

type HourRead = {
  readonly startS: number;
  /** Where anything changes within the hour. */
  readonly cuts: readonly number[];
  readonly sql: string;
};

/** What is asked of DuckDB for each hour, so that it can be asked for the next while this thread is busy. */
async function hoursOf(
  session: WarehouseSession,
  { dayS, untilS, meters }: DayWanted,
  changes: readonly number[],
): Promise<HourRead[]> {
  const { scaled } = await session.row<{ scaled: boolean }>(
    'SELECT EXISTS (FROM meter WHERE multiplier <> 1) AS scaled',
  );
  const hours: HourRead[] = [];
  for (let startS = dayS; startS < untilS; startS += hourS) {
    const cuts = changes.filter((each) => each > startS && each < startS + hourS);
    const relation = await session.intervals(startS, startS + hourS, neededColumns, meters);
    hours.push({ startS, cuts, sql: summedRows(relation, scaled, cuts.length > 0) });
  }
  return hours;
}

async function follow(
  session: WarehouseSession,
  feeding: Feeding,
  atS: number,
  only: ReadonlySet<number> | undefined,
): Promise<void> {
  await advanceFeeding(session, feeding, atS);
  leaveOut(feeding, only);
}

function tell({ values, secondary }: ElementSums, elements: Iterable<number>, hear: ElementHearer): void {
  for (const element of elements)
    if (element !== 0) hear(element, values, element * elementWidth, secondary, element * secondaryWidth);
}

/** Should something else fail before it is waited for, its own fault is not unheard of. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Who is not asked for counts nowhere. */
function leaveOut(feeding: Feeding, only: ReadonlySet<number> | undefined): void {
  if (only === undefined) return;
  for (let meter = 1; meter < feeding.pointOfMeter.length; meter += 1)
    if (!only.has(meter)) feeding.pointOfMeter[meter] = 0;
  settleFeeding(feeding);
}
