import type { DatabaseSync } from 'node:sqlite';
import { DamagedFile } from './database.ts';
import { isDamage, setAside } from './disk-fault.ts';
import type { TelemetryStore } from './store.ts';

export type TelemetryFileParts = {
  readonly path: string;
  /** Throws an Error with a sentence where the file cannot be used. */
  readonly open: () => DatabaseSync;
  readonly tables: (db: DatabaseSync) => TelemetryStore;
  readonly now: () => number;
  /** A damaged file was set aside, and a new one begun. */
  readonly onSetAside: (file: string, why: string) => void;
};

/** A disk that damages what was just made is not fed with one file after another. */
const againAfterMs = 60_000;

/**
 * History that outlives its file: damage, found at the start or in the middle of the work, sets the file aside and begins a new one. What
 * was about to be written goes into that.
 */
export class TelemetryFile implements TelemetryStore {
  readonly #parts: TelemetryFileParts;
  #open: { db: DatabaseSync; tables: TelemetryStore } | undefined;
  #setAsideAtMs: number | undefined;

  constructor(parts: TelemetryFileParts) {
    this.#parts = parts;
  }

  start(): void {
    try {
      this.#begin();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#exchange(error);
    }
  }

  stop(): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  write(batch: Parameters<TelemetryStore['write']>[0]): ReturnType<TelemetryStore['write']> {
    return this.#use((tables) => tables.write(batch));
  }

  gateways(): ReturnType<TelemetryStore['gateways']> {
    return this.#use((tables) => tables.gateways());
  }

  devices(): ReturnType<TelemetryStore['devices']> {
    return this.#use((tables) => tables.devices());
  }

  events(query: Parameters<TelemetryStore['events']>[0]): ReturnType<TelemetryStore['events']> {
    return this.#use((tables) => tables.events(query));
  }

  history(query: Parameters<TelemetryStore['history']>[0]): ReturnType<TelemetryStore['history']> {
    return this.#use((tables) => tables.history(query));
  }

  rollUp(nowMs: number, maxDevices: number): boolean {
    return this.#use((tables) => tables.rollUp(nowMs, maxDevices));
  }

  #use<T>(work: (tables: TelemetryStore) => T): T {
    try {
      return work(this.#opened());
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#exchange(error);
      return work(this.#opened());
    }
  }

  #opened(): TelemetryStore {
    if (this.#open === undefined) this.#begin();
    if (this.#open === undefined) throw new Error(`${this.#parts.path} is not open`);
    return this.#open.tables;
  }

  #begin(): void {
    const db = this.#parts.open();
    this.#open = { db, tables: this.#parts.tables(db) };
  }

  #exchange(error: unknown): void {
    const { path, now, onSetAside } = this.#parts;
    const nowMs = now();
    const sinceMs = this.#setAsideAtMs === undefined ? Number.POSITIVE_INFINITY : Math.abs(nowMs - this.#setAsideAtMs);
    if (sinceMs < againAfterMs) throw error;
    this.#setAsideAtMs = nowMs;
    this.stop();
    const file = setAside(path, nowMs);
    this.#begin();
    onSetAside(file, error instanceof DamagedFile ? error.why : error instanceof Error ? error.message : String(error));
  }
}
