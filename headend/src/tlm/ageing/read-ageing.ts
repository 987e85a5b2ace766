import { FLOAT, UINTEGER } from '@duckdb/node-api';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { elementsTold, elementTold } from '../results/read-results.ts';
import { withColumns } from '../worker/columns.ts';
import { openS } from '../worker/tables.ts';
import { ambientFact } from './ageing-run.ts';
import type {
  AgeingList,
  AgeingListAsked,
  AgeingSum,
  AmbientHour,
  AmbientUsed,
  TransformerAgeing,
  TransformerAgeingAsked,
} from './ageing-results.ts';
import { lossRatioOf } from './loss-ratio.ts';
import { normalLifeH, ratedAmbientC, typicalThermal } from './transformer-thermal.ts';

const daySeconds = 86_400;

type SumRow = { readonly aged: number; readonly known: number; readonly c: number | null; readonly at: number | null };
/** SQL: what several days come to. */
const sums = `sum(aged_h::DOUBLE) AS aged, sum(known_h)::INTEGER AS known, max(hottest_c) AS c,
  arg_max(day_s + hottest_hour * 3600, hottest_c)::INTEGER AS at`;

export async function ageingOf(
  session: WarehouseSession,
  { id, ...range }: TransformerAgeingAsked,
): Promise<TransformerAgeing | undefined> {
  const told = await elementTold(session, { kind: 'transformer', id });
  if (told === undefined) return undefined;
  const { none, full } = await session.row<{ none: number | null; full: number | null }>(
    `SELECT max(no_load_loss_w) AS "none", max(load_loss_w) AS "full" FROM tlm.element_rating WHERE element = ${told.number} AND to_s = ${openS}`,
  );
  const where = `element = ${told.number} AND ${daysOf(range)}`;
  const days = await session.rows<{ day_s: number; aged_h: number; known_h: number; hottest_c: number }>(
    `SELECT day_s, aged_h::DOUBLE AS aged_h, known_h, hottest_c::DOUBLE AS hottest_c FROM tlm.ageing WHERE ${where} ORDER BY day_s`,
  );
  const [total] = await session.rows<SumRow>(`SELECT ${sums} FROM tlm.ageing WHERE ${where} HAVING count(*) > 0`);
  const { ratio: lossRatio, isAssumed } = lossRatioOf(none ?? 0, full ?? 0);
  return {
    element: told.element,
    thermal: { ...typicalThermal, lossRatio },
    isLossRatioAssumed: isAssumed,
    ambient: await ambientUsed(session, range),
    total: sumOf(total),
    dayS: days.map(({ day_s }) => day_s),
    agedH: days.map(({ aged_h }) => aged_h),
    knownH: days.map(({ known_h }) => known_h),
    hottestC: days.map(({ hottest_c }) => hottest_c),
  };
}

export async function ageingListOf(
  session: WarehouseSession,
  { circuit = '', limit, ...range }: AgeingListAsked,
): Promise<AgeingList> {
  const ofCircuit = `$1 = '' OR circuit IN (SELECT element FROM tlm.element WHERE kind = 'circuit' AND id = $1)`;
  const transformers = `(SELECT element, rated_va FROM tlm.element LEFT JOIN (FROM tlm.element_rating WHERE to_s = ${openS}) USING (element)
    WHERE kind = 'transformer' AND (${ofCircuit}))`;
  const { total, unrated } = await session.row<{ total: number; unrated: number }>(
    `SELECT count(*)::INTEGER AS total, count(*) FILTER (rated_va IS NULL OR rated_va <= 0)::INTEGER AS unrated FROM ${transformers}`,
    [circuit],
  );
  const rows = await session.rows<SumRow & { element: number }>(
    `SELECT element, ${sums} FROM tlm.ageing JOIN ${transformers} USING (element) WHERE ${daysOf(range)}
     GROUP BY element ORDER BY aged DESC, element LIMIT ${Math.floor(limit)}`,
    [circuit],
  );
  const elements = await elementsTold(
    session,
    rows.map(({ element }) => element),
  );
  return {
    ambient: await ambientUsed(session, range),
    transformers: rows.flatMap((row) => {
      const element = elements.get(row.element);
      return element === undefined ? [] : [{ element, ...sumOf(row) }];
    }),
    total,
    unrated,
  };
}

export async function keepAmbient(session: WarehouseSession, hours: readonly AmbientHour[]): Promise<number> {
  const columns = {
    hour_s: { type: UINTEGER, values: Uint32Array.from(hours, ({ hourS }) => hourS) },
    ambient_c: { type: FLOAT, values: Float32Array.from(hours, ({ ambientC }) => ambientC) },
  };
  await withColumns(session.connection, columns, hours.length, async (relation) => {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE told_ambient AS SELECT hour_s, last(ambient_c) AS ambient_c FROM ${relation} GROUP BY hour_s`,
    );
  });
  await session.run(`DELETE FROM tlm.ambient WHERE hour_s IN (SELECT hour_s FROM told_ambient);
    INSERT INTO tlm.ambient FROM told_ambient;
    INSERT INTO tlm.ageing_due SELECT DISTINCT hour_s - hour_s % ${daySeconds} + later, 0 FROM told_ambient, (VALUES (0), (${daySeconds})) l(later);
    DROP TABLE told_ambient`);
  return hours.length;
}

type Range = Pick<AgeingListAsked, 'fromS' | 'toS'>;

/** SQL: UTC days of which any part lies there. */
const daysOf = ({ fromS, toS }: Range): string =>
  `day_s > ${Math.floor(fromS) - daySeconds} AND day_s < ${Math.floor(toS)}`;

async function ambientUsed(session: WarehouseSession, { fromS, toS }: Range): Promise<AmbientUsed> {
  const [fact] = await session.rows<{ value: string }>(`SELECT value FROM tlm.fact WHERE name = '${ambientFact}'`);
  const { told } = await session.row<{ told: number }>(
    'SELECT count(*)::INTEGER AS told FROM tlm.ambient WHERE hour_s >= $1 AND hour_s < $2',
    [fromS, toS],
  );
  const isSet = fact !== undefined && fact.value !== 'assumed';
  return { otherwiseC: isSet ? Number(fact.value) : ratedAmbientC, otherwise: isSet ? 'set' : 'assumed', toldH: told };
}

function sumOf(row: SumRow | undefined): AgeingSum {
  if (row === undefined || row.known === 0) return { agedH: 0, knownH: 0, lossOfLifePct: 0 };
  const { aged: agedH, known: knownH, c, at } = row;
  const hottest = c === null || at === null ? {} : { hottestC: c, hottestS: at };
  return { agedH, knownH, factor: agedH / knownH, lossOfLifePct: (100 * agedH) / normalLifeH, ...hottest };
}
