import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from './folder.ts';

const migrations: readonly string[] = [
  `CREATE TABLE command (
     id TEXT PRIMARY KEY, device_id TEXT NOT NULL, seq INTEGER NOT NULL, bytes BLOB NOT NULL,
     state TEXT NOT NULL, ordinal INTEGER NOT NULL, updated_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX command_device ON command (device_id, updated_ms);
   CREATE TABLE acknowledgement (
     command_id TEXT NOT NULL, ordinal INTEGER NOT NULL, device_id TEXT NOT NULL, bytes BLOB NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (command_id, ordinal)
   ) STRICT;
   CREATE INDEX acknowledgement_unsent ON acknowledgement (sent) WHERE sent = 0;
   CREATE TABLE last_sequence (device_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
   CREATE TABLE outbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT, device_id TEXT NOT NULL, kind TEXT NOT NULL, bytes BLOB NOT NULL
   ) STRICT;
   CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;`,
  `CREATE INDEX outbox_device ON outbox (device_id, id);
   CREATE INDEX outbox_kind ON outbox (kind, id);`,
  // Of events, which the head-end names when it has them.
  `ALTER TABLE outbox ADD COLUMN session INTEGER;
   ALTER TABLE outbox ADD COLUMN seq INTEGER;
   CREATE INDEX outbox_event ON outbox (device_id, session, seq) WHERE kind = 'event';`,
  `CREATE TABLE interval (
     device_id TEXT NOT NULL, end_s INTEGER NOT NULL, length_s INTEGER NOT NULL, flags INTEGER NOT NULL,
     imported_wh INTEGER, exported_wh INTEGER, reactive_varh INTEGER, voltage_dv INTEGER,
     imported_register_wh INTEGER, exported_register_wh INTEGER, PRIMARY KEY (device_id, end_s)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE interval_state (device_id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;`,
];

/** The file is not what was written: the disk, or somebody, spoilt it. */
export class DamagedDatabase extends Error {}
/** The disk takes nothing now, full or read-only, and may do so again later. */
export class UnwritableDisk extends Error {}

export const databaseFile = 'agent.sqlite';

/**
 * Opens the gateway's one database file in `directory`, making both where missing. WAL with synchronous FULL: what is
 * committed before a device is written survives a power cut, too. Throws DamagedDatabase, UnwritableDisk, or Error where the directory
 * cannot be used at all; each with a sentence for the technician.
 */
export function openDatabase(directory: string): DatabaseSync {
  const path = join(directory, databaseFile);
  let database: DatabaseSync | undefined;
  try {
    makeFolder(directory, 0o700);
    const existed = existsSync(path);
    database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000; PRAGMA locking_mode = EXCLUSIVE;',
    );
    migrate(database);
    if (existed) checkWhole(database);
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw explained(path, error);
  }
}

/** Finds a torn file at the start; quick_check leaves out the slow comparison of indexes. */
function checkWhole(database: DatabaseSync): void {
  const said = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
  if (said !== 'ok') throw new DamagedDatabase(String(said));
}

function explained(path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  if (isDamage(error)) return new DamagedDatabase(`${path}: ${why}`, { cause: error });
  if (isUnwritable(error) || isReadOnlyFolder(dirname(path)))
    return new UnwritableDisk(`${path}: ${why}. Is the disk full or read-only?`, { cause: error });
  return new Error(
    `${path}: ${why}. The agent keeps its journal there: is the disk writable, and is no other agent running on it?`,
    { cause: error },
  );
}

/** SQLITE_CORRUPT, SQLITE_NOTADB: what is there cannot be trusted. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedDatabase || [11, 26].includes(primaryCode(error));
}

/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, or what the system says of such a disk. */
export function isUnwritable(error: unknown): boolean {
  return [8, 10, 13].includes(primaryCode(error)) || ['EROFS', 'ENOSPC', 'EIO'].includes(codeOf(error));
}

/** SQLITE_FULL: the file is as it was, and takes writes as soon as there is room. */
export function isFull(error: unknown): boolean {
  return primaryCode(error) === 13;
}

/** SQLite's result code without its extension. */
function primaryCode(error: unknown): number {
  return Number((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code);

/** SQLite says of a read-only disk only that it cannot open the file. */
function isReadOnlyFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return codeOf(error) === 'EROFS';
  }
}

function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get();
  const present = Number(row?.['user_version'] ?? 0);
  if (present > migrations.length)
    throw new Error(`it was written by a newer agent (version ${present}; this one knows ${migrations.length})`);
  for (const [index, sql] of migrations.entries()) {
    if (index >= present) database.exec(`BEGIN EXCLUSIVE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
  // Takes the exclusive lock now, not at the first write.
  if (present === migrations.length) database.exec('BEGIN EXCLUSIVE; COMMIT;');
}
