import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { calendarDays } from './load-calendar.ts';
import type { LoadCalendar } from './load-calendar.ts';
import { durationCurve } from './load-duration.ts';
import { loadProfile } from './load-profile.ts';
import type { HourSeries } from './hour-series.ts';
import type { ElementNamed, LoadHoursAsked } from './load-results.ts';
import { elementTold, hoursOf } from './read-results.ts';
import type { EnergyMonth, LoadDuration, LoadEnergy, LoadProfile } from './shape-results.ts';

export async function durationOf(session: WarehouseSession, asked: LoadHoursAsked): Promise<LoadDuration | undefined> {
  const told = await seriesOf(session, asked);
  return told && { element: told.element, ...durationCurve(told.series) };
}

export async function profileOf(
  session: WarehouseSession,
  { calendar, ...asked }: LoadHoursAsked & { readonly calendar: LoadCalendar },
  timeZone: string,
): Promise<LoadProfile | undefined> {
  const told = await seriesOf(session, asked);
  if (told === undefined) return undefined;
  const days = calendarDays(timeZone, [asked.fromS, asked.toS], calendar);
  const holidays = days.flatMap(({ day, dayType }) => (dayType === 'holiday' ? [day] : []));
  return { element: told.element, timeZone, holidays, groups: loadProfile(told.series, days, timeZone) };
}

export async function energyOf(session: WarehouseSession, asked: ElementNamed): Promise<LoadEnergy | undefined> {
  const told = await elementTold(session, asked);
  if (told === undefined) return undefined;
  const rows = await session.rows<EnergyMonth & { first: string; last: string }>(
    `SELECT strftime(day, '%Y-%m') AS month, count(DISTINCT day)::INTEGER AS days, sum(import_wh)::DOUBLE AS "importWh", sum(export_wh)::DOUBLE AS "exportWh",
       min(day)::VARCHAR AS "first", max(day)::VARCHAR AS last FROM tlm.load_part WHERE element = $1 GROUP BY month ORDER BY month`,
    [told.number],
  );
  const { counted, all } = await session.row<{ counted: number; all: number }>(
    `SELECT coalesce(sum(measured + estimated), 0)::DOUBLE AS counted, coalesce(sum(measured + estimated + missing), 0)::DOUBLE AS "all"
     FROM tlm.load_hour WHERE element = $1`,
    [told.number],
  );
  const sum = (of: 'importWh' | 'exportWh'): number => rows.reduce((total, row) => total + row[of], 0);
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    element: told.element,
    ...(first === undefined || last === undefined ? {} : { sinceDay: first.first, untilDay: last.last }),
    importWh: sum('importWh'),
    exportWh: sum('exportWh'),
    ...(all === 0 ? {} : { countedShare: counted / all }),
    months: rows.map(({ month, days, importWh, exportWh }) => ({ month, days, importWh, exportWh })),
  };
}

async function seriesOf(session: WarehouseSession, asked: LoadHoursAsked) {
  const hours = await hoursOf(session, asked);
  if (hours === undefined) return undefined;
  const { element, hourS, activeW, ampsA, ampsB, ampsC } = hours;
  const amps = hourS.map((_, index) => {
    const phases = [ampsA[index], ampsB[index], ampsC[index]].filter((each) => typeof each === 'number');
    return phases.length === 0 ? null : Math.max(...phases);
  });
  const series: HourSeries = { hourS, activeW, amps };
  return { element, series };
}
