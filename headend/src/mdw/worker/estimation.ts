import type { EstimateAsked, EstimatesMade } from '../estimate-requests.ts';
import type { Span } from '../completeness-requests.ts';
import { intervalSources } from '../interval-row.ts';
import { dayTypes, likeDays, localDays } from '../local-days.ts';
import type { LocalDay } from '../local-days.ts';
import { flagBit, methodBit } from '../vee-rules.ts';
import { Refusal } from '../warehouse-request.ts';
import type { WarehouseProgress } from '../warehouse-request.ts';
import { expectedWithin, fills, isEstimate, rowsWithin, soFar } from './coverage.ts';
import { holesIn } from './gaps.ts';
import { nextBatch, noteChanges } from './landing.ts';
import { intervalColumns } from './own-tables.ts';
import type { OwnSession, Sessions } from './sessions.ts';
import { loadProfiles } from './load-profiles.ts';

const hourS = 3_600;
/** A straight line is drawn over so much at most. */
const linearUpToS = 2 * hourS;
/** The meter's own days of the same kind: so many, of so many that are looked at, not further back. */
const averagedDays = 5;
const lookedAtDays = 8;
const lookedBackDays = 60;
/**
 * A day is scaled by what of it was measured, if that is so much, and not by more than this. By the square root of it: of how a home's
 * day differs about half lasts; the whole of it made hours of 311 real homes worse than no scaling.
 */
const scaledFromS = 6 * hourS;
const leastScale = 0.5;
const mostScale = 2;
const longestS = 62 * 86_400;
const estimateSource = intervalSources.indexOf('estimate');
const profileSource = intervalSources.indexOf('profile');
/** What a meter counts a day; of one that nobody ever read, what its customer is said to take a year. */
const dayWh = `coalesce(n.day_wh, y.year_wh / 365.25)`;

/**
 * Fills gaps in the manner of the Uniform Business Practices: a straight line over up to two hours between measured neighbours; else the mean
 * of the meter's last days of the same kind at the same local time, scaled by what of the day was measured; else its class's load profile,
 * scaled by what the meter usually counts a day. Where nothing was ever counted, and only known what the customer takes a year, its source is `profile`. Each says by which method; what was measured is never replaced.
 */
export async function estimate(
  sessions: Sessions,
  timeZone: string,
  asked: EstimateAsked,
  { nowMs, onProgress }: { nowMs: number; onProgress: (progress: WarehouseProgress) => void },
): Promise<EstimatesMade> {
  if (!(asked.toS > asked.fromS) || asked.toS - asked.fromS > longestS)
    throw new Refusal('invalid', 'the time is empty, or longer than 62 days: estimate it in parts');
  // Nobody estimates what is still to come: it would stand for what is not read until it is.
  const { fromS, toS } = soFar(asked, nowMs) ?? { fromS: asked.fromS, toS: asked.fromS };
  const days = toS > fromS ? localDays(timeZone, fromS, toS) : [];
  const made = { meters: new Set<number>(), linear: 0, likeDay: 0, profile: 0, none: 0 };
  for (const [index, day] of days.entries()) {
    onProgress({ done: index, total: days.length, say: day.day });
    const clipped = { ...day, fromS: Math.max(fromS, day.fromS), toS: Math.min(toS, day.toS) };
    const of = await sessions.write(async (session) => await estimateDay(session, timeZone, clipped, asked, nowMs));
    for (const meter of of.meters) made.meters.add(meter);
    for (const method of ['linear', 'likeDay', 'profile', 'none'] as const) made[method] += of[method];
  }
  onProgress({ done: days.length, total: days.length });
  return { ...made, days: days.length, meters: made.meters.size };
}

type DayEstimates = Pick<EstimatesMade, 'linear' | 'likeDay' | 'profile' | 'none'> & {
  readonly meters: readonly number[];
};

