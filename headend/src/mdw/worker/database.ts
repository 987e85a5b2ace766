import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { WorkerSettings } from '../worker-message.ts';
import { damageNoted, isDamage, moveDatabaseAway, salvage } from './faults.ts';
import { quoted } from './interval-files.ts';
import { ownMigrations } from './own-tables.ts';
import type { WarehouseModule } from './module.ts';

export const databasePath = (folder: string): string => join(folder, 'warehouse.duckdb');
/** Emptied when the warehouse is opened. */
export const temporaryFolder = (folder: string): string => join(folder, 'temp');
/** Of a head-end that ended just now, whose worker is still writing. */
const lockedForMs = 5_000;
const lockedAgainMs = 250;
/** So much of the disk sorts and joins may take for a while. */
const temporaryGb = 100;

export type OpenWarehouse = {
  readonly instance: DuckDBInstance;
  /** A damaged one was moved away to there, and these of its tables were saved. */
  readonly begunAnew?: { readonly movedTo: string; readonly saved: readonly string[] };
};

/** Opens or makes the database and brings its tables up to date. Throws an Error for people. A damaged file is moved away, and told. */
export async function openWarehouse(
  settings: WorkerSettings,
  modules: readonly WarehouseModule[],
  nowMs: number,
): Promise<OpenWarehouse> {
  const path = databasePath(settings.folder);
  try {
    mkdirSync(settings.folder, { recursive: true, mode: 0o750 });
    rmSync(temporaryFolder(settings.folder), { recursive: true, force: true });
    if (damageNoted(path)) return await anew(settings, modules, nowMs);
    try {
      return { instance: await opened(settings, modules) };
    } catch (error) {
      if (!isDamage(error)) throw error;
      return await anew(settings, modules, nowMs);
    }
  } catch (error) {
    throw explained(path, error);
  }
}

async function anew(
  settings: WorkerSettings,
  modules: readonly WarehouseModule[],
  nowMs: number,
): Promise<OpenWarehouse> {
  const movedTo = moveDatabaseAway(databasePath(settings.folder), nowMs);
  const salvaged = join(temporaryFolder(settings.folder), 'salvaged');
  const saved = await salvage(movedTo, salvaged);
  const instance = await opened(settings, modules);
  const connection = await instance.connect();
  try {
    for (const table of saved)
      await connection.run(
        `INSERT INTO ${table} BY NAME SELECT * FROM read_parquet(${quoted(join(salvaged, `${table}.parquet`))})`,
      );
  } finally {
    connection.closeSync();
  }
  return { instance, begunAnew: { movedTo, saved } };
}

async function opened(settings: WorkerSettings, modules: readonly WarehouseModule[]): Promise<DuckDBInstance> {
  const instance = await waitedFor(settings);
  try {
    const connection = await instance.connect();
    try {
      for (const { name, migrations } of [{ name: 'mdw', migrations: ownMigrations }, ...modules])
        await migrate(connection, name, migrations);
    } finally {
      connection.closeSync();
    }
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function waitedFor({ folder, memoryMb, threads }: WorkerSettings): Promise<DuckDBInstance> {
  const untilMs = performance.now() + lockedForMs;
  for (;;) {
    try {
      return await DuckDBInstance.create(databasePath(folder), {
        memory_limit: `${memoryMb}MB`,
        threads: String(threads),
        temp_directory: temporaryFolder(folder),
        max_temp_directory_size: `${temporaryGb}GB`,
        preserve_insertion_order: 'false',
        // What is inserted by the million is written as it comes, by the threads that bring it, and not by one when the transaction ends.
        write_buffer_row_group_count: '1',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
    } catch (error) {
      if (!isLocked(error) || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, lockedAgainMs));
    }
  }
}

async function migrate(connection: DuckDBConnection, module: string, migrations: readonly string[]): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS migration (module VARCHAR PRIMARY KEY, version UINTEGER NOT NULL)');
  const found = await connection.runAndReadAll('SELECT version FROM migration WHERE module = $1', [module]);
  const version = Number(found.getRows()[0]?.[0] ?? 0);
  if (version > migrations.length)
    throw new Error(
      `its tables of ${module} are of version ${version}, by a newer program; this one knows ${migrations.length}. Start the newer program`,
    );
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN');
    try {
      if (module !== 'mdw') await connection.run(`CREATE SCHEMA IF NOT EXISTS ${module}`);
      await connection.run(sql);
      await connection.run('INSERT OR REPLACE INTO migration VALUES ($1, $2)', [module, index + 1]);
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK');
      throw error;
    }
  }
}

const isLocked = (error: unknown): boolean => /lock on file/i.test(String(error));

function explained(path: string, error: unknown): Error {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (isLocked(error))
    return new Error(
      `${path} is in use by another process: only one may write. Stop the other, or name another folder with --data`,
      { cause: error },
    );
  return new Error(`${path} cannot be opened: ${text}. May this user write there, is the disk full?`, { cause: error });
}
