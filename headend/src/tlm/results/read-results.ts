import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { assumedPowerFactor } from '../engine/power-factor.ts';
import { openS, ratedIn } from '../worker/tables.ts';
import type { ElementKind } from '../topology/load-topology.ts';
import type {
  ElementNamed,
  LoadElement,
  LoadElementsAsked,
  LoadElementsFound,
  LoadHours,
  LoadHoursAsked,
  LoadPeak,
  LoadPeaks,
  LoadStatus,
} from './load-results.ts';

type ElementRow = {
  readonly element: number;
  readonly kind: ElementKind;
  readonly id: string;
  readonly title: string;
  readonly circuit: string | null;
  readonly substation: string | null;
  readonly rated_a: number | null;
  readonly rated_va: number | null;
  readonly utilisation: number | null;
};
type PeakRow = {
  readonly element: number;
  readonly span: 'yesterday' | 'five-day' | 'year';
  readonly day: string;
  readonly peak_w: number | null;
  readonly peak_w_s: number | null;
  readonly peak_w_measured: number | null;
  readonly peak_va: number | null;
  readonly peak_va_s: number | null;
  readonly peak_va_measured: number | null;
  readonly peak_a: number | null;
  readonly peak_a_s: number | null;
  readonly peak_a_measured: number | null;
};

/** Elements with their last known circuit and rating, and how full they were at yesterday's peak by the rating that they had then. */
const elementRows = `SELECT e.element, e.kind, e.id, e.title, c.id AS circuit, e.substation, r.rated_a, r.rated_va,
    CASE WHEN e.kind = 'transformer' AND va.rated_va > 0 THEN p.peak_va / va.rated_va
      WHEN a.rated_a > 0 THEN p.peak_a::DOUBLE / a.rated_a END AS utilisation
  FROM tlm.element e
  LEFT JOIN tlm.element_rating r ON r.element = e.element AND r.to_s = ${openS}
  LEFT JOIN tlm.element c ON c.element = e.circuit AND e.circuit <> 0
  LEFT JOIN tlm.peak p ON p.element = e.element AND p.span = 'yesterday'
    AND p.yesterday = (SELECT max(yesterday) FROM tlm.peak)
  LEFT JOIN tlm.element_rating va ON va.element = p.element AND ${ratedIn('p.peak_va_s', 'va')}
  LEFT JOIN tlm.element_rating a ON a.element = p.element AND ${ratedIn('p.peak_a_s', 'a')}`;

export async function findElements(session: WarehouseSession, asked: LoadElementsAsked): Promise<LoadElementsFound> {
  const { kind, circuit = '', search = '', sort, limit } = asked;
  const where = `kind = $1 AND ($2 = '' OR circuit = $2 OR id = $2) AND ($3 = '' OR contains(lower(id || ' ' || title), lower($3)))`;
  const order = sort === 'title' ? 'title, id' : 'utilisation DESC NULLS LAST, title, id';
  const rows = await session.rows<ElementRow>(
    `SELECT * FROM (${elementRows}) WHERE ${where} ORDER BY ${order} LIMIT ${Math.floor(limit)}`,
    [kind, circuit, search],
  );
  const { total } = await session.row<{ total: number }>(
    `SELECT count(*)::INTEGER AS total FROM (${elementRows}) WHERE ${where}`,
    [kind, circuit, search],
  );
  const peaks = await peaksOf(
    session,
    rows.map(({ element }) => element),
  );
  return { elements: rows.map((row) => elementOf(row, peaks.get(row.element))), total };
}

export async function hoursOf(
  session: WarehouseSession,
  { kind, id, fromS, toS }: LoadHoursAsked,
): Promise<LoadHours | undefined> {
  const told = await elementTold(session, { kind, id });
  if (told === undefined) return undefined;
  const rows = await session.rows<{
    hour_s: number;
    active_w: number | null;
    reactive_var: number | null;
    a: number | null;
    b: number | null;
    c: number | null;
    measured: number;
    estimated: number;
    missing: number;
    rated: number | null;
  }>(
    `SELECT hour_s, active_w, reactive_var, amps_a::DOUBLE AS a, amps_b::DOUBLE AS b, amps_c::DOUBLE AS c,
       measured::DOUBLE AS measured, estimated::DOUBLE AS estimated, missing::DOUBLE AS missing, r.${kind === 'transformer' ? 'rated_va' : 'rated_a'} AS rated
     FROM tlm.load_hour l LEFT JOIN tlm.element_rating r ON r.element = l.element AND ${ratedIn('hour_s', 'r')}
     WHERE l.element = $1 AND day_s > $2 - 86400 AND day_s < $3 AND hour_s >= $2 AND hour_s < $3 ORDER BY hour_s`,
    [told.number, fromS, toS],
  );
  return {
    element: told.element,
    hourS: rows.map(({ hour_s }) => hour_s),
    activeW: rows.map(({ active_w }) => active_w),
    reactiveVar: rows.map(({ reactive_var }) => reactive_var),
    ampsA: rows.map(({ a }) => a),
    ampsB: rows.map(({ b }) => b),
    ampsC: rows.map(({ c }) => c),
    measured: rows.map(({ measured }) => measured),
    estimated: rows.map(({ estimated }) => estimated),
    missing: rows.map(({ missing }) => missing),
    rated: rows.map(({ rated }) => rated),
  };
}