async function estimateDay(
  session: OwnSession,
  timeZone: string,
  day: LocalDay,
  { meters, again = false }: EstimateAsked,
  nowMs: number,
): Promise<DayEstimates> {
  const around = { fromS: day.fromS - linearUpToS, toS: day.toS + linearUpToS };
  const nowS = Math.floor(nowMs / 1_000);
  await withdrawOverlaid(session, around, nowS);
  const named =
    meters === undefined
      ? ''
      : `SEMI JOIN (SELECT unnest(from_json('${JSON.stringify(meters).replaceAll("'", "''")}', '["VARCHAR"]')) AS name) USING (name)`;
  await holesIn(session, {
    rows: `(SELECT meter, from_s, to_s FROM ${await rowsWithin(session, around)} WHERE ${fills[again ? 'unmeasured' : 'unknown']})`,
    expected: `(FROM ${expectedWithin(around)} ${named})`,
  });
  await session.run(`CREATE OR REPLACE TEMP TABLE gap AS FROM hole WHERE from_s < ${day.toS} AND to_s > ${day.fromS}`);
  const { gaps } = await session.row<{ gaps: number }>('SELECT count(*)::DOUBLE AS gaps FROM gap');
  if (gaps === 0) return { linear: 0, likeDay: 0, profile: 0, none: 0, meters: [] };
  await putHistory(session, timeZone, day);
  await putPieces(session, timeZone, day, await rowsWithin(session, around));
  await putLikeDays(session, timeZone, day);
  return await landEstimates(session, day, nowS);
}

/**
 * An estimate is replaced by what was measured from the same instant on. Where a meter turns out to count in intervals of another length, what was
 * measured lies across it, and both would be summed: that estimate becomes unknown, and what is still open is estimated anew.
 */
export async function withdrawOverlaid(
  session: OwnSession,
  around: Span,
  nowS: number,
  meters?: readonly number[],
): Promise<void> {
  const rows = await session.relation({ fromS: Math.max(0, around.fromS - hourS), toS: around.toS, meters });
  const { any } = await session.row<{ any: boolean }>(`SELECT EXISTS (FROM ${rows} WHERE ${isEstimate}) AS any`);
  if (!any) return;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE overlaid AS
     SELECT DISTINCT e.* FROM (FROM ${rows} WHERE ${isEstimate}) e JOIN (FROM ${rows} WHERE ${fills.unmeasured}) m
       ON m.meter = e.meter AND m.start_s <> e.start_s AND m.start_s < e.start_s::BIGINT + e.length_s AND m.start_s::BIGINT + m.length_s > e.start_s`,
  );
  const { overlaid } = await session.row<{ overlaid: number }>('SELECT count(*)::DOUBLE AS overlaid FROM overlaid');
  if (overlaid === 0) return;
  const batch = await nextBatch(session);
  await session.run(
    `INSERT INTO landing (${intervalColumns.join(', ')}, batch)
     SELECT meter, start_s, length_s, NULL, NULL, NULL, NULL, flags & ${flagBit('missing')}, ${estimateSource}, greatest(${nowS}, read_s::BIGINT + 1), $1 FROM overlaid`,
    [batch],
  );
  await noteChanges(session, { fromS: Math.max(0, around.fromS - hourS), toS: around.toS }, batch);
}

const localSecond = (timeZone: string, second: string): string =>
  `(epoch(timezone('${timeZone}', to_timestamp(${second})))::BIGINT % 86400)`;
const watts = (column: string, lengthS = 'length_s'): string => `(${column} * 3600.0 / ${lengthS})`;

/** Temporary tables: `known` (measured rows around), `piece` (the intervals of the gaps, of each meter's own length, with their neighbours). */
async function putPieces(session: OwnSession, timeZone: string, day: LocalDay, rows: string): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE known AS
     SELECT meter, start_s::BIGINT AS start_s, length_s, ${watts('import_wh')} AS import_w, ${watts('export_wh')} AS export_w
     FROM ${rows} SEMI JOIN gap USING (meter) WHERE ${fills.unmeasured}`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE piece AS
     WITH length AS (
       SELECT meter, coalesce(k.length_s, h.length_s) AS length_s FROM (SELECT meter, mode(length_s)::BIGINT AS length_s FROM known GROUP BY meter) k
       FULL JOIN (SELECT meter, mode(length_s)::BIGINT AS length_s FROM history GROUP BY meter) h USING (meter)),
     cut AS (
       SELECT g.meter, g.from_s AS gap_from, g.to_s AS gap_to, b.meter IS NOT NULL AS is_after_another, coalesce(l.length_s, ${hourS}) AS length,
         unnest(generate_series(g.from_s - g.from_s % length, g.to_s - 1, length)) AS each_s
       FROM gap g LEFT JOIN length l USING (meter)
       LEFT JOIN (SELECT DISTINCT meter, to_s FROM ${rows} WHERE ${fills.unknown}) b ON b.meter = g.meter AND b.to_s = g.from_s)
     -- A meter is expected from the middle of an interval on: it will tell the whole of it, and that is to be of the same key.
     SELECT meter, gap_from, gap_to, CASE WHEN is_after_another THEN greatest(each_s, gap_from) ELSE each_s END AS start_s,
       least(each_s + length, gap_to) - start_s AS length_s, ${localSecond(timeZone, 'start_s')} AS slot
     FROM cut WHERE start_s >= ${day.fromS} AND start_s < ${day.toS}`,
  );
}

/** Temporary table: `history` (what was measured on the meters' last days of the same kind). */
async function putHistory(session: OwnSession, timeZone: string, day: LocalDay): Promise<void> {
  const before = likeDays(timeZone, day, lookedAtDays, lookedBackDays);
  const each = await Promise.all(
    before.map(async ({ fromS, toS }, index) => {
      const rows = await rowsWithin(session, { fromS, toS });
      return `SELECT ${index} AS days_ago, meter, start_s, length_s, import_wh, export_wh FROM ${rows} SEMI JOIN gap USING (meter) WHERE ${fills.unmeasured}`;
    }),
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE history AS
     SELECT days_ago, meter, length_s, ${localSecond(timeZone, 'start_s')} AS slot, ${watts('import_wh')} AS import_w, ${watts('export_wh')} AS export_w
     FROM (${each.join(' UNION ALL ')})`,
  );
}

