import { join } from 'node:path';
import { dayOf, filesOf, parquet, rangeOf } from './interval-files.ts';
import { standing } from './interval-order.ts';
import type { WarehouseSession } from './module.ts';
import { intervalColumns } from './own-tables.ts';

export type IntervalsWanted = {
  readonly fromS: number;
  readonly toS: number;
  readonly columns?: readonly string[] | undefined;
  /** Of these meters only. */
  readonly meters?: readonly number[] | undefined;
  /** Without what people changed. */
  readonly unedited?: boolean;
};

/** `files` are those that it reads, with their paths. */
export type IntervalRelation = { readonly sql: string; readonly files: readonly string[] };

const all = intervalColumns.join(', ');

/** SQL: what lies over the files: rows that were landed since, and edits that nobody took back. */
export const overlay = (where: string, unedited: boolean): string =>
  `(SELECT ${all} FROM landing WHERE ${where}${unedited ? '' : ` UNION ALL SELECT ${all} FROM edited WHERE ${where} AND taken_back IS NULL`})`;

/**
 * Files as they are, where nothing of the range lies over them; else with that laid over, which costs a join with no more than that.
 */
export async function intervalRelation(
  session: Pick<WarehouseSession, 'row' | 'rows'>,
  folder: string,
  { fromS, toS, columns = intervalColumns, meters, unedited = false }: IntervalsWanted,
): Promise<IntervalRelation> {
  const stored = await filesOf(session, dayOf(fromS), dayOf(Math.max(fromS, toS - 1)));
  const ranges = stored
    .map(({ file }) => ({ file: join(folder, file), ...rangeOf(file) }))
    .filter((each) => each.fromS < toS && each.toS > fromS);
  const files = ranges.map(({ file }) => file);
  const where = `start_s >= ${fromS} AND start_s < ${toS}${meters === undefined ? '' : ` AND meter IN (${[...meters, 0].join(', ')})`}`;
  const over = overlay(where, unedited);
  const wanted = columns.join(', ');
  if (files.length === 0) return { sql: `(SELECT ${wanted} FROM ${standing(over)})`, files };
  const { lies } = await session.row<{ lies: boolean }>(`SELECT EXISTS (FROM ${over}) AS lies`);
  const below = parquet(files);
  // A condition that holds of every row has its column read all the same.
  const isWhole = meters === undefined && ranges.every((each) => each.fromS >= fromS && each.toS <= toS);
  if (!lies) return { sql: `(SELECT ${wanted} FROM ${below}${isWhole ? '' : ` WHERE ${where}`})`, files };
  const keys = `(SELECT DISTINCT meter, start_s FROM ${over})`;
  const contested = `(SELECT ${all} FROM ${over} UNION ALL SELECT ${all} FROM ${below} SEMI JOIN ${keys} USING (meter, start_s) WHERE ${where})`;
  const untouched = `SELECT ${wanted} FROM ${below} ANTI JOIN ${keys} USING (meter, start_s) WHERE ${where}`;
  return { sql: `(${untouched} UNION ALL SELECT ${wanted} FROM ${standing(contested)})`, files };
}
