import { columnsOf, intervalSources } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import type { RowsImported } from '../import-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { withdrawOverlaid } from './estimation.ts';
import { landColumns } from './landing.ts';
import type { StoredInterval } from './reading.ts';
import type { Sessions } from './sessions.ts';

/** Lands those that differ from what stands. Estimates that lie across them in intervals of another length become unknown. */
export async function importNew(
  sessions: Sessions,
  rows: readonly IntervalRow[],
  nowMs: number,
): Promise<RowsImported> {
  if (rows.length === 0) return { landed: 0, same: 0 };
  if (rows.some(({ source }) => source === 'edited'))
    throw new Refusal('invalid', 'what a person edits is not landed, but edited with a reason');
  const columns = columnsOf(rows);
  const meters = [...new Set(columns.meter)];
  const span = { fromS: columns.startS.reduce(min), toS: columns.startS.reduce(max) + 1 };
  return await sessions.write(async (session) => {
    const relation = await session.relation({ ...span, meters, unedited: true });
    const stored = await session.rows<StoredInterval & { meter: number }>(`SELECT * FROM ${relation}`);
    const standing = new Map(stored.map((row) => [`${row.meter} ${row.start_s}`, row]));
    const fresh = rows.filter((row) => !isSame(row, standing.get(`${row.meter} ${row.startS}`)));
    if (fresh.length > 0) {
      await landColumns(session, [columnsOf(fresh)]);
      // Intervals are expected of a meter from its first one on, as when days are written.
      await session.run(
        `UPDATE meter SET heard_s = l.first_s FROM (SELECT meter, min(start_s) AS first_s FROM landing WHERE meter IN (${meters.join(', ')}) GROUP BY meter) l
         WHERE l.meter = meter.meter AND l.first_s < heard_s`,
      );
      await withdrawOverlaid(session, span, Math.floor(nowMs / 1_000), meters);
    }
    return { landed: fresh.length, same: rows.length - fresh.length };
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

function isSame(row: IntervalRow, stood: StoredInterval | undefined): boolean {
  const rounded = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));
  return (
    stood !== undefined &&
    stood.length_s === row.lengthS &&
    stood.source === intervalSources.indexOf(row.source) &&
    stood.import_wh === rounded(row.importWh) &&
    stood.export_wh === rounded(row.exportWh) &&
    stood.reactive_varh === rounded(row.reactiveVarh) &&
    stood.voltage_dv === rounded(row.voltageV === undefined ? undefined : row.voltageV * 10)
  );
}

const min = (one: number, other: number): number => Math.min(one, other);
const max = (one: number, other: number): number => Math.max(one, other);
