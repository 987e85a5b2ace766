import type { IntervalColumns, IntervalSource } from './interval-row.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

export type MeterEntry = { readonly name: string; readonly multiplier?: number };
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

/** The numbers of these meters in the order of the names; meters that are new get one. A multiplier that is told is kept. */
export const numberMeters: WarehouseRequest<readonly MeterEntry[], readonly number[]> = {
  name: 'mdw.number-meters',
  repeatable: true,
};

export const landIntervals: WarehouseRequest<IntervalColumns, Landed> = { name: 'mdw.land', repeatable: true };

export type IntervalsAsked = { readonly meter: string; readonly fromS: number; readonly toS: number };
/** What is known of one meter, ordered by time. Undefined: there is no such meter. */
export const meterIntervals: WarehouseRequest<IntervalsAsked, readonly MeterInterval[] | undefined> = {
  name: 'mdw.meter-intervals',
  repeatable: true,
};

/** Writes what was landed into the files of its days, now rather than when the worker is idle. Answers with the days written. */
export const settleDays: WarehouseRequest<{ readonly days?: readonly string[] }, readonly string[]> = {
  name: 'mdw.settle',
  repeatable: true,
};
