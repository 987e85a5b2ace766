import { FLOAT, UINTEGER, UTINYINT } from '@duckdb/node-api';
import type { WarehouseProgress } from '../../mdw/warehouse-request.ts';
import type { WarehouseAccess, WarehouseSession } from '../../mdw/worker/module.ts';
import { hoursOfDay } from '../engine/hour-matrix.ts';
import { readColumns, withColumns } from '../worker/columns.ts';
import { unknown } from '../worker/tables.ts';
import type { AgeingSettings } from './ageing-results.ts';
import { lossRatioOf } from './loss-ratio.ts';
import { ageThrough, ratedAmbientC, typicalThermal } from './transformer-thermal.ts';

const daySeconds = 86_400;
export const ambientFact = 'ambient_c';

/** The days of which transformers were aged anew. */
export type AgeingRun = { readonly days: number; readonly transformers: number };

/**
 * Ages transformers by the hours that changed since the last run. A day depends on its own hours and, for how warm it begins, on those of the day
 * before, and on nothing else: what comes late changes two days, and the order in which it comes changes nothing.
 */
export async function runAgeing(
  warehouse: WarehouseAccess,
  settings: AgeingSettings,
  progress: (progress: WarehouseProgress) => void = () => undefined,
): Promise<AgeingRun> {
  const days = await warehouse.write(async (session) => {
    await followSettings(session, settings);
    const due = await session.rows<{ day_s: number }>('SELECT DISTINCT day_s FROM tlm.ageing_due ORDER BY day_s');
    return due.map(({ day_s }) => day_s);
  });
  let transformers = 0;
  for (const [index, dayS] of days.entries()) {
    progress({
      done: index,
      total: days.length,
      say: `ageing on ${new Date(dayS * 1_000).toISOString().slice(0, 10)}`,
    });
    transformers += await warehouse.write(async (session) => await ageDay(session, dayS, otherwiseC(settings)));
  }
  return { days: days.length, transformers };
}

const otherwiseC = ({ ambientC }: AgeingSettings): number => ambientC ?? ratedAmbientC;

/** Another ambient temperature is another life, of all days whose hours are kept. */
async function followSettings(session: WarehouseSession, { ambientC }: AgeingSettings): Promise<void> {
  const value = ambientC === undefined ? 'assumed' : String(ambientC);
  const before = await session.rows<{ value: string }>(`SELECT value FROM tlm.fact WHERE name = '${ambientFact}'`);
  if (before[0]?.value === value) return;
  await session.run(`DELETE FROM tlm.fact WHERE name = '${ambientFact}'; INSERT INTO tlm.fact VALUES ('${ambientFact}', '${value}');
    INSERT INTO tlm.ageing_due SELECT day_s, 0 FROM tlm.known_day`);
}

const slots = Array.from({ length: 2 * hoursOfDay }, (_, slot) => slot);
const shape = ['u32', 'u32', 'u32', 'f64', 'f64', ...slots.map(() => 'f32' as const)] as const;

/** Gives how many transformers were aged. */
async function ageDay(session: WarehouseSession, dayS: number, elseC: number): Promise<number> {
  const [day] = await session.rows<{ until: number }>(
    `SELECT until_s AS until FROM tlm.known_day WHERE day_s = ${dayS}`,
  );
  const isAll = (
    await session.row<{ all: boolean }>(
      `SELECT coalesce(bool_or(element = 0), false) AS "all" FROM tlm.ageing_due WHERE day_s = ${dayS}`,
    )
  ).all;
  const only = isAll ? '' : `AND element IN (SELECT element FROM tlm.ageing_due WHERE day_s = ${dayS})`;
  const columns = day === undefined ? undefined : await aged(session, [dayS, day.until], only, elseC);
  if (columns !== undefined) {
    await session.run(`DELETE FROM tlm.ageing WHERE day_s = ${dayS} ${only}`);
    await insert(session, dayS, columns);
  }
  await session.run(`DELETE FROM tlm.ageing_due WHERE day_s = ${dayS}`);
  return columns?.element.length ?? 0;
}

type AgedColumns = Readonly<Record<'element' | 'knownH' | 'agedH' | 'hottestC' | 'hottestHour', number[]>>;

