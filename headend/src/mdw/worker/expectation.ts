import type { ExpectationAsked, ExpectedPowers } from '../expectation-request.ts';
import { likeInstants } from '../local-days.ts';
import { fills } from './coverage.ts';
import type { Sessions } from './sessions.ts';

const averagedDays = 5;
const lookedAtDays = 8;
const lookedBackDays = 60;
/** One day alone says less than what a meter reported last. */
const leastDays = 2;
const longestIntervalS = 3_600;

/** The mean over the interval of that local time, of each meter's last days of the same kind. Estimates are no history. */
export async function expectation(
  sessions: Sessions,
  timeZone: string,
  { meters, atS }: ExpectationAsked,
): Promise<ExpectedPowers> {
  const instants = likeInstants(timeZone, atS, lookedAtDays, lookedBackDays);
  return await sessions.read(async (session) => {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE asked_meter AS
       SELECT meter, name FROM meter SEMI JOIN (SELECT unnest(from_json($1, '["VARCHAR"]')) AS name) USING (name)`,
      [JSON.stringify(meters)],
    );
    const columns = ['meter', 'start_s', 'length_s', 'import_wh', 'export_wh', 'source'];
    const days: string[] = [];
    for (const [daysAgo, instantS] of instants.entries()) {
      const rows = await session.relation({ fromS: instantS - longestIntervalS + 1, toS: instantS + 1, columns });
      days.push(
        `SELECT ${daysAgo} AS days_ago, name, (coalesce(import_wh, 0) - coalesce(export_wh, 0)) * 3600.0 / length_s AS power_w
         FROM ${rows} JOIN asked_meter USING (meter) WHERE start_s + length_s > ${instantS} AND ${fills.unmeasured}`,
      );
    }
    return await session.rows<{ meter: string; powerW: number }>(
      `SELECT name AS meter, avg(power_w) AS "powerW" FROM (
         SELECT * FROM (${days.join(' UNION ALL ')}) QUALIFY row_number() OVER (PARTITION BY name ORDER BY days_ago) <= ${averagedDays})
       GROUP BY name HAVING count(*) >= ${leastDays}`,
    );
  });
}
