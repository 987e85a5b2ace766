import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { isWhole, quoted } from './interval-files.ts';

const keptSetAside = 3;

/** The database itself holds what it cannot hold. */
export const isDamage = (error: unknown): boolean =>
  /not a valid DuckDB database|corrupt database|computed checksum|Could not read enough bytes|Serialization Error|replaying WAL/i.test(
    String(error),
  );

/** After which this process cannot go on, while another may. */
export const isFatal = (error: unknown): boolean =>
  /FATAL Error|has been invalidated|INTERNAL Error/i.test(String(error));

/** Another writer was first at the same rows: tried anew, the same can be done. */
export const isConflict = (error: unknown): boolean =>
  /Conflict on|write-write conflict|duplicate key/i.test(String(error));

export const isDiskFault = (error: unknown): boolean =>
  /No space left|Read-only file system|Input\/output error|Disk quota|max_temp_directory_size|Could not write/i.test(
    String(error),
  );

const isFileFault = (error: unknown): boolean =>
  /magic bytes|too small to be a Parquet|Failed to read file|Corrupted file|Decompress|No files found|TProtocol|out of buffer|Invalid Error|Parquet/i.test(
    String(error),
  );

/** Of these files those that are not as they were written, where what was said points at files at all. */
export async function damagedFiles(error: unknown, files: readonly string[]): Promise<readonly string[]> {
  if (!isFileFault(error)) return [];
  const bad: string[] = [];
  for (const file of new Set(files)) if (!(await isWhole(file))) bad.push(file);
  return bad;
}

const stamp = (nowMs: number): string => new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');

/** Where a file is that could not be read. */
export function moveFileAway(path: string, nowMs: number): void {
  if (existsSync(path)) renameSync(path, `${path}.damaged-${stamp(nowMs)}`);
}

/** Tells the process after this one that the database is damaged, which shows at some of its pages only. */
export const noteDamage = (database: string): void => writeFileSync(`${database}.damaged`, '', { flush: true });
export const damageNoted = (database: string): boolean => existsSync(`${database}.damaged`);

/** Moves a closed database away, with its log, under a name that tells when; of several the newest are kept. Gives the new path. */
export function moveDatabaseAway(path: string, nowMs: number): string {
  const file = `${path}.damaged-${stamp(nowMs)}`;
  for (const end of ['', '.wal']) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${file}${end}`);
  rmSync(`${path}.damaged`, { force: true });
  const folder = dirname(path);
  const before = readdirSync(folder)
    .filter((name) => name.startsWith(`${relative(folder, path)}.damaged-`) && !name.endsWith('.wal'))
    .toSorted()
    .slice(0, -keptSetAside);
  for (const name of before) for (const end of ['', '.wal']) rmSync(join(folder, `${name}${end}`), { force: true });
  return file;
}

/** What other tables are about comes before them: without meters nobody knows whose rows those are. */
const worthSaving = ['meter', 'landing', 'edit', 'edited', 'register', 'replaced', 'customer_year', 'profile'] as const;

/**
 * Takes out of a damaged database what can still be read of it, into files in this folder. In a process of its own database, so that nothing
 * of it reaches the new one. Gives the tables.
 */
export async function salvage(database: string, into: string): Promise<readonly string[]> {
  mkdirSync(into, { recursive: true });
  const saved: string[] = [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`ATTACH ${quoted(database)} AS damaged (READ_ONLY)`);
    for (const table of worthSaving) {
      if (table !== 'meter' && !saved.includes('meter')) break;
      const path = join(into, `${table}.parquet`);
      const copied = await connection.run(`COPY damaged.main.${table} TO ${quoted(path)} (FORMAT parquet)`).then(
        () => true,
        () => false,
      );
      if (copied) saved.push(table);
      else rmSync(path, { force: true });
    }
  } catch {
    // It cannot be opened at all: nothing of it is to be had.
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return saved;
}
