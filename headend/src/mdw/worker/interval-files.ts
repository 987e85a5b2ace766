import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { intervalColumns } from './own-tables.ts';
import { standing } from './interval-order.ts';
import type { WarehouseSession } from './module.ts';
import type { IntervalRelation } from './sessions.ts';

export const daySeconds = 86_400;

export type DayFile = {
  readonly file: string;
  readonly generation: number;
  readonly rows: number;
  readonly bytes: number;
};

export const dayOf = (startS: number): string => new Date(startS * 1_000).toISOString().slice(0, 10);
export const dayStartS = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;

/** Below the folder of the warehouse: `intervals/day=2026-03-31/g2-1of3.parquet`. */
export const fileName = (day: string, generation: number, part: number, parts: number): string =>
  `intervals/day=${day}/g${generation}-${part}of${parts}.parquet`;

const named = /^intervals\/day=(\d{4}-\d\d-\d\d)\/g(\d+)-(\d+)of(\d+)\.parquet$/;

/** As it is called until it is whole. */
export const writingName = (file: string): string => `${file}.part`;

/** The files of these days, as this session sees them. */
export async function filesOf(
  session: Pick<WarehouseSession, 'rows'>,
  fromDay: string,
  toDay: string,
): Promise<readonly (DayFile & { readonly day: string })[]> {
  return await session.rows(
    `SELECT day::VARCHAR AS day, file, generation, row_count::DOUBLE AS rows, bytes::DOUBLE AS bytes FROM interval_file
     WHERE day BETWEEN $1::DATE AND $2::DATE ORDER BY day, file`,
    [fromDay, toDay],
  );
}

/**
 * Files as they are, where nothing of the range waits to be written into them; else with what was landed since laid over them, which costs a
 * join with that only.
 */
export const intervalRelation =
  (folder: string): IntervalRelation =>
  async (session, { fromS, toS, columns = intervalColumns }) => {
    const files = await filesOf(session, dayOf(fromS), dayOf(Math.max(fromS, toS - 1)));
    const range = `start_s >= ${fromS} AND start_s < ${toS}`;
    const { waiting } = await session.row<{ waiting: bigint }>(
      `SELECT count(*) AS waiting FROM landing WHERE ${range}`,
    );
    const wanted = columns.join(', ');
    const all = intervalColumns.join(', ');
    const landed = `(SELECT ${all} FROM landing WHERE ${range})`;
    if (files.length === 0) return `(SELECT ${wanted} FROM ${standing(landed)})`;
    const stored = parquet(files.map(({ file }) => join(folder, file)));
    if (waiting === 0n) return `(SELECT ${wanted} FROM ${stored} WHERE ${range})`;
    const keys = `(SELECT DISTINCT meter, start_s FROM landing WHERE ${range})`;
    const contested = `(SELECT ${all} FROM ${landed} UNION ALL SELECT ${all} FROM ${stored} SEMI JOIN ${keys} USING (meter, start_s) WHERE ${range})`;
    return `(SELECT ${wanted} FROM ${stored} ANTI JOIN ${keys} USING (meter, start_s) WHERE ${range} UNION ALL SELECT ${wanted} FROM ${standing(contested)})`;
  };

export const parquet = (paths: readonly string[]): string =>
  `read_parquet([${paths.map(quoted).join(', ')}], hive_partitioning = false)`;

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Down to the disk, so that a power cut finds it whole. */
export function syncFile(path: string): void {
  for (const each of [path, dirname(path)]) {
    const descriptor = openSync(each, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

export type StrayFile = { readonly day: string; readonly file: string; readonly generation: number };

/** The newest whole generation of each day: what a database that is begun anew takes over. */
export function newestFiles(folder: string): readonly StrayFile[] {
  const found = filesBelow(folder).flatMap((file) => {
    const [, day, generation, , parts] = named.exec(file) ?? [];
    return day === undefined ? [] : [{ day, file, generation: Number(generation), parts: Number(parts) }];
  });
  const generations = Map.groupBy(found, ({ day, generation }) => `${day} ${generation}`);
  const whole = [...generations.values()].filter((each) => each.length === each[0]?.parts);
  const newest = new Map<string, typeof found>();
  for (const each of whole) {
    const day = each[0]?.day ?? '';
    const generation = each[0]?.generation ?? 0;
    if ((newest.get(day)?.[0]?.generation ?? -1) < generation) newest.set(day, each);
  }
  return [...newest.values()].flat();
}

/** What a death left: files that were begun, and generations that were replaced. What they held is where it was before. */
export function removeStrays(folder: string, registered: ReadonlySet<string>): void {
  for (const file of filesBelow(folder)) if (!registered.has(file)) rmSync(join(folder, file));
}

/** Registered, and not there or of another size: what they held is lost. */
export const lostFiles = <F extends DayFile>(folder: string, registered: readonly F[]): readonly F[] =>
  registered.filter(({ file, bytes }) => sizeOf(join(folder, file)) !== bytes);

function filesBelow(folder: string): string[] {
  const root = join(folder, 'intervals');
  mkdirSync(root, { recursive: true, mode: 0o750 });
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(root, name)).map((file) => `intervals/${name}/${file}`));
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
