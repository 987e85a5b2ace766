import { daysBefore, yearStart } from '../../mdw/local-days.ts';
import type { LocalDay } from '../../mdw/local-days.ts';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { highestPeaks, peakColumns } from '../worker/ranked-peaks.ts';

/** SQL: of the elements concerned; absent: of all. `touched` is a table with a column `element`. */
const touchedOnly = (touched: string | undefined): string =>
  touched === undefined ? '' : `AND element IN (SELECT element FROM ${touched})`;

const highest = (peaks: string): string => highestPeaks(`(${peaks})`, ['element']);

/**
 * Peaks of the day before, of five days and of the year, after days were written anew. The year's stands on what it was, and looks at all its days again
 * only where the day of its peak is one of those. What nobody knows has no row.
 */
export async function writePeaks(
  session: WarehouseSession,
  yesterday: LocalDay,
  written: readonly LocalDay[],
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
  const anew = `SELECT element FROM ${stood} ${touchedOnly(touched)} AND (${['w', 'va', 'a'].map((q) => within(`peak_${q}_s`)).join(' OR ')})`;
  const writtenDays = days.length === 0 ? 'NULL' : days.map((each) => `'${each.day}'`).join(', ');
  const unseen = `day BETWEEN '${first}' AND '${day}' AND (day IN (${writtenDays}) OR day > coalesce((SELECT max(yesterday) FROM ${stood}), '${daysBefore(first, 1)}'::DATE))`;
  const candidates = `SELECT element, ${peakColumns} FROM ${stood} ${touchedOnly(touched)} AND element NOT IN (${anew})
    UNION ALL SELECT element, ${peakColumns} FROM tlm.load_part WHERE ${unseen} ${touchedOnly(touched)}
    UNION ALL SELECT element, ${peakColumns} FROM tlm.load_part WHERE day BETWEEN '${first}' AND '${day}' AND element IN (${anew})`;
  const ofDays = (from: string): string =>
    `SELECT element, ${peakColumns} FROM tlm.load_part WHERE day BETWEEN '${from}' AND '${day}' ${touchedOnly(touched)}`;
  const columns = `element, span, '${day}'::DATE AS yesterday, ${peakColumns}`;
  // The year's looks at what stands, the others do not.
  await session.run(`CREATE OR REPLACE TEMP TABLE new_year AS SELECT *, 'year' AS span FROM (${highest(candidates)})`);
  await session.run(
    `DELETE FROM tlm.peak WHERE true ${touchedOnly(touched)};
     INSERT INTO tlm.peak SELECT ${columns} FROM (FROM new_year
         UNION ALL BY NAME SELECT *, 'yesterday' AS span FROM (${highest(ofDays(day))})
         UNION ALL BY NAME SELECT *, 'five-day' AS span FROM (${highest(ofDays(daysBefore(day, 4)))}))
       WHERE peak_w_s IS NOT NULL OR peak_a_s IS NOT NULL;
     DROP TABLE new_year`,
  );
}
