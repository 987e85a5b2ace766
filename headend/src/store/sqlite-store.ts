import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { auditAppender } from './audit-tables.ts';
import { lockFolder, openDatabase } from './database.ts';
import { operationsMigrations, telemetryMigrations } from './migrations.ts';
import { operationsTables } from './operations-tables.ts';
import type { ProvisioningStore } from './provisioning-store.ts';
import { provisioningTables } from './provisioning-tables.ts';
import { retention } from './retention.ts';
import type { Retention } from './retention.ts';
import type { OperationsStore, Store, TelemetryStore } from './store.ts';
import { telemetryTables } from './telemetry-tables.ts';

/** `TPO1` and `TPT1`: marks the files as Tiepoint's. */
export const operationsId = 0x54504f31;
const telemetryId = 0x54505431;

type Opened = {
  lock: DatabaseSync;
  operationsDb: DatabaseSync;
  telemetryDb: DatabaseSync;
  operations: OperationsStore;
  telemetry: TelemetryStore;
  provisioning: ProvisioningStore;
};

/**
 * The store in two SQLite files of one folder: `operations.db` with synchronous FULL, for a command that was answered must
 * survive a power cut, and `telemetry.db` with NORMAL, for 2,500 statuses a second must not wait for the disk and the
 * next one is 4 s away. Two files, because SQLite sets this for a connection and its log, not for a table.
 */
export class SqliteStore implements Store {
  readonly #folder: string;
  readonly #retention: Retention;
  #open: Opened | undefined;

  constructor(folder: string, kept: Partial<Retention> = {}) {
    this.#folder = folder;
    this.#retention = { ...retention, ...kept };
  }

  start(): void {
    if (this.#open !== undefined) throw new Error('the store is started already');
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${this.#folder} cannot be made (${text}): name a folder that this user may write to with --data`,
        { cause: error },
      );
    }
    const lock = lockFolder(this.#folder);
    try {
      this.#open = { lock, ...this.#opening() };
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  #opening(): Omit<Opened, 'lock'> {
    const operationsPath = join(this.#folder, 'operations.db');
    const telemetryPath = join(this.#folder, 'telemetry.db');
    const operationsDb = openDatabase({
      path: operationsPath,
      synchronous: 'FULL',
      migrations: operationsMigrations,
      applicationId: operationsId,
    });
    try {
      const telemetryDb = openDatabase({
        path: telemetryPath,
        synchronous: 'NORMAL',
        migrations: telemetryMigrations,
        applicationId: telemetryId,
      });
      return {
        operationsDb,
        telemetryDb,
        operations: operationsTables(operationsDb, operationsPath),
        telemetry: telemetryTables(telemetryDb, telemetryPath, this.#retention),
        provisioning: provisioningTables({
          db: operationsDb,
          path: operationsPath,
          reportFolder: join(this.#folder, 'reports'),
          appendAudit: auditAppender(operationsDb),
        }),
      };
    } catch (error) {
      operationsDb.close();
      throw error;
    }
  }

  stop(): void {
    this.#open?.operationsDb.close();
    this.#open?.telemetryDb.close();
    this.#open?.lock.close();
    this.#open = undefined;
  }

  get operations(): OperationsStore {
    return this.#opened().operations;
  }

  get telemetry(): TelemetryStore {
    return this.#opened().telemetry;
  }

  get provisioning(): ProvisioningStore {
    return this.#opened().provisioning;
  }

  #opened(): Opened {
    if (this.#open === undefined) throw new Error('the store is not started');
    return this.#open;
  }
}
