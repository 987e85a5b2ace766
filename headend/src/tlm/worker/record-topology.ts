import { DOUBLE, FLOAT, INTEGER, UINTEGER, UTINYINT } from '@duckdb/node-api';
import type { WarehouseSession } from '../../mdw/worker/module.ts';
import type { ElementRating, LoadPoint, TopologyStretch, TopologyUpdate } from '../topology/load-topology.ts';
import type { Service } from '../topology/service.ts';
import { withColumns } from './columns.ts';
import type { Columns } from './columns.ts';
import { openS } from './tables.ts';

/**
 * Takes in who was fed by whom from the first stretch on, in place of what was told of that time. Rows are of the stretches in which they hold, so that a
 * switching operation among a million customers costs what it moves. Throws an Error for people where a meter is not known to the warehouse.
 */
export async function recordTopology(session: WarehouseSession, update: TopologyUpdate): Promise<void> {
  const [first] = update.stretches;
  if (first === undefined) return;
  await numberElements(session, update);
  await numberRatings(session, update.ratings);
  await numberPoints(session, update.points);
  await numberMeters(session, update);
  for (const { table } of dated)
    await session.run(`DELETE FROM tlm.${table} WHERE from_s >= ${first.fromS};
      UPDATE tlm.${table} SET to_s = ${openS} WHERE to_s >= ${first.fromS} AND to_s <> ${openS}`);
  let before: TopologyStretch | undefined;
  for (const stretch of update.stretches) {
    for (const each of dated) await follow(session, each, stretch, before);
    before = stretch;
  }
  await session.run(`INSERT INTO tlm.topology_change SELECT coalesce(max(change), 0) + 1, ${first.fromS} FROM tlm.topology_change;
    DROP TABLE told_element; DROP TABLE told_rating; DROP TABLE told_point; DROP TABLE told_meter`);
}

