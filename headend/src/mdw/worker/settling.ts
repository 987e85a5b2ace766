import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dayRows, keepReplaced, within } from './day-rows.ts';
import { daySeconds, fileName, hashOf, parquet, pieceName, quoted, sizeOf, syncFile } from './interval-files.ts';
import type { Piece } from './interval-files.ts';
import { judged, judgeDay, keepFaults, learnNorms } from './judging.ts';
import type { WarehouseSession } from './module.ts';
import { intervalColumns } from './own-tables.ts';
import type { OwnSession, Sessions } from './sessions.ts';

const all = intervalColumns.join(', ');
/** Small enough that one meter's day is found in milliseconds, large enough that the file's list of them stays short. */
const rowGroup = 32_768;

/** Days with rows that stand in no file yet. */
export async function unsettledDays(
  session: Pick<WarehouseSession, 'rows'>,
): Promise<readonly { day: string; waiting: number; stored: number }[]> {
  return await session.rows(
    `SELECT day::VARCHAR AS day, waiting, coalesce(stored, 0) AS stored
     FROM (SELECT DATE '1970-01-01' + (start_s // ${daySeconds})::INTEGER AS day, count(*)::DOUBLE AS waiting FROM landing GROUP BY 1)
     LEFT JOIN (SELECT day, sum(row_count)::DOUBLE AS stored FROM interval_file GROUP BY 1) USING (day) ORDER BY day`,
  );
}

/**
 * Writes a day anew, with what was landed since, as the next generation of its files: one row a key, held against the rules of validation,
 * ordered by time and meter. What gave way is kept in `replaced`. The files before stay for those who read them now. Gives whether there
 * was anything to do.
 */
export async function settleDay(sessions: Sessions, folder: string, day: string, nowMs: number): Promise<boolean> {
  const begun: string[] = [];
  try {
    const before = await sessions.write(async (session) => await writeDay(session, { folder, day, nowMs, begun }));
    if (before === undefined) return false;
    void sessions.afterThose().then(() => remove(folder, before));
    return true;
  } catch (error) {
    remove(folder, begun);
    throw error;
  }
}

type DayWriting = { readonly folder: string; readonly day: string; readonly nowMs: number; readonly begun: string[] };
type Written = { readonly file: string; readonly rows: number };

/** Gives the files that were replaced. */
async function writeDay(
  session: OwnSession,
  { folder, day, nowMs, begun }: DayWriting,
): Promise<readonly string[] | undefined> {
  // Of a try before this one, which another writer has thwarted.
  remove(folder, begun.splice(0));
  const rows = await dayRows(session, folder, day);
  if (rows === undefined) return undefined;
  await keepReplaced(session, folder, rows, nowMs);
  await judgeDay(session, rows);
  const generation = Math.max(0, ...rows.files.map((file) => file.generation)) + 1;
  const written: Written[] = [];
  for (const [index, part] of rows.parts.entries()) {
    const piece = { day, generation, part: index + 1, parts: rows.parts.length };
    written.push(await writePiece(session, judged(rows.standing(part)), { folder, piece, begun }));
  }
  await keepFaults(session, rows, parquet(written.map(({ file }) => join(folder, file))), nowMs);
  await learnNorms(session, rows);
  await session.run('DELETE FROM interval_file WHERE day = $1::DATE', [day]);
  for (const each of written)
    await session.run('INSERT INTO interval_file VALUES ($1::DATE, $2, $3, $4, $5, $6)', [
      day,
      each.file,
      generation,
      BigInt(each.rows),
      BigInt(sizeOf(join(folder, each.file))),
      Math.floor(nowMs / 1_000),
    ]);
  await session.run(`DELETE FROM landing WHERE ${within(rows.range)}`);
  return rows.files.map(({ file }) => file);
}

async function writePiece(
  session: WarehouseSession,
  relation: string,
  { folder, piece, begun }: { folder: string; piece: Piece; begun: string[] },
): Promise<Written> {
  const part = pieceName(piece);
  begun.push(part);
  const path = join(folder, part);
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const { Count } = await session.row<{ Count: bigint }>(
    `COPY (SELECT ${all} FROM ${relation} ORDER BY start_s, meter) TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup})`,
  );
  const file = fileName(piece, await hashOf(path));
  begun.push(file);
  renameSync(path, join(folder, file));
  syncFile(join(folder, file));
  return { file, rows: Number(Count) };
}

function remove(folder: string, files: readonly string[]): void {
  for (const file of files) rmSync(join(folder, file), { force: true });
}
