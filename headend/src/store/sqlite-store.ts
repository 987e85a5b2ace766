import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { auditAppender } from './audit-tables.ts';
import { Conditions } from './conditions.ts';
import { DamagedFile, lockFolder, openDatabase } from './database.ts';
import { operationsMigrations, telemetryMigrations } from './migrations.ts';
import { operationsTables, recorder } from './operations-tables.ts';
import type { OnWrite } from './operations-tables.ts';
import type { PeopleStore } from './people-store.ts';
import { peopleTables } from './people-tables.ts';
import type { NetworkStore } from './network-store.ts';
import { networkTables } from './network-tables.ts';
import type { ProvisioningStore } from './provisioning-store.ts';
import { provisioningTables } from './provisioning-tables.ts';
import { retention } from './retention.ts';
import type { Retention } from './retention.ts';
import { isDamage, isDiskFault, isGone, setAside } from './disk-fault.ts';
import type { OperationsStore, Store, TelemetryStore } from './store.ts';
import { TelemetryFile } from './telemetry-file.ts';
import { telemetryTables } from './telemetry-tables.ts';

/** Where a restore gathers what it puts in place at the end. */
export const restoringFolder = '.restoring';

/** `TPO1` and `TPT1`: marks the files as Tiepoint's. */
export const operationsId = 0x54504f31;
export const telemetryId = 0x54505431;

export type StoreSettings = {
  readonly kept?: Partial<Retention>;
  /** Hears what is not well with the disk; by default nobody. */
  readonly conditions?: Conditions;
  /** A damaged `operations.db` is moved away and begun anew, instead of ending the start. */
  readonly setAsideDamaged?: boolean;
  /** History was begun anew: what is known is to be written again. */
  readonly onTelemetryAnew?: () => void;
  readonly now?: () => number;
};

/** How long a disk that failed is left alone before the files are opened anew. */
const reopenMs = 10_000;

type Opened = {
  lock: DatabaseSync;
  operationsDb: DatabaseSync;
  telemetry: TelemetryFile;
  operations: OperationsStore;
  provisioning: ProvisioningStore;
  people: PeopleStore;
  network: NetworkStore;
};

/**
 * The store in two SQLite files of one folder: `operations.db` with synchronous FULL, for a command that was answered must
 * survive a power cut, and `telemetry.db` with NORMAL, for 2,500 statuses a second must not wait for the disk and the
 * next one is 4 s away. Two files, because SQLite sets this for a connection and its log, not for a table.
 */
