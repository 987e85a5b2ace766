import type { MeterInterval } from './requests.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

/** A value that is absent stays as it stands; null makes it unknown. */
export type IntervalChange = {
  readonly startS: number;
  /** Needed where nothing stands there. */
  readonly lengthS?: number;
  readonly importWh?: number | null;
  readonly exportWh?: number | null;
  readonly reactiveVarh?: number | null;
  readonly voltageV?: number | null;
};

export type EditAsked = {
  readonly meter: string;
  readonly changes: readonly IntervalChange[];
  readonly who: string;
  readonly reason: string;
  readonly atMs: number;
};

export type EditMade = {
  readonly edit: number;
  readonly before: readonly MeterInterval[];
  readonly after: readonly MeterInterval[];
};

export type Edit = {
  readonly edit: number;
  readonly meter: string;
  readonly atMs: number;
  readonly who: string;
  readonly reason: string;
  readonly fromS: number;
  readonly toS: number;
  readonly intervals: number;
  readonly takenBack?: { readonly atMs: number; readonly who: string; readonly reason: string };
};

/** What nobody can have counted. */
export function editSlip(changes: readonly IntervalChange[], nowMs: number): string | undefined {
  for (const { startS, lengthS = 0 } of changes) {
    if ((startS + lengthS) * 1_000 > nowMs)
      return `The interval of ${isoOf(startS)} is not over yet: nothing can have been counted.`;
    if (lengthS > 0 && startS % lengthS !== 0) return `${isoOf(startS)} is not aligned to ${lengthS / 60} minutes.`;
  }
  return undefined;
}

const isoOf = (atS: number): string => new Date(atS * 1_000).toISOString();

/** What a person says an interval was. It stands above everything until it is taken back. */
export const editIntervals: WarehouseRequest<EditAsked, EditMade> = { name: 'mdw.edit', repeatable: false };

export type TakeBackAsked = {
  readonly edit: number;
  readonly who: string;
  readonly reason: string;
  readonly atMs: number;
};
/** What stood before stands again, or what came since. */
export const takeBackEdit: WarehouseRequest<TakeBackAsked, Edit> = { name: 'mdw.take-back-edit', repeatable: false };

export type EditsAsked = {
  readonly meter?: string;
  readonly fromS?: number;
  readonly toS?: number;
  readonly edit?: number;
};
/** The newest first, 500 at most. */
export const listEdits: WarehouseRequest<EditsAsked, readonly Edit[]> = { name: 'mdw.edits', repeatable: true };

/** What gave way to what stands now, the newest reading first. */
export const replacedIntervals: WarehouseRequest<
  { readonly meter: string; readonly fromS: number; readonly toS: number },
  readonly MeterInterval[]
> = { name: 'mdw.replaced', repeatable: true, isLong: true };
