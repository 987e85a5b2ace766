import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase as openAgentDatabase } from '@tiepoint/agent/io/disk/database.ts';
import { openDatabase as openHeadendDatabase } from '@tiepoint/headend/store/database.ts';
import { operationsMigrations, telemetryMigrations } from '@tiepoint/headend/store/migrations.ts';
import type { Life } from './life.ts';

/** As SQLite says it. */
export const diskFault = 'disk I/O error';

function inputOutputError(): Error {
  return Object.assign(new Error(diskFault), { errcode: 10 });
}

export type DiskKind = 'agent' | 'operations' | 'telemetry';

export type RowWatch = {
  /** Asked before each row is written; `false` loses it, as a broken program would. */
  readonly passes?: (sql: string, values: readonly SQLInputValue[]) => boolean;
  /** Told of each row as soon as it is on disk. */
  readonly durable: (sql: string, values: readonly SQLInputValue[]) => void;
};

/**
 * What survives a crash: a real SQLite database in memory, made by the product's own migrations. Every run of a program gets a handle
 * of its own, which ends with the run; a transaction that was open then is rolled back, as SQLite does when it opens a file again.
 */
export class Disk {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  failing: 'nothing' | 'writes' | 'all' = 'nothing';
  /** A commit takes so long. */
  slowMs = 0;

  constructor(kind: DiskKind) {
    this.database = new DatabaseSync(':memory:');
    this.database.deserialize(template(kind));
  }

  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const fresh = this.database.prepare(sql);
    this.#statements.set(sql, fresh);
    return fresh;
  }

  handle(life: Life, watch?: RowWatch): DatabaseSync {
    if (this.database.isTransaction) this.database.exec('ROLLBACK');
    return new Handle(this, life, watch) as unknown as DatabaseSync;
  }

  close(): void {
    this.database.close();
  }
}

/** The part of `DatabaseSync` that the product uses. */
class Handle {
  readonly #disk: Disk;
  readonly #life: Life;
  readonly #watch: RowWatch | undefined;
  #inTransaction: (() => void)[] = [];

  constructor(disk: Disk, life: Life, watch: RowWatch | undefined) {
    this.#disk = disk;
    this.#life = life;
    this.#watch = watch;
  }

  get isTransaction(): boolean {
    return this.#life.alive && this.#disk.database.isTransaction;
  }

  exec(sql: string): void {
    if (!this.#life.alive) return;
    if (sql !== 'COMMIT') {
      this.#inTransaction = [];
      this.#disk.database.exec(sql);
      return;
    }
    this.#commit(() => {
      this.#disk.database.exec(sql);
      for (const tell of this.#inTransaction) tell();
    });
  }

  prepare(sql: string): object {
    const statement = this.#disk.statement(sql);
    const isWrite = /^\s*(INSERT|UPDATE|DELETE)/i.test(sql);
    const ask = <T>(values: SQLInputValue[], work: () => T): T | undefined =>
      isWrite ? this.#write(sql, values, work) : this.#read(work);
    return {
      run: (...values: SQLInputValue[]) =>
        ask(values, () => statement.run(...values)) ?? { changes: 1, lastInsertRowid: 0 },
      get: (...values: SQLInputValue[]) => ask(values, () => statement.get(...values)),
      all: (...values: SQLInputValue[]) => ask(values, () => statement.all(...values)) ?? [],
    };
  }

  close(): void {
    // The disk outlives the program.
  }

  #read<T>(work: () => T): T | undefined {
    if (!this.#life.alive) return undefined;
    if (this.#disk.failing === 'all') throw inputOutputError();
    return work();
  }

  #write<T>(sql: string, values: SQLInputValue[], work: () => T): T | undefined {
    if (!this.#life.alive || this.#watch?.passes?.(sql, values) === false) return undefined;
    const tell = (): void => this.#watch?.durable(sql, values);
    if (this.#disk.database.isTransaction) {
      this.#inTransaction.push(tell);
      return work();
    }
    return this.#commit(() => {
      const result = work();
      tell();
      return result;
    });
  }

  /** Nothing comes of it where the program dies before, and nobody hears of it where it dies after. */
  #commit<T>(work: () => T): T | undefined {
    const { database, failing, slowMs } = this.#disk;
    const dies = this.#life.strikes('commit', 'before');
    if (dies || failing !== 'nothing') {
      if (database.isTransaction) database.exec('ROLLBACK');
      if (dies) return undefined;
      throw inputOutputError();
    }
    if (slowMs > 0) this.#life.stall(slowMs);
    const result = work();
    this.#life.strikes('commit', 'after');
    return result;
  }
}

const templates = new Map<DiskKind, Uint8Array>();

function template(kind: DiskKind): Uint8Array {
  const known = templates.get(kind);
  if (known !== undefined) return known;
  const made = kind === 'agent' ? agentTemplate() : headendTemplate(kind);
  templates.set(kind, made);
  return made;
}

function agentTemplate(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-soak-'));
  try {
    const database = openAgentDatabase(folder);
    // A database that says WAL in its header cannot be opened in memory.
    database.exec('PRAGMA journal_mode = DELETE');
    const bytes = database.serialize();
    database.close();
    return bytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function headendTemplate(kind: 'operations' | 'telemetry'): Uint8Array {
  const migrations = kind === 'operations' ? operationsMigrations : telemetryMigrations;
  const database = openHeadendDatabase({ path: ':memory:', synchronous: 'FULL', migrations, applicationId: 1 });
  const bytes = database.serialize();
  database.close();
  return bytes;
}
