import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { WorkerSettings } from '../worker-message.ts';
import { ownMigrations } from './own-tables.ts';
import type { WarehouseModule } from './module.ts';

export const databaseFile = 'warehouse.duckdb';
const keptSetAside = 3;
/** Of a head-end that ended just now, whose worker is still writing. */
const lockedForMs = 10_000;
const lockedAgainMs = 250;

export type OpenWarehouse = { readonly instance: DuckDBInstance; readonly setAside?: string };

/** Opens or makes the database and brings its tables up to date. Throws an Error for people. A damaged file is moved away, and told. */
export async function openWarehouse(
  settings: WorkerSettings,
  modules: readonly WarehouseModule[],
  nowMs: number,
): Promise<OpenWarehouse> {
  mkdirSync(settings.folder, { recursive: true, mode: 0o750 });
  const temporary = join(settings.folder, 'temp');
  rmSync(temporary, { recursive: true, force: true });
  const path = join(settings.folder, databaseFile);
  let setAside: string | undefined;
  let instance: DuckDBInstance;
  try {
    instance = await opened(path, settings, temporary);
  } catch (error) {
    if (!isDamage(error)) throw explained(path, error);
    setAside = moveAway(path, nowMs);
    instance = await opened(path, settings, temporary);
  }
  const connection = await instance.connect();
  try {
    for (const { name, migrations } of [{ name: 'mdw', migrations: ownMigrations }, ...modules])
      await migrate(connection, name, migrations, path);
  } finally {
    connection.closeSync();
  }
  return setAside === undefined ? { instance } : { instance, setAside };
}

async function opened(path: string, settings: WorkerSettings, temporary: string): Promise<DuckDBInstance> {
  const untilMs = performance.now() + lockedForMs;
  for (;;) {
    try {
      return await DuckDBInstance.create(path, {
        memory_limit: `${settings.memoryMb}MB`,
        threads: String(settings.threads),
        temp_directory: temporary,
        preserve_insertion_order: 'false',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      });
    } catch (error) {
      if (!/lock on file/i.test(String(error)) || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, lockedAgainMs));
    }
  }
}

async function migrate(
  connection: DuckDBConnection,
  module: string,
  migrations: readonly string[],
  path: string,
): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS migration (module VARCHAR PRIMARY KEY, version UINTEGER NOT NULL)');
  const found = await connection.runAndReadAll('SELECT version FROM migration WHERE module = $1', [module]);
  const version = Number(found.getRows()[0]?.[0] ?? 0);
  if (version > migrations.length)
    throw new Error(
      `${path}: its tables of ${module} are of version ${version}, by a newer program; this one knows ${migrations.length}. Start the newer program`,
    );
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN');
    try {
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${module}`);
      await connection.run(sql);
      await connection.run('INSERT OR REPLACE INTO migration VALUES ($1, $2)', [module, index + 1]);
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK');
      throw error;
    }
  }
}

/** What DuckDB says of a file whose contents cannot be trusted. */
export function isDamage(error: unknown): boolean {
  return /not a valid DuckDB database|corrupt|checksum|Serialization Error|failed to (?:deserialize|replay)|replaying WAL/i.test(
    String(error),
  );
}

function moveAway(path: string, nowMs: number): string {
  const file = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(path, file);
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${file}.wal`);
  const folder = join(path, '..');
  const before = readdirSync(folder)
    .filter((name) => name.startsWith(`${databaseFile}.damaged-`) && !name.endsWith('.wal'))
    .toSorted()
    .slice(0, -keptSetAside);
  for (const name of before) for (const end of ['', '.wal']) rmSync(join(folder, `${name}${end}`), { force: true });
  return file;
}

function explained(path: string, error: unknown): Error {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (/lock on file/i.test(text))
    return new Error(`${path} is in use by another process: only one may write. Stop the other`, { cause: error });
  return new Error(`${path} cannot be opened: ${text}. May this user write there, is the disk full?`, { cause: error });
}
