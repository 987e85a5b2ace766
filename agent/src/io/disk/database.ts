import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
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
];

/**
 * Opens the gateway's one database file in `directory`, making both where missing. WAL with synchronous FULL: what is
 * committed before a device is written survives a power cut, too.
 * Throws Error with a sentence for the technician where the directory cannot be used.
 */
export function openDatabase(directory: string): DatabaseSync {
  const path = join(directory, 'agent.sqlite');
  try {
    makeFolder(directory, 0o700);
    const database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000; PRAGMA locking_mode = EXCLUSIVE;',
    );
    migrate(database);
    return database;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${path}: ${why}. The agent keeps its journal there: is the disk writable, and is no other agent running on it?`,
      { cause: error },
    );
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
