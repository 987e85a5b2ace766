import type { GapsAsked, GapsFound, MeterGaps, Span } from '../completeness-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { expectedWithin, fills, rowsWithin, soFar } from './coverage.ts';
import type { OwnSession, Sessions } from './sessions.ts';

const maxPage = 100_000;
const maxNamed = 1_000_000;
const longestS = 400 * 86_400;

export async function gapsAsked(sessions: Sessions, wanted: GapsAsked, nowMs: number): Promise<GapsFound> {
  const { meters, afterMeter = 0, limit = maxPage } = wanted;
  if (!(wanted.toS > wanted.fromS) || wanted.toS - wanted.fromS > longestS)
    throw new Refusal('invalid', 'the time is empty, or longer than 400 days');
  if ((meters?.length ?? 0) > maxNamed) throw new Refusal('invalid', `more than ${maxNamed} meters are named`);
  const asked = soFar(wanted, nowMs);
  if (asked === undefined) return { gaps: [] };
  return await sessions.read(async (session) => {
    if (meters !== undefined) return await ofNamed(session, asked, meters);
    const page = Math.min(limit, maxPage);
    const found = await gapsOf(session, asked, `(FROM ${expectedWithin(asked)} WHERE meter > ${afterMeter})`, page + 1);
    const last = found[page - 1];
    return {
      gaps: found.slice(0, page).map(({ meter, ranges }) => ({ meter, ranges })),
      ...(found.length > page && last !== undefined ? { next: last.number } : {}),
    };
  });
}

/** Who names a meter expects it, though it was not heard of before. */
async function ofNamed(session: OwnSession, asked: GapsAsked, names: readonly string[]): Promise<GapsFound> {
  const { fromS, toS } = asked;
  await session.run(
    'CREATE OR REPLACE TEMP TABLE named_meter AS SELECT DISTINCT unnest(from_json($1, \'["VARCHAR"]\')) AS name',
    [JSON.stringify(names)],
  );
  const expected = `(SELECT meter, name, greatest(${fromS}, coalesce(since_s, 0))::BIGINT AS from_s, least(${toS}, coalesce(until_s, ${toS}))::BIGINT AS to_s
    FROM meter SEMI JOIN named_meter USING (name))`;
  const found = await gapsOf(session, asked, `(FROM ${expected} WHERE to_s > from_s)`, maxNamed);
  const strangers = await session.rows<{ name: string }>('SELECT name FROM named_meter ANTI JOIN meter USING (name)');
  return {
    gaps: [
      ...found.map(({ meter, ranges }) => ({ meter, ranges })),
      ...strangers.map(({ name }) => ({ meter: name, ranges: [{ fromS, toS }] })),
    ],
  };
}

type Found = MeterGaps & { readonly number: number };

async function gapsOf(
  session: OwnSession,
  { kind, ...span }: GapsAsked,
  expected: string,
  most: number,
): Promise<Found[]> {
  const rows = `(SELECT meter, from_s, to_s FROM ${await rowsWithin(session, span)} WHERE ${fills[kind]})`;
  await holesIn(session, { rows, expected, most });
  const found = await session.rows<{ number: number; meter: string; froms: number[]; tos: number[] }>(
    `SELECT l.meter AS number, l.name AS meter, list(h.from_s::DOUBLE ORDER BY h.from_s) AS froms, list(h.to_s::DOUBLE ORDER BY h.from_s) AS tos
     FROM hole h JOIN lacking l USING (meter) GROUP BY ALL ORDER BY l.meter`,
  );
  return found.map(({ number, meter, froms, tos }) => ({ number, meter, ranges: rangesOf(froms, tos) }));
}

/**
 * Makes the temporary tables `lacking` (meters of which something is missing, of `expected`) and `hole` (from when to when). `rows` have
 * `meter`, `from_s` and `to_s`. Most meters lack nothing, and a sum finds those; only the others are looked at interval by interval.
 */
export async function holesIn(
  session: OwnSession,
  { rows, expected, most }: { readonly rows: string; readonly expected: string; readonly most?: number },
): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE lacking AS
     SELECT e.* FROM ${expected} e LEFT JOIN (SELECT meter, sum(to_s - from_s) AS there_s FROM ${rows} GROUP BY meter) r USING (meter)
     WHERE coalesce(there_s, 0) < e.to_s - e.from_s ${most === undefined ? '' : `ORDER BY e.meter LIMIT ${most}`}`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE hole AS
     SELECT * FROM (
       SELECT e.meter, greatest(l.from_s, coalesce(max(e.to_s) OVER before, l.from_s)) AS from_s, least(e.from_s, l.to_s) AS to_s
       FROM (SELECT meter, from_s, to_s FROM ${rows} SEMI JOIN lacking USING (meter)
             UNION ALL SELECT meter, to_s, to_s FROM lacking) e JOIN lacking l USING (meter)
       WINDOW before AS (PARTITION BY e.meter ORDER BY e.from_s, e.to_s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
     WHERE to_s > from_s`,
  );
}

const rangesOf = (froms: readonly number[], tos: readonly number[]): readonly Span[] =>
  froms.map((fromS, index) => ({ fromS, toS: tos[index] ?? fromS }));
