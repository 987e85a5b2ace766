import type { Span } from './completeness-requests.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

export type ExportAsked = Span & {
  /** Absolute; made where it is not there. */
  readonly folder: string;
  /** Unless named, all. */
  readonly meters?: readonly string[];
};
export type DaysExported = { readonly files: number; readonly rows: number; readonly bytes: number };

/**
 * What stands, as Parquet, a folder a UTC day (`day=2026-03-31/intervals.parquet`), with meters by their names. Nothing is written over. Progress
 * counts days.
 */
export const exportDays: WarehouseRequest<ExportAsked, DaysExported> = { name: 'mdw.export', repeatable: false };

export type DownloadAsked = Omit<ExportAsked, 'folder'>;
/** Who asked opens it within a minute: then it is taken away, which hurts nobody who has it open. */
export type DownloadMade = { readonly path: string; readonly rows: number; readonly bytes: number };

/** As `exportDays`, all of the time in one file of the warehouse's own, which is bounded. Undefined: nothing is known of that time. */
export const writeDownload: WarehouseRequest<DownloadAsked, DownloadMade | undefined> = {
  name: 'mdw.write-download',
  repeatable: true,
  isLong: true,
};

export type DaysAsked = {
  /** A folder of such days, or one file; absolute. */
  readonly path: string;
  /** Meters that are not known are made. */
  readonly newMeters: boolean;
  /** Also what the meters themselves counted otherwise. */
  readonly replaceMeasured?: boolean;
};
export type DaysImported = {
  readonly files: number;
  readonly landed: number;
  /** They stood there already. */
  readonly same: number;
};

/** Takes such files, each whole or not at all; again without harm. What people had edited comes as of a file. Progress counts files. */
export const importDays: WarehouseRequest<DaysAsked, DaysImported> = { name: 'mdw.import-days', repeatable: true };

export type WarehouseStatus = {
  readonly meters: number;
  /** UTC. */
  readonly firstDay?: string;
  readonly lastDay?: string;
  readonly days: number;
  readonly files: number;
  readonly bytes: number;
  /** In files, and landed but in none yet. */
  readonly rows: number;
  readonly waiting: number;
  readonly edits: number;
  readonly replaced: number;
  /** Of customers of whom a year is known alone. */
  readonly years: number;
  readonly keepDays: number;
  /** Days that are older than what is kept. */
  readonly oldDays: number;
};
export const warehouseStatus: WarehouseRequest<Record<never, never>, WarehouseStatus> = {
  name: 'mdw.status',
  repeatable: true,
};

/** Forgets days that are older than what is kept, now rather than when files are written next. Answers with the days. */
export const forgetDays: WarehouseRequest<Record<never, never>, readonly string[]> = {
  name: 'mdw.forget',
  repeatable: true,
};
