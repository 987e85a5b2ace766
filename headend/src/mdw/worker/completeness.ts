import type { CompletenessAsked, CompletenessFound, Coverage, MeterCoverage } from '../completeness-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { expectedWithin, fills, isEstimate, rowsWithin, soFar } from './coverage.ts';
import type { Sessions } from './sessions.ts';

const longestS = 62 * 86_400;
const mostWorst = 10_000;

const sums = `count(*)::DOUBLE AS meters, count(*) FILTER (measured_s >= expected_s)::DOUBLE AS whole,
  coalesce(sum(expected_s), 0)::DOUBLE AS "expectedS", coalesce(sum(measured_s), 0)::DOUBLE AS "measuredS", coalesce(sum(estimated_s), 0)::DOUBLE AS "estimatedS"`;

export async function completenessAsked(
  sessions: Sessions,
  wanted: CompletenessAsked,
  nowMs: number,
): Promise<CompletenessFound> {
  if (!(wanted.toS > wanted.fromS) || wanted.toS - wanted.fromS > longestS)
    throw new Refusal('invalid', 'the time is empty, or longer than 62 days: ask for it in parts');
  const none: Coverage = { meters: 0, whole: 0, expectedS: 0, measuredS: 0, estimatedS: 0 };
  const asked = soFar(wanted, nowMs);
  if (asked === undefined)
    return { all: none, groups: (wanted.groups ?? []).map(({ name }) => ({ name, ...none })), worst: [] };
  const { fromS, toS, groups = [], worst = 0 } = asked;
  return await sessions.read(async (session) => {
    const rows = await rowsWithin(session, asked);
    await session.run(
      `CREATE OR REPLACE TEMP TABLE coverage AS
       SELECT e.meter, e.name, e.to_s - e.from_s AS expected_s, least(coalesce(r.measured_s, 0), expected_s) AS measured_s,
         least(coalesce(r.estimated_s, 0), expected_s - least(coalesce(r.measured_s, 0), expected_s)) AS estimated_s
       FROM ${expectedWithin(asked)} e LEFT JOIN (
         SELECT meter, sum(to_s - from_s) FILTER (${fills.unmeasured}) AS measured_s, sum(to_s - from_s) FILTER (${isEstimate}) AS estimated_s
         FROM ${rows} GROUP BY meter) r USING (meter)`,
    );
    const all = await session.row<Coverage>(`SELECT ${sums} FROM coverage`);
    const least = await session.rows<MeterCoverage>(
      `SELECT name AS meter, expected_s::DOUBLE AS "expectedS", measured_s::DOUBLE AS "measuredS", estimated_s::DOUBLE AS "estimatedS"
       FROM coverage WHERE measured_s < expected_s ORDER BY measured_s / expected_s, coverage.meter LIMIT ${Math.min(worst, mostWorst)}`,
    );
    if (groups.length === 0) return { all, groups: [], worst: least };
    await session.run(
      `CREATE OR REPLACE TEMP TABLE member AS
       SELECT place, unnest(meters) AS name FROM (SELECT row_number() OVER () AS place, meters FROM (SELECT unnest(from_json($1, '[["VARCHAR"]]')) AS meters))`,
      [JSON.stringify(groups.map(({ meters }) => meters))],
    );
    const found = await session.rows<Coverage & { place: bigint }>(
      `SELECT place, ${sums} FROM (
         SELECT m.place, coalesce(c.expected_s, CASE WHEN k.meter IS NULL THEN ${toS - fromS} END) AS expected_s,
           coalesce(c.measured_s, 0) AS measured_s, coalesce(c.estimated_s, 0) AS estimated_s
         FROM member m LEFT JOIN coverage c USING (name) LEFT JOIN meter k USING (name))
       WHERE expected_s IS NOT NULL GROUP BY place`,
    );
    const byPlace = new Map(found.map(({ place, ...coverage }) => [Number(place), coverage]));
    return {
      all,
      groups: groups.map(({ name }, index) => ({ name, ...(byPlace.get(index + 1) ?? none) })),
      worst: least,
    };
  });
}
