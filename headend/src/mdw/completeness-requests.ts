import type { WarehouseRequest } from './warehouse-request.ts';

/** A time, in s since 1970: a local day has 23 or 25 hours where the clocks change. */
export type Span = { readonly fromS: number; readonly toS: number };

/**
 * What lacks. `unread`: nobody said anything, not even that there is nothing; asking the gateway may help. `unmeasured`: no measured energy.
 * `unknown`: no energy at all, not even an estimate.
 */
export type GapKind = 'unread' | 'unmeasured' | 'unknown';

export type GapsAsked = Span & {
  readonly kind: GapKind;
  /** Unless set, all from which intervals are expected then. A meter that the warehouse does not know yet lacks all of it. */
  readonly meters?: readonly string[];
  /** Of all meters, a page: those after this number, so many at most (100,000). */
  readonly afterMeter?: number;
  readonly limit?: number;
};
export type MeterGaps = { readonly meter: string; readonly ranges: readonly Span[] };
/** `next`: there may be more, after this number. */
export type GapsFound = { readonly gaps: readonly MeterGaps[]; readonly next?: number };

/** Which times of which meters are to be read, in ranges that are as long as can be. */
export const findGaps: WarehouseRequest<GapsAsked, GapsFound> = {
  name: 'mdw.gaps',
  repeatable: true,
  isLong: true,
};

/** In s of meters' time: a meter of which a day is expected has 86,400, usually. */
export type Coverage = {
  readonly meters: number;
  /** Meters of which all is measured. */
  readonly whole: number;
  readonly expectedS: number;
  readonly measuredS: number;
  readonly estimatedS: number;
};

export type MeterGroup = { readonly name: string; readonly meters: readonly string[] };
export type CompletenessAsked = Span & {
  readonly groups?: readonly MeterGroup[];
  /** How many of the least complete meters are named. */
  readonly worst?: number;
};
export type MeterCoverage = {
  readonly meter: string;
  readonly expectedS: number;
  readonly measuredS: number;
  readonly estimatedS: number;
};
export type CompletenessFound = {
  readonly all: Coverage;
  /** In the order of the groups; a meter that the warehouse does not know counts as missing. */
  readonly groups: readonly (Coverage & { readonly name: string })[];
  readonly worst: readonly MeterCoverage[];
};

export const completenessOf: WarehouseRequest<CompletenessAsked, CompletenessFound> = {
  name: 'mdw.completeness',
  repeatable: true,
  isLong: true,
};
