import type { WarehouseRequest } from './warehouse-request.ts';

/** `configuredDays`: by the file of settings, where nobody has set it since. */
export type Retention = {
  readonly keepDays: number;
  readonly configuredDays: number;
  readonly set?: { readonly who: string; readonly atMs: number };
};
/** Whole UTC days that are there and older than what is kept. */
export type OldDays = { readonly days: number; readonly firstDay?: string; readonly lastDay?: string };
export type RetentionTold = Retention & { readonly old: OldDays };

/** How long intervals are kept, and which days are older than that; or would be, were so many kept. */
export const retentionTold: WarehouseRequest<{ readonly keepDays?: number }, RetentionTold> = {
  name: 'mdw.retention',
  repeatable: true,
};

export type RetentionAsked = {
  readonly keepDays: number;
  /** So many days may be lost by it at most. */
  readonly forgetDays: number;
  readonly who: string;
  readonly atMs: number;
};
export type RetentionSet = Retention & { readonly forgotten: readonly string[] };

/** From now on, whatever the file of settings says. What is older is forgotten at once. */
export const setRetention: WarehouseRequest<RetentionAsked, RetentionSet> = {
  name: 'mdw.set-retention',
  repeatable: true,
};
