import { columnsOf, intervalSources } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import type { RowsImported, RowsToImport } from '../import-requests.ts';
import { impossibleBits } from '../vee-rules.ts';
import { Refusal } from '../warehouse-request.ts';
import { withdrawOverlaid } from './estimation.ts';
import { landColumns } from './landing.ts';
import type { StoredInterval } from './reading.ts';
import type { Sessions } from './sessions.ts';

/**
 * Lands those that differ from what stands, and would stand themselves. What the meter itself counted stands unless it is told that it shall give way.
 * Estimates that lie across them in intervals of another length become unknown.
 */
export async function importNew(
  sessions: Sessions,
  { rows, replaceMeasured = false, look = false }: RowsToImport,
  nowMs: number,
): Promise<RowsImported> {
  if (rows.length === 0) return { landed: 0, same: 0, behind: 0, measured: [] };
  if (rows.some(({ source }) => source === 'edited'))
    throw new Refusal('invalid', 'what a person edits is not landed, but edited with a reason');
  const columns = columnsOf(rows);
  const meters = [...new Set(columns.meter)];
  const span = { fromS: columns.startS.reduce(min), toS: columns.startS.reduce(max) + 1 };
  const within = look ? sessions.read.bind(sessions) : sessions.write.bind(sessions);
  return await within(async (session) => {
    const relation = await session.relation({ ...span, meters, unedited: true });
    const stored = await session.rows<StoredInterval & { meter: number }>(`SELECT * FROM ${relation}`);
    const standing = new Map(stored.map((row) => [`${row.meter} ${row.start_s}`, row]));
    const fresh: IntervalRow[] = [];
    const counts = { same: 0, behind: 0 };
    const measured: number[] = [];
    for (const [index, row] of rows.entries()) {
      const stood = standing.get(`${row.meter} ${row.startS}`);
      if (stood !== undefined && (isSame(row, stood) || isCopy(row, stood))) counts.same += 1;
      else if (!replaceMeasured && stood !== undefined && isOwnCount(stood)) measured.push(index);
      else if (stood !== undefined && isBehind(row, stood)) counts.behind += 1;
      else fresh.push(row);
    }
    if (fresh.length > 0 && !look) {
      await landColumns(session, [columnsOf(fresh)]);
      // Intervals are expected of a meter from its first one on, as when days are written.
      await session.run(
        `UPDATE meter SET heard_s = l.first_s FROM (SELECT meter, min(start_s) AS first_s FROM landing WHERE meter IN (${meters.join(', ')}) GROUP BY meter) l
         WHERE l.meter = meter.meter AND l.first_s < heard_s`,
      );
      await withdrawOverlaid(session, span, Math.floor(nowMs / 1_000), meters);
    }
    return { landed: fresh.length, ...counts, measured };
  });
}

export async function knownOf(sessions: Sessions, names: readonly string[]): Promise<readonly string[]> {
  return await sessions.read(async (session) => {
    const found = await session.rows<{ name: string }>(
      `SELECT name FROM meter SEMI JOIN (SELECT unnest(from_json($1, '["VARCHAR"]')) AS name) USING (name)`,
      [JSON.stringify(names)],
    );
    return found.map(({ name }) => name);
  });
}

export async function namesLike(
  sessions: Sessions,
  { search, limit }: { readonly search: string; readonly limit: number },
): Promise<readonly string[]> {
  return await sessions.read(async (session) => {
    const found = await session.rows<{ name: string }>(
      `SELECT name FROM meter WHERE contains(lower(name), lower($1)) ORDER BY name LIMIT ${Math.floor(limit)}`,
      [search],
    );
    return found.map(({ name }) => name);
  });
}

const hasEnergy = ({ import_wh, export_wh }: StoredInterval): boolean => import_wh !== null || export_wh !== null;

/** Counted by the meter itself, and not impossible. */
const isOwnCount = (stood: StoredInterval): boolean =>
  intervalSources[stood.source] === 'meter' && hasEnergy(stood) && (stood.flags & impossibleBits) === 0;

/** By `bestFirst`, of rows that are not the same. */
function isBehind(row: IntervalRow, stood: StoredInterval): boolean {
  const isCounted = (source: number): boolean => source <= intervalSources.indexOf('file');
  const [own, its] = [isCounted(intervalSources.indexOf(row.source)), isCounted(stood.source) && hasEnergy(stood)];
  return own === its ? row.readS < stood.read_s : its;
}

function isSame(row: IntervalRow, stood: StoredInterval): boolean {
  const rounded = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));
  return (
    stood.length_s === row.lengthS &&
    stood.source === intervalSources.indexOf(row.source) &&
    stood.import_wh === rounded(row.importWh) &&
    stood.export_wh === rounded(row.exportWh) &&
    stood.reactive_varh === rounded(row.reactiveVarh) &&
    stood.voltage_dv === rounded(row.voltageV === undefined ? undefined : row.voltageV * 10)
  );
}

/** Of what the meter itself counted. */
const isCopy = (row: IntervalRow, stood: StoredInterval): boolean =>
  row.source === 'file' && isOwnCount(stood) && isSame({ ...row, source: 'meter' }, stood);

const min = (one: number, other: number): number => Math.min(one, other);
const max = (one: number, other: number): number => Math.max(one, other);
