import { veeLimits } from '../vee-rules.ts';
import type { DayRows } from './day-rows.ts';
import { daySeconds } from './interval-files.ts';
import type { OwnSession } from './sessions.ts';

const { sumToleranceWh, sumTolerancePct } = veeLimits;
/** Readings that lie further apart are not compared: the fault would not be found by its time. */
const longestSpanS = 3 * daySeconds;

/**
 * Between two readings of a register its intervals add up to what it moved, where all of them are there. Makes the temporary tables `sum_span`
 * (what could be compared) and `sum_fault`.
 */
export async function findSumFaults(session: OwnSession, { range }: DayRows): Promise<void> {
  const { fromS, toS } = range;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE span AS
     SELECT * FROM (
       SELECT meter, lag(at_s) OVER each AS from_s, at_s AS to_s, import_wh::DOUBLE - lag(import_wh) OVER each AS moved_import,
         export_wh::DOUBLE - lag(export_wh) OVER each AS moved_export
       FROM (SELECT meter, at_s, max(import_wh) AS import_wh, max(export_wh) AS export_wh FROM register
             WHERE at_s > ${fromS - longestSpanS} AND at_s <= ${toS + longestSpanS} GROUP BY ALL)
       WINDOW each AS (PARTITION BY meter ORDER BY at_s))
     WHERE from_s < ${toS} AND to_s > ${fromS} AND to_s - from_s <= ${longestSpanS}`,
  );
  const { first, last } = await session.row<{ first: number | null; last: number | null }>(
    'SELECT min(from_s) AS first, max(to_s) AS last FROM span',
  );
  const empty = 'SELECT meter, from_s, to_s, 0::DOUBLE AS found, 0::DOUBLE AS allowed FROM span WHERE false';
  const sums =
    first === null || last === null
      ? empty
      : `SELECT s.meter, s.from_s, s.to_s,
           greatest(abs(sum(r.import_wh) - any_value(s.moved_import)), coalesce(abs(sum(r.export_wh) - any_value(s.moved_export)), 0)) AS found,
           greatest(${sumToleranceWh}, any_value(s.moved_import) * ${sumTolerancePct / 100}, coalesce(any_value(s.moved_export), 0) * ${sumTolerancePct / 100}) AS allowed
         FROM span s JOIN ${await session.relation({ fromS: first, toS: last, unedited: true })} r
           ON r.meter = s.meter AND r.start_s >= s.from_s AND r.start_s < s.to_s
         WHERE r.source <= 1 AND r.import_wh IS NOT NULL
         GROUP BY s.meter, s.from_s, s.to_s HAVING sum(r.length_s) = s.to_s - s.from_s`;
  await session.run(`CREATE OR REPLACE TEMP TABLE sum_span AS ${sums}`);
  await session.run('CREATE OR REPLACE TEMP TABLE sum_fault AS FROM sum_span WHERE found > allowed');
}
