import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Failure } from '@tiepoint/protocol';
import type { Migration } from './migrations.ts';

export type OpenDatabase = {
  path: string;
  /** FULL: on the disk before a commit returns. NORMAL: the last commits may be lost on a power cut, never torn. */
  synchronous: 'FULL' | 'NORMAL';
  migrations: readonly Migration[];
  /** Marks the file as ours; another program's database is refused. */
  applicationId: number;
};

/**
 * Opens or creates an SQLite file in WAL mode and brings its schema up to date, each step in a transaction of its own.
 * Throws an Error for people: the file is damaged, is no database, is another program's, was written by a newer program,
 * or is open elsewhere.
 */
export function openDatabase({ path, synchronous, migrations, applicationId }: OpenDatabase): DatabaseSync {
  const existed = existsSync(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 2_000 });
    if (existed) checkOwner(db, path, applicationId);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON;`);
    migrate(db, { path, migrations, applicationId });
    // Finds a torn file at the start rather than in the middle of the night; quick_check leaves out the slow index comparison.
    if (existed && synchronous === 'FULL') checkWhole(db);
    return db;
  } catch (error) {
    db?.close();
    throw explained(path, error);
  }
}

function checkOwner(db: DatabaseSync, path: string, applicationId: number): void {
  const found = pragma(db, 'application_id');
  const tables = Number(Object.values(db.prepare('SELECT count(*) FROM sqlite_master').get() ?? {})[0]);
  if (found !== applicationId && (found !== 0 || tables > 0)) {
    throw new PlainRefusal(`${path} is the database of another program: name another folder with --data`);
  }
}

function migrate(db: DatabaseSync, { path, migrations, applicationId }: Omit<OpenDatabase, 'synchronous'>): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const found = pragma(db, 'user_version');
  if (found > newest) {
    throw new PlainRefusal(
      `${path} has schema ${found}, written by a newer program; this one knows ${newest}. Start the newer program, or name another folder with --data`,
    );
  }
  for (const { version, sql, work } of migrations) {
    if (version <= found) continue;
    inTransaction(db, () => {
      db.exec(sql);
      work?.(db);
      db.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = ${applicationId};`);
    });
  }
}

function checkWhole(db: DatabaseSync): void {
  const said = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
  if (said !== 'ok') throw new Error(`database disk image is malformed: ${String(said)}`);
}

function pragma(db: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/** The message offers what to do; `why` is the fault alone. */
export class DamagedFile extends Error {
  readonly why: string;

  constructor(why: string, ...rest: ConstructorParameters<typeof Error>) {
    super(...rest);
    this.why = why;
  }
}
class PlainRefusal extends Error {}

function explained(path: string, error: unknown): Error {
  if (error instanceof PlainRefusal) return error;
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (/malformed|not a database|corrupt/i.test(text)) {
    const say = `${path} is damaged (${text}). Restore the last backup into an empty folder (\`restore DIR --data NEW\`) and start on that. Or start once with --set-aside: it is moved away and begun anew, and what it held is lost: commands, audit, tags, sites, contracts, identities`;
    return new DamagedFile(text, say, { cause: error });
  }
  if (/locked|busy/i.test(text)) return inUse(path, error);
  return new Error(
    `${path} cannot be opened: ${text}. Does the folder exist, may this user write there, is the disk full?`,
    { cause: error },
  );
}

function inUse(path: string, error: unknown): Error {
  return new Error(
    `${path} is in use by another process: only one head-end may write. Stop the other, or name another folder with --data`,
    { cause: error },
  );
}

/**
 * Holds a folder for one head-end until it is closed, or its process ends however. Others may still read the databases there: an audit
 * that is verified, a backup. Throws an Error for people where another head-end has it.
 */
export function lockFolder(folder: string): DatabaseSync {
  const path = join(folder, 'head-end.lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 2_000 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    throw /locked|busy/i.test(String(error)) ? inUse(folder, error) : explained(path, error);
  }
}

/** Opens for reading what another process may be writing to. Throws an Error for people. */
export function openToRead(path: string, applicationId: number): DatabaseSync {
  if (!existsSync(path)) throw new Error(`There is no ${path}: name the data folder of a head-end with --data`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    checkOwner(db, path, applicationId);
    return db;
  } catch (error) {
    db?.close();
    throw explained(path, error);
  }
}

/** All or nothing. What `work` throws is thrown again after the roll-back. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    db.exec('COMMIT');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export function notRecorded(path: string, error: unknown): Failure<'not-recorded'> {
  const text = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    reason: 'not-recorded',
    say: `${path} could not be written (${text}): is the disk full or read-only?`,
  };
}