/** Temporary tables: `like_power` (by meter and local time, over its last days of the same kind) and `scale` (how the day compares to those). */
async function putLikeDays(session: OwnSession, timeZone: string, day: LocalDay): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE wanted AS
     SELECT DISTINCT meter, slot FROM piece
     UNION SELECT DISTINCT meter, ${localSecond(timeZone, 'start_s')} FROM known WHERE start_s >= ${day.fromS} AND start_s < ${day.toS}`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE like_power AS
     SELECT meter, slot, avg(import_w) AS import_w, avg(export_w) AS export_w FROM (
       SELECT w.meter, w.slot, h.import_w, h.export_w FROM wanted w JOIN history h ON h.meter = w.meter AND h.slot = w.slot - w.slot % h.length_s
       QUALIFY dense_rank() OVER (PARTITION BY w.meter, w.slot ORDER BY h.days_ago) <= ${averagedDays})
     GROUP BY meter, slot`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE scale AS
     SELECT meter, CASE WHEN sum(length_s) >= ${scaledFromS} AND sum(l.import_w * length_s) > 0
       THEN least(${mostScale}, greatest(${leastScale}, sqrt(sum(k.import_w * length_s) / sum(l.import_w * length_s)))) ELSE 1 END AS factor
     FROM (SELECT *, ${localSecond(timeZone, 'start_s')} AS slot FROM known WHERE start_s >= ${day.fromS} AND start_s < ${day.toS}) k
     JOIN like_power l USING (meter, slot) GROUP BY meter`,
  );
}

async function landEstimates(session: OwnSession, day: LocalDay, nowS: number): Promise<DayEstimates> {
  const type = dayTypes.indexOf(day.type);
  // A gateway that said that it has nothing is not asked again because of an estimate.
  const told = await session.relation({
    fromS: day.fromS,
    toS: day.toS,
    columns: ['meter', 'start_s', 'flags', 'source', 'read_s'],
  });
  const between = `(p.start_s + p.length_s / 2.0 - b.start_s - b.length_s / 2.0) / (a.start_s + a.length_s / 2.0 - b.start_s - b.length_s / 2.0)`;
  const line = (column: string): string => `(b.${column} + (a.${column} - b.${column}) * ${between})`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE estimated AS
     WITH profiles AS (FROM ${loadProfiles}), shape AS (
       SELECT class, hour, weight / (SELECT sum(w.weight * CASE w.day_type WHEN 0 THEN 5 ELSE 1 END) / 7 FROM profiles w WHERE w.class = p.class) AS share
       FROM profiles p WHERE day_type = ${type})
     SELECT p.meter, p.start_s, p.length_s, (coalesce(t.flags, 0) & ${flagBit('missing')}) AS told,
       greatest(${nowS}, CASE WHEN t.source IN (${estimateSource}, ${profileSource}) THEN t.read_s END) AS read_s,
       CASE WHEN p.gap_to - p.gap_from <= ${linearUpToS} AND ${line('import_w')} IS NOT NULL THEN 'linear'
         WHEN l.import_w IS NOT NULL THEN 'like-day' WHEN ${dayWh} * s.share IS NOT NULL THEN 'profile' END AS method,
       CASE WHEN method = 'profile' AND n.day_wh IS NULL THEN ${profileSource} ELSE ${estimateSource} END AS source,
       CASE method WHEN 'linear' THEN ${line('import_w')} WHEN 'like-day' THEN l.import_w * coalesce(f.factor, 1) WHEN 'profile' THEN ${dayWh} * s.share END AS import_w,
       CASE method WHEN 'linear' THEN ${line('export_w')} WHEN 'like-day' THEN l.export_w END AS export_w
     FROM piece p
     LEFT JOIN known b ON b.meter = p.meter AND b.start_s + b.length_s = p.gap_from
     LEFT JOIN known a ON a.meter = p.meter AND a.start_s = p.gap_to
     LEFT JOIN like_power l ON l.meter = p.meter AND l.slot = p.slot
     LEFT JOIN scale f ON f.meter = p.meter
     LEFT JOIN norm n ON n.meter = p.meter
     LEFT JOIN customer_year y ON y.meter = p.meter
     LEFT JOIN meter m ON m.meter = p.meter
     LEFT JOIN shape s ON s.class = coalesce(y.profile, m.class) AND s.hour = p.slot // ${hourS}
     LEFT JOIN ${told} t ON t.meter = p.meter AND t.start_s = p.start_s`,
  );
  const counts = await session.row<Omit<DayEstimates, 'meters'>>(
    `SELECT count(*) FILTER (method = 'linear')::DOUBLE AS linear, count(*) FILTER (method = 'like-day')::DOUBLE AS "likeDay",
       count(*) FILTER (method = 'profile')::DOUBLE AS profile, count(*) FILTER (method IS NULL)::DOUBLE AS none FROM estimated`,
  );
  const meters = await session.rows<{ meter: number }>('SELECT DISTINCT meter FROM estimated WHERE method IS NOT NULL');
  if (meters.length > 0) {
    const batch = await nextBatch(session);
    const bits = `CASE method WHEN 'linear' THEN ${methodBit('linear')} WHEN 'like-day' THEN ${methodBit('like-day')} ELSE ${methodBit('profile')} END`;
    await session.run(
      `INSERT INTO landing (${intervalColumns.join(', ')}, batch)
       SELECT meter, start_s, length_s, round(import_w * length_s / 3600), round(export_w * length_s / 3600), NULL, NULL, told | ${bits}, source, read_s, $1
       FROM estimated WHERE method IS NOT NULL`,
      [batch],
    );
    await noteChanges(session, day, batch);
  }
  return { ...counts, meters: meters.map(({ meter }) => meter) };
}
