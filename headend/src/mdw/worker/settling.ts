import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  daySeconds,
  dayStartS,
  fileName,
  filesOf,
  parquet,
  quoted,
  sizeOf,
  syncFile,
  writingName,
} from './interval-files.ts';
import { bestFirst } from './interval-order.ts';
import type { WarehouseSession } from './module.ts';
import { intervalColumns } from './own-tables.ts';
import type { Sessions } from './sessions.ts';

/** A file of more is cut at full hours, so that sorting one stays within the memory. */
const maxRowsInFile = 4_000_000;
const hourS = 3_600;
const all = intervalColumns.join(', ');

type Range = { readonly fromS: number; readonly toS: number };

/** Days with rows that stand in no file yet. */
export async function unsettledDays(
  session: Pick<WarehouseSession, 'rows'>,
): Promise<readonly { day: string; rows: number }[]> {
  return await session.rows(
    `SELECT (DATE '1970-01-01' + (start_s // ${daySeconds})::INTEGER)::VARCHAR AS day, count(*)::DOUBLE AS rows
     FROM landing GROUP BY 1 ORDER BY 1`,
  );
}

/**
 * Writes a day anew, with what was landed since, as the next generation of its files: one row a key, ordered by time and meter. What gave way
 * is kept in `replaced`. The files before stay for those who read them now. Gives whether there was anything to do.
 */
export async function settleDay(sessions: Sessions, folder: string, day: string, nowMs: number): Promise<boolean> {
  const begun: string[] = [];
  try {
    const before = await sessions.write((session) => writeDay(session, { folder, day, nowMs, begun }));
    if (before === undefined) return false;
    void sessions.afterThose().then(() => remove(folder, before));
    return true;
  } catch (error) {
    remove(folder, begun);
    throw error;
  }
}

type DayWriting = { readonly folder: string; readonly day: string; readonly nowMs: number; readonly begun: string[] };

/** Gives the files that were replaced. */
async function writeDay(
  session: WarehouseSession,
  { folder, day, nowMs, begun }: DayWriting,
): Promise<readonly string[] | undefined> {
  const range = { fromS: dayStartS(day), toS: dayStartS(day) + daySeconds };
  const { waiting } = await session.row<{ waiting: number }>(
    `SELECT count(*)::DOUBLE AS waiting FROM landing WHERE ${within(range)}`,
  );
  if (waiting === 0) return undefined;
  const files = await filesOf(session, day, day);
  const stored = files.map(({ file }) => join(folder, file));
  await keepReplaced(session, range, stored, nowMs);
  const generation = Math.max(0, ...files.map((file) => file.generation)) + 1;
  const count = Math.ceil(files.reduce((sum, file) => sum + file.rows, waiting) / maxRowsInFile);
  const parts: { file: string; rows: number }[] = [];
  for (const [index, part] of cut(range, count).entries()) {
    const file = fileName(day, generation, index + 1, Math.min(24, count));
    begun.push(file);
    const rows = await writeFile(session, await session.intervals(part.fromS, part.toS), join(folder, file));
    parts.push({ file, rows });
  }
  await session.run('DELETE FROM interval_file WHERE day = $1::DATE', [day]);
  for (const { file, rows } of parts)
    await session.run('INSERT INTO interval_file VALUES ($1::DATE, $2, $3, $4, $5)', [
      day,
      file,
      generation,
      BigInt(rows),
      BigInt(sizeOf(join(folder, file))),
    ]);
  await session.run(`DELETE FROM landing WHERE ${within(range)}`);
  return files.map(({ file }) => file);
}

const within = ({ fromS, toS }: Range): string => `start_s >= ${fromS} AND start_s < ${toS}`;

function cut({ fromS }: Range, count: number): readonly Range[] {
  const parts = Math.min(24, count);
  const at = (part: number): number => fromS + Math.floor((part * 24) / parts) * hourS;
  return Array.from({ length: parts }, (_, part) => ({ fromS: at(part), toS: at(part + 1) }));
}

async function writeFile(session: WarehouseSession, relation: string, path: string): Promise<number> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const { Count } = await session.row<{ Count: bigint }>(
    `COPY (SELECT ${all} FROM ${relation} ORDER BY start_s, meter)
     TO ${quoted(writingName(path))} (FORMAT parquet, COMPRESSION zstd)`,
  );
  renameSync(writingName(path), path);
  syncFile(path);
  return Number(Count);
}

/** Rows that lost against another of their key, each once; the same row told twice is one row. */
async function keepReplaced(
  session: WarehouseSession,
  range: Range,
  stored: readonly string[],
  nowMs: number,
): Promise<void> {
  const landed = `(SELECT ${all} FROM landing WHERE ${within(range)})`;
  const keys = `(SELECT DISTINCT meter, start_s FROM landing WHERE ${within(range)})`;
  const before =
    stored.length === 0
      ? ''
      : `UNION ALL SELECT ${all} FROM ${parquet(stored)} SEMI JOIN ${keys} USING (meter, start_s)`;
  const several = `(SELECT * FROM (SELECT ${all} FROM ${landed} ${before}) QUALIFY count(*) OVER (PARTITION BY meter, start_s) > 1)`;
  await session.run(
    `INSERT INTO replaced SELECT *, $1 FROM (
       SELECT DISTINCT ${all} FROM ${several} QUALIFY dense_rank() OVER (PARTITION BY meter, start_s ORDER BY ${bestFirst}) > 1
       EXCEPT SELECT ${all} FROM replaced WHERE ${within(range)})`,
    [Math.floor(nowMs / 1_000)],
  );
}

function remove(folder: string, files: readonly string[]): void {
  for (const file of files)
    for (const path of [join(folder, file), writingName(join(folder, file))]) rmSync(path, { force: true });
}