async function aged(
  session: WarehouseSession,
  [dayS, untilS]: readonly [number, number],
  only: string,
  elseC: number,
): Promise<AgedColumns> {
  const ambientC = await ambientOf(session, dayS, elseC);
  const found: AgedColumns = { element: [], knownH: [], agedH: [], hottestC: [], hottestHour: [] };
  const age = (element: number, loads: Float64Array, lossRatio: number): void => {
    const { knownH, agedH, hottestC, hottestHour } = ageThrough(loads, ambientC, hoursOfDay, {
      ...typicalThermal,
      lossRatio,
    });
    if (knownH === 0) return;
    found.element.push(element);
    found.knownH.push(knownH);
    found.agedH.push(agedH);
    found.hottestC.push(hottestC);
    found.hottestHour.push(hottestHour - hoursOfDay);
  };
  const whole = new Float64Array(slots.length);
  const exchanged = new Map<number, Exchanged>();
  await readColumns(session.connection, loadRows(dayS, untilS, only), shape, (views) => {
    const [elements, fromS, toS] = views as unknown as [Uint32Array, Uint32Array, Uint32Array];
    const [noLoad, atRated] = [views[3], views[4]] as [Float64Array, Float64Array];
    for (let row = 0; row < elements.length; row += 1) {
      const element = elements[row]!;
      const { ratio } = lossRatioOf(noLoad[row]!, atRated[row]!);
      const [from, to] = [slotAt(dayS, fromS[row]!), slotAt(dayS, toS[row]!)];
      const isWhole = from === 0 && to === slots.length;
      const before = isWhole ? undefined : exchanged.get(element);
      const loads = isWhole ? whole : (before?.loads ?? new Float64Array(slots.length).fill(NaN));
      for (let slot = from; slot < to; slot += 1) loads[slot] = (views[5 + slot] as Float32Array)[row]!;
      if (isWhole) age(element, whole, ratio);
      else if (before === undefined || toS[row]! > before.toS) exchanged.set(element, { loads, ratio, toS: toS[row]! });
    }
  });
  for (const [element, { loads, ratio }] of exchanged) age(element, loads, ratio);
  return found;
}

/** What had several ratings in the two days: each hour in parts of that of its time, and the ratio of losses of the last. */
type Exchanged = { readonly loads: Float64Array; readonly ratio: number; readonly toS: number };

/** Of the hours of the day before and of the day the one in which an instant lies: what was told in it holds in it, what ended in it does not. */
const slotAt = (dayS: number, atS: number): number =>
  Math.min(slots.length, Math.max(0, Math.floor((atS - dayS + daySeconds) / 3_600)));

/**
 * SQL: of each transformer and each rating that it had the apparent power in parts of that, hour by hour of the day before and of the day, whether it held then or
 * not; NaN is unknown. Where a day has a row and an hour of it nobody, there was no supply, and no load.
 */
function loadRows(dayS: number, untilS: number, only: string): string {
  const of = (day: string, slot: number): string => {
    const [w, vars] = ['active_w', 'reactive_var'].map((name) => `coalesce(${day}.${name}[${slot + 1}], 0)`);
    return `CASE WHEN ${w} = ${unknown} OR ${vars} = ${unknown} THEN 'NaN'::FLOAT ELSE (sqrt(${w}::DOUBLE * ${w} + ${vars}::DOUBLE * ${vars}) / rated_va)::FLOAT END`;
  };
  const known = Math.min(hoursOfDay, (untilS - dayS) / 3_600);
  const hours = slots.map((slot) => {
    const hour = slot % hoursOfDay;
    if (slot >= hoursOfDay) return hour < known ? of('l', hour) : `'NaN'::FLOAT`;
    return `CASE WHEN b.element IS NOT NULL AND k.until_s > ${dayS - daySeconds + hour * 3_600} THEN ${of('b', hour)} ELSE 'NaN'::FLOAT END`;
  });
  return `SELECT element, from_s, to_s, coalesce(no_load_loss_w, 0)::DOUBLE, coalesce(load_loss_w, 0)::DOUBLE, ${hours.join(', ')}
    FROM (FROM tlm.load WHERE day_s = ${dayS} ${only}) l
    JOIN (SELECT element, from_s, to_s, rated_va, no_load_loss_w, load_loss_w FROM tlm.element JOIN tlm.rated USING (element) JOIN tlm.rating USING (rating)
      WHERE kind = 'transformer' AND rated_va > 0 AND from_s < ${dayS + daySeconds} AND to_s > ${dayS - daySeconds}) e USING (element)
    LEFT JOIN (FROM tlm.load WHERE day_s = ${dayS - daySeconds}) b USING (element)
    LEFT JOIN tlm.known_day k ON k.day_s = ${dayS - daySeconds}`;
}

/** By hour of the day before and of the day. */
async function ambientOf(session: WarehouseSession, dayS: number, elseC: number): Promise<Float64Array> {
  const fromS = dayS - daySeconds;
  const ambient = new Float64Array(2 * hoursOfDay).fill(elseC);
  const rows = await session.rows<{ hour_s: number; ambient_c: number }>(
    `SELECT hour_s, ambient_c FROM tlm.ambient WHERE hour_s >= ${fromS} AND hour_s < ${dayS + daySeconds}`,
  );
  for (const { hour_s, ambient_c } of rows) ambient[(hour_s - fromS) / 3_600] = ambient_c;
  return ambient;
}

async function insert(session: WarehouseSession, dayS: number, columns: AgedColumns): Promise<void> {
  const { element, knownH, agedH, hottestC, hottestHour } = columns;
  const told = {
    element: { type: UINTEGER, values: Uint32Array.from(element) },
    known_h: { type: UTINYINT, values: Uint8Array.from(knownH) },
    aged_h: { type: FLOAT, values: Float32Array.from(agedH) },
    hottest_c: { type: FLOAT, values: Float32Array.from(hottestC) },
    hottest_hour: { type: UTINYINT, values: Uint8Array.from(hottestHour) },
  };
  await withColumns(session.connection, told, element.length, async (relation) => {
    await session.run(
      `INSERT INTO tlm.ageing SELECT element, ${dayS}, known_h, aged_h, hottest_c, hottest_hour FROM ${relation}`,
    );
  });
}
