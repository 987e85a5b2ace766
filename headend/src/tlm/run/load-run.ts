import { UINTEGER } from '@duckdb/node-api';
import type { WarehouseAccess, WarehouseSession } from '../../mdw/worker/module.ts';
import type { WarehouseProgress } from '../../mdw/warehouse-request.ts';
import { hourS, loadHours } from '../engine/load-hours.ts';
import type { LoadSessions } from '../engine/load-hours.ts';
import { withColumns } from '../worker/columns.ts';
import { writeDays, writePeaks } from './day-results.ts';
import { dayBefore, operatingDay, operatingDays } from './operating-days.ts';
import { touchedBy } from './touched.ts';
import type { Touched } from './touched.ts';

const daySeconds = 86_400;
/** Of more meters that changed a day is computed as a whole, which then costs less than telling them apart. */
const mostTouched = 50_000;
const touchedTable = 'touched_element';

export type LoadRun = {
  /** Hours computed, those of some elements alone included. */
  readonly hours: number;
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
  let hours = 0;
  for (const [index, day] of due.days.entries()) {
    progress({ done: index, total: due.days.length, say: `load of ${day}` });
    const asked = {
      startS: Date.parse(`${day}T00:00:00Z`) / 1_000,
      day,
      nowS,
      timeZone,
      topologyFromS: due.topologyFromS,
    };
    hours += await warehouse.read(
      async (read) => await warehouse.write(async (write) => await runDay({ read, write }, asked)),
    );
  }
  const until = await warehouse.write(async (session) => {
    const yesterday = dayBefore(operatingDay(nowS, timeZone), timeZone);
    if (!(await hasPeaks(session, yesterday.day))) await writePeaks(session, yesterday, [], undefined);
    await session.run(`DELETE FROM tlm.topology_change WHERE change <= ${due.lastChange};
      DELETE FROM tlm.load_hour WHERE hour_s < ${nowS - keepDays * daySeconds};
      DELETE FROM tlm.fact WHERE name = 'run_s'; INSERT INTO tlm.fact VALUES ('run_s', '${nowS}')`);
    return (await session.row<{ until: number | null }>('SELECT max(hour_s) AS until FROM tlm.load_hour')).until;
  });
  return { hours, days: due.days, ...(until === null ? {} : { knownUntilS: until + hourS }) };
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
 * Gives the hours that were computed. Hours after the newest that is known of this day are computed for everybody, whoever brings the
 * first interval of them; so what is known does not depend on the order in which it came.
 */
async function runDay(
  sessions: LoadSessions,
  { day, startS, nowS, timeZone, topologyFromS }: DayAsked,
): Promise<number> {
  const { read, write } = sessions;
  const endS = startS + daySeconds;
  const newest = await newestInterval(read, startS, endS);
  const untilS = Math.min(endS, Math.floor(nowS / hourS) * hourS, Math.floor(newest / hourS) * hourS + hourS);
  const changes = await changesOf(read, day);
  const touched = topologyFromS < endS ? undefined : await touchedOf(read, changes, [startS, untilS]);
  const knownS = touched === undefined ? startS : Math.min(untilS, await knownUntil(read, startS, endS));
  if (touched !== undefined && touched.elements.length > 0 && knownS > startS) {
    await keepTouched(write, touched);
    await computeHours(sessions, [startS, knownS], touched);
  }
  if (untilS > knownS) await computeHours(sessions, [knownS, untilS], undefined);
  const isSome = untilS === knownS;
  const hours = (isSome && touched?.elements.length === 0 ? 0 : Math.max(0, untilS - startS)) / hourS;
  if (hours > 0) {
    const days = operatingDays(startS, endS, timeZone);
    const table = isSome ? touchedTable : undefined;
    await writeDays(write, days, table);
    const yesterday = dayBefore(operatingDay(nowS, timeZone), timeZone);
    await writePeaks(write, yesterday, days, (await hasPeaks(write, yesterday.day)) ? table : undefined);
  }
  await write.run(`DROP TABLE IF EXISTS ${touchedTable}`);
  // What lies in an hour that is not over yet is looked at again.
  if (newest < untilS)
    await write.run(`DELETE FROM changed_day WHERE day = '${day}' AND batch <= ${changes.lastBatch}`);
  return hours;
}

async function computeHours(
  sessions: LoadSessions,
  [fromS, toS]: readonly [number, number],
  touched: Touched | undefined,
): Promise<void> {
  const only = touched === undefined ? '' : `AND element IN (SELECT element FROM ${touchedTable})`;
  await sessions.write.run(`DELETE FROM tlm.load_hour WHERE hour_s >= ${fromS} AND hour_s < ${toS} ${only}`);
  await loadHours(sessions, { fromS, toS, ...(touched === undefined ? {} : { meters: touched.meters }) });
}

async function knownUntil(session: WarehouseSession, fromS: number, toS: number): Promise<number> {
  const { newest } = await session.row<{ newest: number | null }>(
    `SELECT max(hour_s) AS newest FROM tlm.load_hour WHERE hour_s >= ${fromS} AND hour_s < ${toS}`,
  );
  return newest === null ? fromS : newest + hourS;
}

async function newestInterval(session: WarehouseSession, fromS: number, toS: number): Promise<number> {
  const relation = await session.intervals(fromS, toS, ['start_s']);
  return (
    (await session.row<{ newest: number | null }>(`SELECT max(start_s) AS newest FROM ${relation}`)).newest ?? fromS - 1
  );
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
