import { existsSync, readdirSync, statSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Clock, EndTimer } from '../clock.ts';
import type { Log } from '../log.ts';
import { DamagedDatabase, databaseFile, isDamage, isFull, isUnwritable, UnwritableDisk } from './database.ts';

export type Statement = {
  run(...values: SQLInputValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined;
  all(...values: SQLInputValue[]): Record<string, SQLOutputValue>[];
};

/** What journal, outbox and settings need of a database; a `DatabaseSync` is one. */
export type Database = {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  readonly isTransaction: boolean;
};

/** A database that was damaged: where it lies now, and what was wrong with it. */
export type SetAside = { readonly file: string; readonly why: string };

export type GatewayDatabaseDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly openDatabase: (directory: string) => DatabaseSync;
  /** Another database is in use now, empty after `setAside`: what was known of the one before counts no more. */
  readonly exchanged: (setAside: SetAside | undefined) => void;
  /** Why the disk takes nothing; undefined: it does again. */
  readonly failing: (why: string | undefined) => void;
};

/** How long a disk that failed is left alone before its database is opened anew. */
const reopenMs = 10_000;
/** A disk that damages what was just made is not fed with one file after another. */
const setAsideEveryMs = 60_000;
const keptSetAside = 3;

/**
 * The gateway's database, which outlives its disk: damage, found at the start or in the middle of the work, sets the file aside and
 * begins a new one; a disk that takes nothing is tried again until it does. Meanwhile every call throws, so that no command is taken, and
 * the reporting goes on.
 */
export class GatewayDatabase implements Database {
  readonly #directory: string;
  readonly #deps: GatewayDatabaseDeps;
  #database: DatabaseSync | undefined;
  #why = 'it is not open';
  #endReopenTimer: EndTimer | undefined;
  #setAsideAtMs: number | undefined;
  #failing = false;

  constructor(directory: string, deps: GatewayDatabaseDeps) {
    this.#directory = directory;
    this.#deps = deps;
  }

  /** Throws Error with a sentence for the technician where the folder cannot be used; a disk that takes nothing now is no reason. */
  start(): void {
    this.#open();
  }

  stop(): void {
    this.#endReopenTimer?.();
    this.#database?.close();
    this.#database = undefined;
  }

  get isTransaction(): boolean {
    return this.#database?.isTransaction === true;
  }

  exec(sql: string): void {
    this.#guarded((database) => database.exec(sql));
    if (sql === 'COMMIT') this.#wrote();
  }

  /** Bound to no file: after an exchange it speaks to the new one. */
  prepare(sql: string): Statement {
    let prepared: { of: DatabaseSync; statement: StatementSync } | undefined;
    const use = <T>(work: (statement: StatementSync) => T): T =>
      this.#guarded((database) => {
        if (prepared?.of !== database) prepared = { of: database, statement: database.prepare(sql) };
        return work(prepared.statement);
      });
    return {
      run: (...values) => {
        const done = use((statement) => statement.run(...values));
        if (!this.isTransaction) this.#wrote();
        return done;
      },
      get: (...values) => use((statement) => statement.get(...values)),
      all: (...values) => use((statement) => statement.all(...values)),
    };
  }

  #guarded<T>(work: (database: DatabaseSync) => T): T {
    const database = this.#database;
    if (database === undefined) throw new UnwritableDisk(this.#why);
    try {
      return work(database);
    } catch (error) {
      if (isDamage(error)) this.#damaged(error);
      else if (isUnwritable(error)) this.#unwritable(error);
      throw error;
    }
  }

  #open(): void {
    try {
      this.#database = this.#deps.openDatabase(this.#directory);
    } catch (error) {
      if (error instanceof UnwritableDisk) this.#closed(error);
      else if (error instanceof DamagedDatabase) this.#damaged(error);
      else throw error;
    }
  }

  #damaged(error: unknown): void {
    const { clock, log, openDatabase, exchanged } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.#setAsideAtMs !== undefined && nowMs - this.#setAsideAtMs < setAsideEveryMs) return this.#closed(error);
    this.#setAsideAtMs = nowMs;
    this.#close();
    try {
      const setAside = { file: this.#moveAway(), why: said(error) };
      this.#database = openDatabase(this.#directory);
      this.#wrote();
      log.error(
        setAside,
        'journal and outbox are damaged and were set aside; new ones are begun, and no command from before is taken. Keep the file, and look at the disk',
      );
      exchanged(setAside);
    } catch (failure) {
      this.#closed(failure);
    }
  }

  /** Under a name that tells when, with its log; of several the newest are kept. */
  #moveAway(): string {
    const stamp = new Date(this.#deps.clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-');
    const from = join(this.#directory, databaseFile);
    const file = `${from}.damaged-${stamp}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(`${from}${end}`)) renameSync(`${from}${end}`, `${file}${end}`);
    const before = setAsideFiles(this.#directory).slice(0, -keptSetAside);
    for (const each of before) for (const end of ['', '-wal', '-shm']) rmSync(`${each}${end}`, { force: true });
    return file;
  }

  /** What is open may still be read: whether a command was seen before must be known as long as it can. */
  #unwritable(error: unknown): void {
    this.#tell(error);
    // A full disk takes writes again as soon as there is room. After any other failure the file is opened anew, too.
    if (!isFull(error)) this.#reopenSoon();
  }

  #closed(error: unknown): void {
    this.#tell(error);
    this.#close();
    this.#why = said(error);
    this.#reopenSoon();
  }

  #reopenSoon(): void {
    this.#endReopenTimer ??= this.#deps.clock.after(reopenMs, () => {
      this.#endReopenTimer = undefined;
      if (this.#failing) this.#reopen();
    });
  }

  /** A disk that was mended and mounted again under a file that is open is another one for it. */
  #reopen(): void {
    let database: DatabaseSync;
    try {
      database = this.#deps.openDatabase(this.#directory);
    } catch (error) {
      if (error instanceof DamagedDatabase) this.#damaged(error);
      else this.#reopenSoon();
      return;
    }
    this.#close();
    this.#database = database;
    this.#wrote();
    this.#deps.exchanged(undefined);
  }

  #tell(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    const why = said(error);
    this.#deps.log.error({ why }, 'the disk takes nothing: commands are refused until it does; the reporting goes on');
    this.#deps.failing(why);
  }

  #wrote(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#deps.log.info({}, 'the disk takes writes again');
    this.#deps.failing(undefined);
  }

  #close(): void {
    try {
      this.#database?.close();
    } catch (error) {
      this.#deps.log.warn({ error: said(error) }, 'a database that failed could not be closed cleanly');
    }
    this.#database = undefined;
  }
}

/** Oldest first, without their logs. None where there is no such folder. */
export function setAsideFiles(directory: string): readonly string[] {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${databaseFile}.damaged-`) && !/-(wal|shm)$/.test(name))
    .toSorted()
    .map((name) => join(directory, name));
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
