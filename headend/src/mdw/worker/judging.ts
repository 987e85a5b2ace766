import { flagBit, impossibleBits, ruleBit, toldBits, veeLimits, veeRules } from '../vee-rules.ts';
import type { VeeRule } from '../vee-rules.ts';
import type { DayRows } from './day-rows.ts';
import { daySeconds } from './interval-files.ts';
import { intervalColumns } from './own-tables.ts';
import { nextBatch } from './landing.ts';
import type { OwnSession } from './sessions.ts';
import { findSumFaults } from './sum-check.ts';

const { timeToleranceS, spikeFactor, spikeFloorW, knownAfterDays, capacityFactor, zeroDays, mostWh } = veeLimits;

/** Of a voltage below that nobody is supplied. */
const liveDv = 500;
/** A day of which less is there says nothing about a meter's days. */
const wholeShare = 0.9;
/** High days are forgotten with the time. */
const highAgingPerDay = 1 / 28;

/**
 * Holds the rows of a day against the rules. Makes the temporary tables `judge` (a meter's limits of that day), `overlapping`, `twice` and
 * `sum_fault`, which `judged` uses.
 */
export async function judgeDay(session: OwnSession, day: DayRows): Promise<void> {
  const rows = day.standing(day.range);
  const measured = 'source <= 1';
  await session.run(
    `CREATE OR REPLACE TEMP TABLE judge AS
     SELECT d.*, ${mostWh} / coalesce(m.multiplier, 1) AS most_wh, m.service_w * ${capacityFactor} / m.multiplier AS capacity_w,
       CASE WHEN n.days >= ${knownAfterDays} THEN greatest(n.high_w * ${spikeFactor}, ${spikeFloorW}) END AS spike_w,
       d.zero AND n.days >= ${knownAfterDays} AND n.day_wh > 0
         AND (n.zero_days + 1) > greatest(${zeroDays}, n.most_zero_days) AS too_long_zero, n.zero_days + 1 AS zero_days
     FROM (
       SELECT meter, min(start_s) AS first_s, sum(length_s) FILTER (energy) AS present_s, sum(import_wh)::DOUBLE AS import_wh,
         coalesce(max(import_wh * 3600.0 / length_s, 3)[3], max(import_wh * 3600.0 / length_s)) AS third_w,
         sum(length_s) FILTER (energy AND ${measured}) >= ${wholeShare * daySeconds} AND bool_and(import_wh = 0 AND coalesce(export_wh, 0) = 0)
           AND min(voltage_dv) >= ${liveDv} AS zero,
         min(length_s) <> max(length_s) OR bool_or(start_s % length_s <> 0) AS uneven
       FROM (SELECT *, import_wh IS NOT NULL OR export_wh IS NOT NULL AS energy FROM ${rows}) GROUP BY meter
     ) d LEFT JOIN meter m USING (meter) LEFT JOIN norm n USING (meter)`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE overlapping AS
     SELECT meter, start_s FROM ${rows} SEMI JOIN (FROM judge WHERE uneven) USING (meter)
     QUALIFY start_s < max(start_s + length_s) OVER (PARTITION BY meter ORDER BY start_s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE twice AS
     SELECT DISTINCT r.meter, r.start_s FROM (FROM replaced WHERE start_s >= ${day.range.fromS} AND start_s < ${day.range.toS} AND source <= 1
         AND (import_wh IS NOT NULL OR export_wh IS NOT NULL)) r
     JOIN (FROM ${rows} WHERE source <= 1) s ON r.meter = s.meter AND r.start_s = s.start_s
       AND (r.import_wh IS DISTINCT FROM s.import_wh OR r.export_wh IS DISTINCT FROM s.export_wh)`,
  );
  await findSumFaults(session, day);
}

const power = '(r.import_wh * 3600.0 / r.length_s)';

/** When a rule finds fault with row `r`, what it found and what was allowed. Estimates and profiles are held against what is said of energy. */
const conditions: Readonly<
  Record<VeeRule, { readonly when: string; readonly found: string; readonly allowed: string }>
> = {
  missing: { when: 'r.import_wh IS NULL AND r.export_wh IS NULL', found: 'NULL', allowed: 'NULL' },
  negative: {
    when: `r.import_wh < 0 OR r.export_wh < 0 OR (r.flags & ${flagBit('register-reset')}) > 0`,
    found: 'least(r.import_wh, r.export_wh)',
    allowed: '0',
  },
  overlap: { when: 'o.meter IS NOT NULL', found: 'r.length_s', allowed: 'NULL' },
  duplicate: { when: 't.meter IS NOT NULL', found: 'r.import_wh', allowed: 'NULL' },
  time: {
    when: `r.start_s % r.length_s <> 0 OR (r.flags & ${flagBit('clock-unsynchronised') + flagBit('clock-set')}) > 0
      OR (r.source = 0 AND r.read_s::BIGINT + ${timeToleranceS} < r.start_s::BIGINT + r.length_s)`,
    found: 'r.read_s::BIGINT - r.start_s::BIGINT - r.length_s',
    allowed: String(-timeToleranceS),
  },
  spike: { when: `${power} > j.spike_w`, found: power, allowed: 'j.spike_w' },
  capacity: {
    when: `greatest(${power}, r.export_wh * 3600.0 / r.length_s) > j.capacity_w`,
    found: `greatest(${power}, r.export_wh * 3600.0 / r.length_s)`,
    allowed: 'j.capacity_w',
  },
  'zero-with-voltage': { when: 'j.too_long_zero', found: 'j.zero_days', allowed: String(zeroDays) },
  sum: { when: 's.meter IS NOT NULL', found: 's.found', allowed: 's.allowed' },
  absurd: {
    when: 'greatest(abs(r.import_wh::BIGINT), abs(r.export_wh::BIGINT), abs(r.reactive_varh::BIGINT)) > j.most_wh',
    found: 'greatest(abs(r.import_wh::BIGINT), abs(r.export_wh::BIGINT), abs(r.reactive_varh::BIGINT))',
    allowed: 'j.most_wh',
  },
};

const joined = (rows: string): string =>
  `${rows} r JOIN judge j ON r.meter = j.meter
   LEFT JOIN overlapping o ON o.meter = r.meter AND o.start_s = r.start_s
   LEFT JOIN twice t ON t.meter = r.meter AND t.start_s = r.start_s
   LEFT JOIN sum_fault s ON s.meter = r.meter AND r.start_s >= s.from_s AND r.start_s < s.to_s`;

/** SQL: these rows with the bits of the rules that find fault with them. */
export function judged(rows: string): string {
  const bits = veeRules
    .map((rule) => `(CASE WHEN ${conditions[rule].when} THEN ${ruleBit(rule)} ELSE 0 END)`)
    .join(' | ');
  const columns = intervalColumns.map((name) =>
    name === 'flags' ? `((r.flags & ${toldBits}) | ${bits})::UINTEGER AS flags` : `r.${name}`,
  );
  return `(SELECT ${columns.join(', ')} FROM ${joined(rows)})`;
}

/** Keeps what was found, and which days were gone through. `written` is a relation of the rows with their bits. */
export async function keepFaults(session: OwnSession, day: DayRows, written: string, nowMs: number): Promise<void> {
  await session.run('DELETE FROM fault WHERE day = $1::DATE', [day.day]);
  const anyRule = veeRules.reduce((sum, rule) => sum + ruleBit(rule), 0);
  await session.run(`CREATE OR REPLACE TEMP TABLE at_fault AS FROM ${written} WHERE (flags & ${anyRule}) > 0`);
  for (const [index, rule] of veeRules.entries()) {
    const { found, allowed } = conditions[rule];
    await session.run(
      `INSERT INTO fault SELECT $1::DATE, r.meter, r.start_s, ${index}, ${found}, ${allowed} FROM ${joined('at_fault')} WHERE (r.flags & ${ruleBit(rule)}) > 0`,
      [day.day],
    );
  }
  // Loads may have been computed with them already, from rows that no rule had seen.
  await session.run(
    `INSERT INTO changed_day SELECT DISTINCT $1::DATE, meter, $2::UBIGINT FROM at_fault WHERE (flags & ${impossibleBits}) > 0`,
    [day.day, await nextBatch(session)],
  );
  await session.run(
    `INSERT OR REPLACE INTO judged_day
     SELECT $1::DATE, $2, (SELECT count(*) FROM ${written}), $3, count(*), count(*) FILTER (spike_w IS NULL), count(*) FILTER (capacity_w IS NULL),
       count(*) - (SELECT count(*) FROM (SELECT DISTINCT meter FROM sum_span)) FROM judge`,
    [day.day, BigInt(nowMs), JSON.stringify(veeLimits)],
  );
}

/** What a day tells about a meter, where it is a whole one and no day after it told already. */
export async function learnNorms(session: OwnSession, { day }: DayRows): Promise<void> {
  await session.run(
    `INSERT OR REPLACE INTO norm
     SELECT j.meter, $1::DATE, coalesce(n.days, 0) + 1,
       greatest(j.third_w, coalesce(n.high_w, 0) * ${1 - highAgingPerDay}),
       CASE WHEN n.days IS NULL THEN j.import_wh ELSE n.day_wh + (j.import_wh - n.day_wh) / least(n.days + 1, 28) END,
       CASE WHEN j.zero THEN coalesce(n.zero_days, 0) + 1 ELSE 0 END,
       CASE WHEN j.zero THEN coalesce(n.most_zero_days, 0) ELSE greatest(coalesce(n.most_zero_days, 0), coalesce(n.zero_days, 0)) END
     FROM judge j LEFT JOIN norm n USING (meter)
     WHERE j.present_s >= ${wholeShare * daySeconds} AND j.import_wh IS NOT NULL AND (n.upto IS NULL OR n.upto < $1::DATE)`,
    [day],
  );
  await session.run(
    'UPDATE meter SET heard_s = j.first_s FROM judge j WHERE j.meter = meter.meter AND j.first_s < heard_s',
  );
}