export async function statusOf(session: WarehouseSession, timeZone: string): Promise<LoadStatus> {
  const facts = await session.rows<{ name: string; value: string }>('SELECT name, value FROM tlm.fact');
  const fact = (wanted: string): number | undefined => {
    const found = facts.find(({ name }) => name === wanted);
    return found === undefined ? undefined : Number(found.value);
  };
  const { elements, until } = await session.row<{ elements: number; until: number | null }>(
    'SELECT (SELECT count(*)::INTEGER FROM tlm.element) AS elements, (SELECT max(until_s) FROM tlm.known_day) AS until',
  );
  const [runS, networkRevision] = [fact('run_s'), fact('network_revision')];
  return {
    timeZone,
    elements,
    assumedPowerFactor,
    ...(runS === undefined ? {} : { runS }),
    ...(until === null ? {} : { knownUntilS: until }),
    ...(networkRevision === undefined ? {} : { networkRevision }),
  };
}

export async function noteRevision(session: WarehouseSession, revision: number): Promise<void> {
  await session.run(
    `DELETE FROM tlm.fact WHERE name = 'network_revision'; INSERT INTO tlm.fact VALUES ('network_revision', '${Math.floor(revision)}')`,
  );
}

/** An element as people see it, and its number here. */
export async function elementTold(
  session: WarehouseSession,
  asked: ElementNamed,
): Promise<{ readonly number: number; readonly element: LoadElement } | undefined> {
  const row = await elementNamed(session, asked);
  if (row === undefined) return undefined;
  const peaks = await peaksOf(session, [row.element]);
  return { number: row.element, element: elementOf(row, peaks.get(row.element)) };
}

export async function elementsTold(
  session: WarehouseSession,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, LoadElement>> {
  if (numbers.length === 0) return new Map();
  const rows = await session.rows<ElementRow>(`SELECT * FROM (${elementRows}) WHERE element IN (${numbers.join(',')})`);
  const peaks = await peaksOf(session, numbers);
  return new Map(rows.map((row) => [row.element, elementOf(row, peaks.get(row.element))]));
}

async function elementNamed(session: WarehouseSession, { kind, id }: ElementNamed): Promise<ElementRow | undefined> {
  const rows = await session.rows<ElementRow>(`SELECT * FROM (${elementRows}) WHERE kind = $1 AND id = $2`, [kind, id]);
  return rows[0];
}

async function peaksOf(
  session: WarehouseSession,
  elements: readonly number[],
): Promise<ReadonlyMap<number, readonly PeakRow[]>> {
  const found = new Map<number, PeakRow[]>();
  if (elements.length === 0) return found;
  const rows = await session.rows<PeakRow>(
    `SELECT element, span, yesterday::VARCHAR AS day, peak_w, peak_w_s, peak_w_measured,
       peak_va, peak_va_s, peak_va_measured, peak_a::DOUBLE AS peak_a, peak_a_s, peak_a_measured
     FROM tlm.peak WHERE element IN (${elements.join(',')}) AND yesterday = (SELECT max(yesterday) FROM tlm.peak)`,
  );
  for (const row of rows) found.set(row.element, [...(found.get(row.element) ?? []), row]);
  return found;
}

function elementOf(row: ElementRow, peaks: readonly PeakRow[] | undefined): LoadElement {
  const { kind, id, title, circuit, substation, rated_a: ratedA, rated_va: ratedVa, utilisation } = row;
  return {
    kind,
    id,
    title,
    ...(circuit === null ? {} : { circuit }),
    ...(substation === null ? {} : { substation }),
    ...(ratedA === null ? {} : { ratedA }),
    ...(ratedVa === null ? {} : { ratedVa }),
    ...(utilisation === null ? {} : { utilisation }),
    ...(peaks === undefined ? {} : { peaks: peaksView(peaks) }),
  };
}

const spans = { yesterday: 'yesterday', 'five-day': 'fiveDay', year: 'year' } as const;

function peaksView(rows: readonly PeakRow[]): LoadPeaks {
  const told = rows.flatMap((row) => {
    const name = spans[row.span];
    const [watts, apparent, amps] = [
      peakOf(row.peak_w, row.peak_w_s, row.peak_w_measured),
      peakOf(row.peak_va, row.peak_va_s, row.peak_va_measured),
      peakOf(row.peak_a, row.peak_a_s, row.peak_a_measured),
    ];
    return [
      ...(watts === undefined ? [] : [[`${name}W`, watts] as const]),
      ...(apparent === undefined ? [] : [[`${name}Va`, apparent] as const]),
      ...(amps === undefined ? [] : [[`${name}A`, amps] as const]),
    ];
  });
  return { day: rows[0]?.day ?? '', ...Object.fromEntries(told) };
}

function peakOf(value: number | null, atS: number | null, measured: number | null): LoadPeak | undefined {
  return value === null || atS === null ? undefined : { value, atS, measured: measured ?? 0 };
}
