import { UINTEGER } from '@duckdb/node-api';
import { localDayAt, localDayBefore, localDays } from '../../mdw/local-days.ts';
import type { WarehouseAccess, WarehouseSession } from '../../mdw/worker/module.ts';
import type { WarehouseProgress } from '../../mdw/warehouse-request.ts';
import { computeDay } from '../engine/compute-day.ts';
import { hourS } from '../engine/hour-sums.ts';
import { withColumns } from '../worker/columns.ts';
import { writePeaks } from './peaks.ts';
import { touchedBy } from './touched.ts';
import type { Touched } from './touched.ts';

const daySeconds = 86_400;
/** Of more meters that changed a day is computed as a whole, which then costs less than telling them apart. */
const mostTouched = 50_000;
const touchedTable = 'touched_element';

export type LoadRun = {
  /** Hours computed, those of some elements alone included, and how many elements in how many days. */
  readonly hours: number;
  readonly rows: number;
  readonly days: readonly string[];
  /** When the newest hour that is known ends. */
  readonly knownUntilS?: number;
};

export type LoadRunSettings = {
  /** So long single hours are kept; days and peaks stay. */
  readonly keepDays: number;
};

/**
 * Takes in what was landed, estimated or edited since the last run, and what the topology is now known to have been: hours, days and peaks of just
 * that. Each UTC day is one change of the warehouse: all of its results are seen, or none.
 */
export async function runLoad(
  warehouse: WarehouseAccess,
  { keepDays }: LoadRunSettings,
  progress: (progress: WarehouseProgress) => void = () => undefined,
): Promise<LoadRun> {
  const { timeZone } = warehouse;
  const nowS = Math.floor(warehouse.nowMs() / 1_000);
  const due = await warehouse.read(async (session) => await dueDays(session, nowS));
  const sums = { hours: 0, rows: 0 };
  for (const [index, day] of due.days.entries()) {
    progress({ done: index, total: due.days.length, say: `load of ${day}` });
    const asked = {
      startS: Date.parse(`${day}T00:00:00Z`) / 1_000,
      day,
      nowS,
      timeZone,
      topologyFromS: due.topologyFromS,
    };
    const { hours, rows } = await warehouse.write(async (session) => await runDay(session, asked));
    sums.hours += hours;
    sums.rows += rows;
  }
  const until = await warehouse.write(async (session) => {
    const yesterday = localDayBefore(timeZone, localDayAt(timeZone, nowS));
    if (!(await hasPeaks(session, yesterday.day))) await writePeaks(session, yesterday, [], undefined);
    await session.run(`DELETE FROM tlm.topology_change WHERE change <= ${due.lastChange};
      DELETE FROM tlm.load WHERE day_s < ${nowS - keepDays * daySeconds};
      DELETE FROM tlm.known_day WHERE day_s < ${nowS - keepDays * daySeconds};
      DELETE FROM tlm.fact WHERE name = 'run_s'; INSERT INTO tlm.fact VALUES ('run_s', '${nowS}')`);
    return (await session.row<{ until: number | null }>('SELECT max(until_s) AS until FROM tlm.known_day')).until;
  });
  return { ...sums, days: due.days, ...(until === null ? {} : { knownUntilS: until }) };
}

type Due = { readonly days: readonly string[]; readonly topologyFromS: number; readonly lastChange: number };

/** UTC days with intervals that changed, or that lie where the topology did, oldest first. */
async function dueDays(session: WarehouseSession, nowS: number): Promise<Due> {
  const { from, last } = await session.row<{ from: number | null; last: number | null }>(
    'SELECT min(from_s) AS "from", max(change) AS last FROM tlm.topology_change',
  );
  const topologyFromS = from ?? Infinity;
  const moved = from === null ? '' : `UNION SELECT day FROM interval_day WHERE epoch(day) + ${daySeconds} > ${from}`;
  const rows = await session.rows<{ day: string }>(
    `SELECT day::VARCHAR AS day FROM (SELECT day FROM changed_day ${moved}) WHERE epoch(day) <= ${nowS} GROUP BY day ORDER BY day`,
  );
  return { days: rows.map(({ day }) => day), topologyFromS, lastChange: last ?? 0 };
}

type DayAsked = {
  readonly day: string;
  readonly startS: number;
  readonly nowS: number;
  readonly timeZone: string;
  readonly topologyFromS: number;
};

/**
 * Gives the hours that were computed. Where an hour is known that was not known of this day before, the day is computed for everybody, whoever
 * brought the first interval of it; so what is known does not depend on the order in which it came.
 */