export class SqliteStore implements Store {
  readonly #folder: string;
  readonly #settings: StoreSettings;
  readonly #conditions: Conditions;
  readonly #now: () => number;
  readonly operations: OperationsStore = standing(() => this.#usable().operations);
  readonly telemetry: TelemetryStore = standing(() => this.#usable().telemetry);
  readonly provisioning: ProvisioningStore = standing(() => this.#usable().provisioning);
  readonly people: PeopleStore = standing(() => this.#usable().people);
  readonly network: NetworkStore = standing(() => this.#usable().network);
  #open: Opened | undefined;
  /** On the monotonic clock: when the files are to be opened anew, for the disk under them failed. */
  #reopenAtMs: number | undefined;

  constructor(folder: string, settings: StoreSettings = {}) {
    this.#folder = folder;
    this.#settings = settings;
    this.#conditions = settings.conditions ?? new Conditions(() => undefined);
    this.#now = settings.now ?? Date.now;
  }

  start(): void {
    if (this.#open !== undefined) throw new Error('the store is started already');
    this.#makeFolder();
    const lock = lockFolder(this.#folder);
    try {
      this.#open = { lock, ...this.#opening() };
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  stop(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) close(open);
  }

  lookAgain(): void {
    if (!this.#conditions.all.has('operations-disk')) return;
    const { operationsDb } = this.#usable();
    const path = join(this.#folder, 'operations.db');
    // The same version, written anew: a page that does not change would not be written.
    recorder(
      operationsDb,
      path,
      this.#onWrite(path),
    )(() => {
      const version = Number(operationsDb.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      operationsDb.exec(`PRAGMA user_version = ${version}`);
    });
  }

  /** Throws while it is not started. */
  #usable(): Opened {
    if (this.#open === undefined) throw new Error('the store is not started');
    if (this.#reopenAtMs !== undefined && performance.now() >= this.#reopenAtMs) this.#reopen(this.#open);
    return this.#open;
  }

  /** A disk that was mended and mounted again under files that are open is another one for them. */
  #reopen(before: Opened): void {
    this.#reopenAtMs = performance.now() + reopenMs;
    try {
      if (before.lock.isOpen) before.lock.close();
      const lock = lockFolder(this.#folder);
      try {
        this.#open = { lock, ...this.#opening() };
      } catch (error) {
        // What is open may still be read. It keeps the lock of the folder as it is now.
        this.#open = { ...before, lock };
        throw error;
      }
      this.#reopenAtMs = undefined;
      this.#conditions.set('operations-disk', undefined);
      close({ ...before, lock: undefined });
    } catch {
      // Told already, and tried again.
    }
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${this.#folder} cannot be made (${text}): name a folder that this user may write to with --data`,
        { cause: error },
      );
    }
    const unfinished = join(this.#folder, restoringFolder);
    if (existsSync(unfinished))
      throw new Error(
        `${unfinished} tells of a restore that was interrupted: empty ${this.#folder} and restore again from the same backup`,
      );
  }

  #opening(): Omit<Opened, 'lock'> {
    const path = join(this.#folder, 'operations.db');
    const operationsDb = this.#openOperations(path);
    try {
      const telemetry = this.#telemetryFile();
      telemetry.start();
      const onWrite = this.#onWrite(path);
      return {
        operationsDb,
        telemetry,
        operations: operationsTables(operationsDb, path, onWrite),
        provisioning: provisioningTables({
          db: operationsDb,
          recorded: recorder(operationsDb, path, onWrite),
          reportFolder: join(this.#folder, 'reports'),
          appendAudit: auditAppender(operationsDb),
        }),
        people: peopleTables({
          db: operationsDb,
          recorded: recorder(operationsDb, path, onWrite),
          appendAudit: auditAppender(operationsDb),
        }),
        network: networkTables(operationsDb, recorder(operationsDb, path, onWrite), auditAppender(operationsDb)),
      };
    } catch (error) {
      operationsDb.close();
      throw error;
    }
  }

  #openOperations(path: string): DatabaseSync {
    const open = (): DatabaseSync =>
      openDatabase({ path, synchronous: 'FULL', migrations: operationsMigrations, applicationId: operationsId });
    try {
      return open();
    } catch (error) {
      if (!(error instanceof DamagedFile) || this.#settings.setAsideDamaged !== true) throw error;
      const file = setAside(path, this.#now());
      const db = open();
      auditAppender(db)({
        atMs: this.#now(),
        who: 'head-end',
        identity: 'system',
        action: 'set-aside',
        say: `operations.db was damaged and set aside as ${file}; all that it held is lost here`,
      });
      return db;
    }
  }

  #telemetryFile(): TelemetryFile {
    const path = join(this.#folder, 'telemetry.db');
    const kept = { ...retention, ...this.#settings.kept };
    return new TelemetryFile({
      path,
      open: () =>
        openDatabase({ path, synchronous: 'NORMAL', migrations: telemetryMigrations, applicationId: telemetryId }),
      tables: (db) => telemetryTables(db, path, kept, (error) => this.#failed(error)),
      now: this.#now,
      onSetAside: (file, why) => {
        const say = `telemetry.db was damaged (${why}) and set aside as ${file} at ${new Date(this.#now()).toISOString()}: history and events before that are not shown. Look at the disk; a backup has them.`;
        this.#conditions.set('telemetry-set-aside', say);
        this.#settings.onTelemetryAnew?.();
      },
    });
  }

  #failed(error: unknown): void {
    if (isGone(error)) this.#reopenAtMs ??= performance.now() + reopenMs;
  }

  /** A disk that fails is told until it takes a write again; damage stays told, for only people can help. */
  #onWrite(path: string): OnWrite {
    return (error) => {
      if (error === undefined) return this.#conditions.set('operations-disk', undefined);
      this.#failed(error);
      const text = error instanceof Error ? error.message : 'for no reason given';
      if (isDamage(error))
        this.#conditions.set(
          'operations-damaged',
          `${path} is damaged (${text}): nothing can be commanded. Stop the head-end and restore the last backup.`,
        );
      else if (isDiskFault(error))
        this.#conditions.set(
          'operations-disk',
          `${path} takes no writes (${text}): nothing can be commanded or entered until it does. Is the disk full or read-only?`,
        );
    };
  }
}

/** One object for all of a run, whatever is open behind it. */
function standing<T extends object>(present: () => T): T {
  const member = (name: PropertyKey): unknown => {
    const value: unknown = Reflect.get(present(), name);
    return typeof value === 'function'
      ? (...args: unknown[]): unknown =>
          (Reflect.get(present(), name) as (...given: unknown[]) => unknown).apply(present(), args)
      : value;
  };
  return new Proxy({} as T, {
    get: (_, name) => member(name),
    ownKeys: () => Reflect.ownKeys(present()),
    getOwnPropertyDescriptor: (_, name) => ({ configurable: true, enumerable: true, value: member(name) }),
  });
}

/** Files on a disk that is gone may refuse even that. */
function close({ operationsDb, telemetry, lock }: Omit<Opened, 'lock'> & { lock: DatabaseSync | undefined }): void {
  for (const end of [() => operationsDb.close(), () => telemetry.stop(), () => lock?.close()])
    try {
      end();
    } catch {
      // Closed as far as it can be.
    }
}
