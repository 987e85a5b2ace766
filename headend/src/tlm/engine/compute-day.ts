import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { DayLoads } from './day-loads.ts';
import { advanceFeeding, feedingChanges, readFeeding, readVoltages, settleFeeding, voltageHours } from './feeding.ts';
import type { Feeding } from './feeding.ts';
import { hourS } from './hour-sums.ts';
import { PointSums } from './point-sums.ts';
import { neededColumns, summedRows } from './read-hour.ts';
import { SumThreads } from './sum-threads.ts';
import { SumsHere } from './sums-here.ts';

export type DayWanted = {
  /** Where a UTC day begins. */
  readonly dayS: number;
  /** A full hour, at most a day later: hours from then on are left out. */
  readonly untilS: number;
  /** Only of what these meters hang at; they are all that hang there in any of the hours. */
  readonly meters?: readonly number[];
};

/** So many meters are worth threads, which take a tenth of a second to begin. */
const threadedFromMeters = 200_000;

/**
 * The load of every element in every hour of a UTC day, from the intervals of all meters on the topology of each instant. DuckDB reads the next hour
 * meanwhile; of many meters, threads sum several hours at a time.
 */
export async function computeDay(
  session: WarehouseSession,
  wanted: DayWanted,
  threadedFrom = threadedFromMeters,
): Promise<DayLoads> {
  const feeding = await readFeeding(session, wanted.dayS);
  const pointSums = new PointSums(feeding);
  const meters = wanted.meters?.length ?? feeding.pointOfMeter.length - 1;
  const threads = meters >= threadedFrom ? new SumThreads(feeding, pointSums) : undefined;
  try {
    return await sumDay(session, wanted, { feeding, pointSums, threads });
  } finally {
    await threads?.stop();
  }
}

type Summing = {
  readonly feeding: Feeding;
  readonly pointSums: PointSums;
  readonly threads: SumThreads | undefined;
};

async function sumDay(
  session: WarehouseSession,
  wanted: DayWanted,
  { feeding, pointSums, threads }: Summing,
): Promise<DayLoads> {
  const { dayS, untilS, meters } = wanted;
  const only = meters === undefined ? undefined : new Set(meters);
  const follow = async (atS: number): Promise<void> => {
    await advanceFeeding(session, feeding, atS);
    leaveOut(feeding, only);
  };
  const changes = await feedingChanges(session, dayS, untilS);
  const reratedHours = await voltageHours(session, dayS, untilS);
  const hours = await hoursOf(session, wanted, changes);
  let reading = handled(session.connection.run(hours[0]?.sql ?? ''));
  // While DuckDB reads the first hour.
  settleFeeding(feeding);
  leaveOut(feeding, only);
  threads?.follow(feeding);
  const loads = new DayLoads(feeding.elements.phaseV.length, dayS);
  const here = new SumsHere(feeding, pointSums);
  for (const [index, { startS, cuts }] of hours.entries()) {
    const rows = await reading;
    const next = hours[index + 1];
    if (next !== undefined) reading = handled(session.connection.run(next.sql));
    const to = loads.hour(index);
    const isChanging = changes.includes(startS);
    const isRerated = reratedHours.has(startS);
    if (isChanging || isRerated || cuts.length > 0) await threads?.idle();
    if (isRerated) await readVoltages(session, feeding, startS);
    if (isChanging) await follow(startS);
    if (cuts.length > 0) await here.inParts(rows, { startS, endS: startS + hourS, cuts }, follow, to);
    if (isChanging || isRerated || cuts.length > 0) threads?.follow(feeding);
    if (cuts.length > 0) continue;
    if (threads === undefined) here.whole(rows, to);
    else await threads.sum(rows, to);
  }
  await threads?.idle();
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
