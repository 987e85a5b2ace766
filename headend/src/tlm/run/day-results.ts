import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { daysBefore, yearStart } from './operating-days.ts';
import type { OperatingDay } from './operating-days.ts';

/** SQL: of the elements concerned; absent: of all. `touched` is a table with a column `element`. */
const touchedOnly = (touched: string | undefined): string =>
  touched === undefined ? '' : `AND element IN (SELECT element FROM ${touched})`;

/** Value and time in one number that orders: by value, of equal ones the earlier is the greater. */
const latestS = 4_294_967_295;
const rank = (value: string, atS: string): string => `${value}::BIGINT * ${latestS + 1} + (${latestS} - ${atS})`;
const rankedS = (ranked: string): string => `(${latestS} - (${ranked} & ${latestS}))::UINTEGER`;
const rankedValue = (ranked: string): string => `(${ranked} >> 32)`;

/** Days anew from their hours. */
export async function writeDays(
  session: WarehouseSession,
  days: readonly OperatingDay[],
  touched: string | undefined,
): Promise<void> {
  for (const { day, fromS, toS } of days) {
    await session.run(`DELETE FROM tlm.load_day WHERE day = '${day}' ${touchedOnly(touched)}`);
    await session.run(`INSERT INTO tlm.load_day
      SELECT element, '${day}', import_wh, export_wh, ${rankedValue('w_rank')}, ${rankedS('w_rank')}, w_measured,
        (${rankedValue('a_rank')} / 1000)::DECIMAL(9, 3), ${rankedS('a_rank')}, a_measured
      FROM (SELECT element, sum(import_wh)::BIGINT AS import_wh, sum(export_wh)::BIGINT AS export_wh, max(w_rank) AS w_rank, max(a_rank) AS a_rank,
          arg_max(measured, w_rank) AS w_measured, arg_max(measured, a_rank) AS a_measured
        FROM (SELECT element, import_wh, export_wh, (measured / (measured + estimated + missing))::FLOAT AS measured,
            ${rank('active_w', 'hour_s')} AS w_rank, ${rank('(greatest(amps_a, amps_b, amps_c) * 1000)', 'hour_s')} AS a_rank
          FROM tlm.load_hour WHERE hour_s >= ${fromS} AND hour_s < ${toS} ${touchedOnly(touched)})
        GROUP BY element)`);
  }
}

const quantities = ['w', 'a'] as const;
const peakColumns = quantities.flatMap((q) => [`peak_${q}`, `peak_${q}_s`, `peak_${q}_measured`]).join(', ');

/** SQL: the highest of several peaks of each element; of equal ones the first. */
const highest = (peaks: string): string => {
  const ranked = quantities.map(
    (q) => `max(${q}_rank) AS ${q}_rank, arg_max(peak_${q}_measured, ${q}_rank) AS peak_${q}_measured`,
  );
  return `SELECT element, ${rankedValue('w_rank')}::INTEGER AS peak_w, ${rankedS('w_rank')} AS peak_w_s, peak_w_measured,
      (${rankedValue('a_rank')} / 1000)::DECIMAL(9, 3) AS peak_a, ${rankedS('a_rank')} AS peak_a_s, peak_a_measured
    FROM (SELECT element, ${ranked.join(', ')} FROM (SELECT element, peak_w_measured, peak_a_measured,
      ${rank('peak_w', 'peak_w_s')} AS w_rank, ${rank('(peak_a * 1000)', 'peak_a_s')} AS a_rank FROM (${peaks})) GROUP BY element)`;
};

/**
 * Peaks of the day before, of five days and of the year, after days were written anew. The year's stands on what it was, and looks at all its days again
 * only where the day of its peak is one of those.
 */
export async function writePeaks(
  session: WarehouseSession,
  yesterday: OperatingDay,
  written: readonly OperatingDay[],
  touched: string | undefined,
): Promise<void> {
  const { day } = yesterday;
  const first = yearStart(day);
  const days = written.filter((each) => each.day >= first && each.day <= day);
  const within = (column: string): string =>
    days.length === 0
      ? 'false'
      : days.map(({ fromS, toS }) => `${column} >= ${fromS} AND ${column} < ${toS}`).join(' OR ');
  const stood = `tlm.peak WHERE span = 'year' AND yesterday BETWEEN '${first}' AND '${day}'`;
  const anew = `SELECT element FROM ${stood} ${touchedOnly(touched)} AND (${quantities.map((q) => within(`peak_${q}_s`)).join(' OR ')})`;
  const writtenDays = days.length === 0 ? 'NULL' : days.map((each) => `'${each.day}'`).join(', ');
  const unseen = `day BETWEEN '${first}' AND '${day}' AND (day IN (${writtenDays}) OR day > coalesce((SELECT max(yesterday) FROM ${stood}), '${daysBefore(first, 1)}'::DATE))`;
  const candidates = `SELECT element, ${peakColumns} FROM ${stood} ${touchedOnly(touched)} AND element NOT IN (${anew})
    UNION ALL SELECT element, ${peakColumns} FROM tlm.load_day WHERE ${unseen} ${touchedOnly(touched)}
    UNION ALL SELECT element, ${peakColumns} FROM tlm.load_day WHERE day BETWEEN '${first}' AND '${day}' AND element IN (${anew})`;
  const ofDays = (from: string): string =>
    `SELECT element, ${peakColumns} FROM tlm.load_day WHERE day BETWEEN '${from}' AND '${day}' ${touchedOnly(touched)}`;
  const spans = { yesterday: ofDays(day), 'five-day': highest(ofDays(daysBefore(day, 4))), year: highest(candidates) };
  await session.run(
    `CREATE OR REPLACE TEMP TABLE new_peak AS ${Object.entries(spans)
      .map(
        ([span, peaks]) =>
          `SELECT element, '${span}' AS span, '${day}'::DATE AS yesterday, ${peakColumns} FROM (${peaks})`,
      )
      .join(' UNION ALL ')}`,
  );
  await session.run(
    `DELETE FROM tlm.peak WHERE true ${touchedOnly(touched)}; INSERT INTO tlm.peak SELECT * FROM new_peak; DROP TABLE new_peak`,
  );
}
