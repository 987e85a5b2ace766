import type { IntervalColumns, IntervalSource } from './interval-row.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

/** What is absent stays as it is. */
export type MeterEntry = {
  readonly name: string;
  /** What its counts are multiplied by to be the customer's; 1 unless told. */
  readonly multiplier?: number;
  /** From when on intervals are expected of it; unless told, from when it was first heard of or its first interval. */
  readonly sinceS?: number;
  /** When it was taken away. */
  readonly untilS?: number;
  /** What its service can carry. */
  readonly serviceW?: number;
  /** Whose load profile stands in for it: `residential`, `commercial` … */
  readonly customerClass?: string;
};
/** `batch` counts up: what was landed with it or before is in every answer from now on. */
export type Landed = { readonly rows: number; readonly batch: number };

export type MeterInterval = {
  readonly startS: number;
  readonly lengthS: number;
  readonly importWh?: number;
  readonly exportWh?: number;
  readonly reactiveVarh?: number;
  readonly voltageV?: number;
  readonly flags: number;
  readonly source: IntervalSource;
  readonly readS: number;
};

/** The numbers of these meters in the order of the names; meters that are new get one. What is told of them is kept. */
export const numberMeters: WarehouseRequest<readonly MeterEntry[], readonly number[]> = {
  name: 'mdw.number-meters',
  repeatable: true,
};

/** Where registers stood, as the meter counts. */
export type RegisterRow = {
  readonly meter: number;
  readonly atS: number;
  readonly importWh?: number;
  readonly exportWh?: number;
};
/** The sum of intervals is held against them. */
export const landRegisters: WarehouseRequest<readonly RegisterRow[], number> = {
  name: 'mdw.land-registers',
  repeatable: true,
};

export const landIntervals: WarehouseRequest<IntervalColumns, Landed> = { name: 'mdw.land', repeatable: true };

/** Are all files as they were written? `lost` are sentences about those that were not. */
export const checkAllFiles: WarehouseRequest<
  Record<never, never>,
  { readonly files: number; readonly bytes: number; readonly lost: readonly string[] }
> = { name: 'mdw.check-files', repeatable: true };

/** Copies everything into a folder that is not there yet, as of one instant, and looks through the copy. */
export const copyFiles: WarehouseRequest<
  { readonly folder: string },
  { readonly files: number; readonly bytes: number }
> = {
  name: 'mdw.copy',
  repeatable: false,
};

export type IntervalsAsked = { readonly meter: string; readonly fromS: number; readonly toS: number };
/** What is known of one meter, ordered by time. Undefined: there is no such meter. */
export const meterIntervals: WarehouseRequest<IntervalsAsked, readonly MeterInterval[] | undefined> = {
  name: 'mdw.meter-intervals',
  repeatable: true,
  isLong: true,
};

/** Writes what was landed into the files of its days, now rather than when the worker is idle. Answers with the days written. */
export const settleDays: WarehouseRequest<{ readonly days?: readonly string[] }, readonly string[]> = {
  name: 'mdw.settle',
  repeatable: true,
};