async function told(session: WarehouseSession, table: string, columns: Columns, select = '*'): Promise<void> {
  const [rows = 0] = Object.values(columns).map((column) => ('values' in column ? column.values.length : 0));
  await withColumns(session.connection, columns, rows, async (relation) => {
    await session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${select} FROM ${relation}`);
  });
}

const places = (length: number): Uint32Array => Uint32Array.from({ length }, (_, index) => index);
const doubles = (values: readonly (number | undefined)[]) => ({
  type: DOUBLE,
  values: Float64Array.from(values, (value) => value ?? NaN),
});

async function numberElements(session: WarehouseSession, { elements }: TopologyUpdate): Promise<void> {
  await told(
    session,
    'told_element',
    {
      place: { type: UINTEGER, values: places(elements.length) },
      kind: { values: elements.map(({ kind }) => kind) },
      id: { values: elements.map(({ id }) => id) },
      title: { values: elements.map(({ title }) => title) },
      circuit_id: { values: elements.map(({ circuit }) => circuit) },
      substation: { values: elements.map(({ substation }) => substation) },
    },
    'place, kind, id, title, circuit_id, substation, 0::UINTEGER AS element, 0::UINTEGER AS circuit',
  );
  await session.run(`INSERT INTO tlm.element (element, kind, id, title, circuit)
    SELECT (SELECT coalesce(max(element), 0) FROM tlm.element) + row_number() OVER (ORDER BY place), kind, id, title, 0
    FROM told_element ANTI JOIN tlm.element USING (kind, id)`);
  await session.run(`UPDATE told_element SET element = e.element FROM tlm.element e WHERE e.kind = told_element.kind AND e.id = told_element.id;
    UPDATE told_element SET circuit = e.element FROM tlm.element e WHERE e.kind = 'circuit' AND e.id = told_element.circuit_id`);
  // What lost its supply belongs to where it had it last.
  await session.run(`UPDATE told_element SET circuit = e.circuit, substation = e.substation FROM tlm.element e
    WHERE e.element = told_element.element AND told_element.circuit_id IS NULL`);
  const columns = ['title', 'circuit', 'substation'];
  await session.run(`UPDATE tlm.element SET ${columns.map((name) => `${name} = t.${name}`).join(', ')} FROM told_element t
    WHERE t.element = element.element AND (${columns.map((name) => `element.${name} IS DISTINCT FROM t.${name}`).join(' OR ')})`);
}

/** Alike ratings are one: a utility has some dozens of kinds of transformers. */
async function numberRatings(session: WarehouseSession, ratings: readonly ElementRating[]): Promise<void> {
  const figures = {
    phase_v: 'phaseV',
    secondary_phase_v: 'secondaryPhaseV',
    rated_a: 'ratedA',
    rated_va: 'ratedVa',
    no_load_loss_w: 'noLoadLossW',
    load_loss_w: 'loadLossW',
  } as const satisfies Record<string, keyof ElementRating>;
  const names = Object.keys(figures);
  const columns = Object.entries(figures).map(([name, of]) => [name, doubles(ratings.map((each) => each[of]))]);
  const known = names.map((name) => `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END AS ${name}`);
  await told(
    session,
    'told_rating',
    { place: { type: UINTEGER, values: places(ratings.length) }, ...Object.fromEntries(columns) },
    `place, ${known.join(', ')}`,
  );
  const same = names.map((name) => `r.${name} IS NOT DISTINCT FROM t.${name}`).join(' AND ');
  await session.run(`INSERT INTO tlm.rating
    SELECT (SELECT coalesce(max(rating), 0) FROM tlm.rating) + row_number() OVER (ORDER BY place), ${names.join(', ')}
    FROM told_rating t WHERE NOT EXISTS (FROM tlm.rating r WHERE ${same});
    CREATE OR REPLACE TEMP TABLE told_rating AS SELECT t.place, r.rating FROM told_rating t JOIN tlm.rating r ON ${same}`);
}

async function numberPoints(session: WarehouseSession, points: readonly LoadPoint[]): Promise<void> {
  const services = new Map<string, { place: number; service: Service }>();
  const placeOf = (service: Service): number => {
    const key = JSON.stringify(service);
    const { place } = services.get(key) ?? { place: services.size };
    services.set(key, { place, service });
    return place;
  };
  const integers = (values: readonly number[]) => ({ type: INTEGER, values: Int32Array.from(values) });
  await told(session, 'told_point', {
    place: { type: UINTEGER, values: places(points.length) },
    transformer_place: integers(points.map(({ transformer }) => transformer)),
    segment_place: integers(points.map(({ segment }) => segment)),
    customer_kind: { type: UTINYINT, values: Uint8Array.from(points, ({ customerKind }) => customerKind) },
    variant: { type: UTINYINT, values: Uint8Array.from(points, ({ variant }) => variant) },
    service_place: integers(points.map(({ service }) => placeOf(service))),
  });
  await numberServices(
    session,
    [...services.values()].map(({ service }) => service),
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE told_point AS SELECT p.place, p.customer_kind, p.variant, s.service, 0::UINTEGER AS point,
      coalesce(t.element, 0)::UINTEGER AS transformer, coalesce(g.element, 0)::UINTEGER AS segment
    FROM told_point p JOIN told_service s ON s.place = p.service_place LEFT JOIN told_element t ON t.place = p.transformer_place
      LEFT JOIN told_element g ON g.place = p.segment_place`);
  const same = ['transformer', 'segment', 'customer_kind', 'variant', 'service'];
  await session.run(`INSERT INTO tlm.load_point (point, ${same.join(', ')})
    SELECT (SELECT coalesce(max(point), 0) FROM tlm.load_point) + row_number() OVER (ORDER BY place), ${same.join(', ')}
    FROM told_point ANTI JOIN tlm.load_point USING (${same.join(', ')})`);
  await session.run(`UPDATE told_point SET point = p.point FROM tlm.load_point p
    WHERE ${same.map((name) => `p.${name} = told_point.${name}`).join(' AND ')}; DROP TABLE told_service`);
}

async function numberServices(session: WarehouseSession, services: readonly Service[]): Promise<void> {
  const lists = { primary: 6, secondary: 6, meterV: 2 } as const;
  const names = Object.entries(lists).flatMap(([list, length]) =>
    Array.from({ length }, (_, index) => [list as keyof typeof lists, index] as const),
  );
  const columns = Object.fromEntries(
    names.map(([list, index]) => [`${list}_${index}`, doubles(services.map((each) => each[list][index]))]),
  );
  const array = (list: keyof typeof lists): string =>
    `array_value(${names.flatMap(([of, index]) => (of === list ? [`${list}_${index}`] : [])).join(', ')})`;
  await told(
    session,
    'told_service',
    { place: { type: UINTEGER, values: places(services.length) }, ...columns },
    `place, ${array('primary')} AS primary_shares, ${array('secondary')} AS secondary_shares, ${array('meterV')} AS meter_v`,
  );
  const same =
    's.primary_shares = t.primary_shares AND s.secondary_shares = t.secondary_shares AND s.meter_v = t.meter_v';
  await session.run(`INSERT INTO tlm.service
    SELECT (SELECT coalesce(max(service), 0) FROM tlm.service) + row_number() OVER (ORDER BY place), primary_shares, secondary_shares, meter_v
    FROM told_service t WHERE NOT EXISTS (FROM tlm.service s WHERE ${same});
    CREATE OR REPLACE TEMP TABLE told_service AS SELECT t.place, s.service FROM told_service t JOIN tlm.service s ON ${same}`);
}

async function numberMeters(session: WarehouseSession, { meters, sizeW }: TopologyUpdate): Promise<void> {
  await told(session, 'told_name', {
    place: { type: UINTEGER, values: places(meters.length) },
    name: { values: meters },
    size_w: { type: FLOAT, values: sizeW },
  });
  await session.run(
    `CREATE OR REPLACE TEMP TABLE told_meter AS SELECT place, meter, name, size_w FROM told_name LEFT JOIN meter USING (name); DROP TABLE told_name`,
  );
  const [unknown] = await session.rows<{ name: string }>('SELECT name FROM told_meter WHERE meter IS NULL LIMIT 1');
  if (unknown !== undefined)
    throw new Error(`the warehouse knows no meter ${unknown.name}: let it number all meters of the network first`);
  await session.run(`DELETE FROM tlm.customer WHERE meter IN (SELECT meter FROM told_meter);
    INSERT INTO tlm.customer SELECT meter, size_w FROM told_meter`);
}

/** What changes with time: its table, what a row is of, and what it says. 0 says nothing, and is no row. */
type Dated = {
  readonly table: string;
  readonly key: string;
  readonly says: readonly string[];
  readonly columns: (stretch: TopologyStretch) => readonly Int32Array[];
  /** SQL: of the rows of `told_place` the numbers of key and values. */
  readonly numbered: string;
  /** What is no more keeps what was said of it last: else it hangs nowhere. */
  readonly lasts?: true;
};

/** SQL: numbers of what is told by its place; -1 is nothing. */
const numbers = (...joins: readonly (readonly [table: string, column: string, as: string])[]): string => {
  const [key, ...says] = joins;
  if (key === undefined) throw new Error('a row is of something');
  const selected = joins.map(([, column, as]) => `coalesce(${as}.${column}, 0)::UINTEGER AS "${as}"`);
  const joined = says.map(
    ([table, , as], index) => `LEFT JOIN told_${table} "${as}" ON "${as}".place = t.says${index}`,
  );
  return `SELECT ${selected.join(', ')} FROM told_place t JOIN told_${key[0]} "${key[2]}" ON "${key[2]}".place = t.place ${joined.join(' ')}`;
};

const dated: readonly Dated[] = [
  {
    table: 'assignment',
    key: 'meter',
    says: ['point'],
    columns: ({ pointOfMeter }) => [pointOfMeter],
    numbered: numbers(['meter', 'meter', 'meter'], ['point', 'point', 'point']),
  },
  {
    table: 'feed',
    key: 'point',
    says: ['circuit', 'carrier'],
    columns: ({ circuitOfPoint, carrierOfPoint }) => [circuitOfPoint, carrierOfPoint],
    numbered: numbers(
      ['point', 'point', 'point'],
      ['element', 'element', 'circuit'],
      ['element', 'element', 'carrier'],
    ),
  },
  {
    table: 'carrier',
    key: 'element',
    says: ['above'],
    columns: ({ carrierAbove }) => [carrierAbove],
    numbered: numbers(['element', 'element', 'element'], ['element', 'element', 'above']),
  },
  {
    table: 'rated',
    key: 'element',
    says: ['rating'],
    columns: ({ ratingOfElement }) => [ratingOfElement],
    numbered: numbers(['element', 'element', 'element'], ['rating', 'rating', 'rating']),
    lasts: true,
  },
];

async function follow(
  session: WarehouseSession,
  { table, key, says, columns, numbered, lasts }: Dated,
  stretch: TopologyStretch,
  before: TopologyStretch | undefined,
): Promise<void> {
  const now = columns(stretch);
  const was = before === undefined ? undefined : columns(before);
  const moved = places(now[0]?.length ?? 0).filter((place) =>
    now.some((column, index) => column[place] !== was?.[index]?.[place]),
  );
  if (was !== undefined && moved.length === 0) return;
  const values = now.map((column, index) => [
    `says${index}`,
    { type: INTEGER, values: Int32Array.from(moved, (place) => column[place] ?? -1) },
  ]);
  await told(session, 'told_place', { place: { type: UINTEGER, values: moved }, ...Object.fromEntries(values) });
  await session.run(`CREATE OR REPLACE TEMP TABLE told_now AS ${numbered}; DROP TABLE told_place`);
  const nothing = says.map((name) => `${name} = 0`).join(' AND ');
  const open = `(FROM tlm.${table} WHERE to_s = ${openS})`;
  if (lasts === true) await session.run(`DELETE FROM told_now WHERE ${nothing}`);
  // Of the first stretch everything is told; who is not told of any more hangs nowhere.
  else if (was === undefined)
    await session.run(
      `INSERT INTO told_now SELECT ${key}, ${says.map(() => '0').join(', ')} FROM ${open} ANTI JOIN told_now USING (${key})`,
    );
  if (was === undefined || lasts === true)
    await session.run(
      `DELETE FROM told_now WHERE EXISTS (FROM ${open} o WHERE o.${key} = told_now.${key} AND ${says.map((name) => `o.${name} = told_now.${name}`).join(' AND ')})`,
    );
  await session.run(`UPDATE tlm.${table} SET to_s = ${stretch.fromS} WHERE to_s = ${openS} AND ${key} IN (SELECT ${key} FROM told_now);
    INSERT INTO tlm.${table} SELECT ${key}, ${says.join(', ')}, ${stretch.fromS}, ${openS} FROM told_now WHERE NOT (${nothing}); DROP TABLE told_now`);
}