async function runDay(
  session: WarehouseSession,
  { day, startS, nowS, timeZone, topologyFromS }: DayAsked,
): Promise<Pick<LoadRun, 'hours' | 'rows'>> {
  const endS = startS + daySeconds;
  const newest = await newestInterval(session, startS, endS);
  const untilS = Math.min(endS, Math.floor(nowS / hourS) * hourS, Math.floor(newest / hourS) * hourS + hourS);
  const changes = await changesOf(session, day);
  const isSome = topologyFromS >= endS && (await knownUntil(session, startS)) === untilS;
  const touched = isSome ? await touchedOf(session, changes, [startS, untilS]) : undefined;
  const isNothing = untilS <= startS || touched?.elements.length === 0;
  const rows = isNothing ? 0 : await computeAnew(session, { startS, untilS, nowS, timeZone }, touched);
  // What lies in an hour that is not over yet is looked at again.
  if (newest < untilS)
    await session.run(`DELETE FROM changed_day WHERE day = '${day}' AND batch <= ${changes.lastBatch}`);
  return { hours: isNothing ? 0 : (untilS - startS) / hourS, rows };
}

async function computeAnew(
  session: WarehouseSession,
  { startS, untilS, nowS, timeZone }: Omit<DayAsked, 'day' | 'topologyFromS'> & { readonly untilS: number },
  touched: Touched | undefined,
): Promise<number> {
  const loads = await computeDay(session, {
    dayS: startS,
    untilS,
    ...(touched === undefined ? {} : { meters: touched.meters }),
  });
  if (touched !== undefined) await keepTouched(session, touched);
  const only = touched === undefined ? '' : `AND element IN (SELECT element FROM ${touchedTable})`;
  for (const table of ['load', 'load_part'])
    await session.run(`DELETE FROM tlm.${table} WHERE day_s = ${startS} ${only}`);
  const days = localDays(timeZone, startS, startS + daySeconds);
  await loads.write(session, days);
  await session.run(`DELETE FROM tlm.known_day WHERE day_s = ${startS};
    INSERT INTO tlm.known_day VALUES (${startS}, ${untilS})`);
  // The day after begins as warm as this one ends.
  for (const dueS of [startS, startS + daySeconds])
    await session.run(
      `INSERT INTO tlm.ageing_due SELECT ${dueS}, element FROM ${touched === undefined ? '(SELECT 0 AS element)' : touchedTable}`,
    );
  const yesterday = localDayBefore(timeZone, localDayAt(timeZone, nowS));
  const isSamePeaks = touched !== undefined && (await hasPeaks(session, yesterday.day));
  await writePeaks(session, yesterday, days, isSamePeaks ? touchedTable : undefined);
  await session.run(`DROP TABLE IF EXISTS ${touchedTable}`);
  return loads.rows.length;
}

async function knownUntil(session: WarehouseSession, dayS: number): Promise<number | undefined> {
  const rows = await session.rows<{ until: number }>(
    `SELECT until_s AS until FROM tlm.known_day WHERE day_s = ${dayS}`,
  );
  return rows[0]?.until;
}

async function newestInterval(session: WarehouseSession, fromS: number, toS: number): Promise<number> {
  // Of a day that is over it lies in the last hour, which costs less than all of the day.
  for (const lookS of [toS - hourS, fromS]) {
    const relation = await session.intervals(lookS, toS, ['start_s']);
    const { newest } = await session.row<{ newest: number | null }>(`SELECT max(start_s) AS newest FROM ${relation}`);
    if (newest !== null) return newest;
  }
  return fromS - 1;
}

/** No meters: all of the day. */
type Changes = { readonly meters: readonly number[] | undefined; readonly lastBatch: bigint };

async function changesOf(session: WarehouseSession, day: string): Promise<Changes> {
  const { whole, count, last } = await session.row<{ whole: boolean | null; count: number; last: bigint | null }>(
    `SELECT bool_or(meter IS NULL) AS whole, count(DISTINCT meter)::INTEGER AS count, max(batch) AS last FROM changed_day WHERE day = '${day}'`,
  );
  const lastBatch = last ?? 0n;
  if (whole === true || count > mostTouched) return { meters: undefined, lastBatch };
  const rows = await session.rows<{ meter: number }>(
    `SELECT DISTINCT meter FROM changed_day WHERE day = '${day}' ORDER BY meter`,
  );
  return { meters: rows.map(({ meter }) => meter), lastBatch };
}

/** Undefined: everything. */
async function touchedOf(
  session: WarehouseSession,
  { meters }: Changes,
  range: readonly [number, number],
): Promise<Touched | undefined> {
  if (meters === undefined) return undefined;
  const touched = await touchedBy(session, meters, range);
  return touched.meters.length > mostTouched ? undefined : touched;
}

async function keepTouched(session: WarehouseSession, { elements }: Touched): Promise<void> {
  const columns = { element: { type: UINTEGER, values: elements } };
  await withColumns(session.connection, columns, elements.length, async (relation) => {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${touchedTable} AS FROM ${relation}`);
  });
}

async function hasPeaks(session: WarehouseSession, yesterday: string): Promise<boolean> {
  const { has } = await session.row<{ has: boolean }>(
    `SELECT coalesce(max(yesterday) = '${yesterday}'::DATE, false) AS has FROM tlm.peak`,
  );
  return has;
}
