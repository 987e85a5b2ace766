import { intervalFlags } from '@tiepoint/protocol';
import type { IntervalFlag } from '@tiepoint/protocol';

/**
 * What each interval is held against, in the order of its bits; grows only at its end. In the manner of the rules for validation,
 * estimation and editing that North American utilities share (Uniform Business Practices, NAESB REQ.21): a fault marks, and removes nothing.
 */
export const veeRules = [
  /** The row has no energy. */
  'missing',
  /** Below zero, or the register went backwards. */
  'negative',
  /** Begins before the one before it has ended. */
  'overlap',
  /** Was told several times, with different energy. */
  'duplicate',
  /** Not aligned to the clock, told before it had ended, or by a clock that was not right. */
  'time',
  /** Above the meter's own high days by a factor. */
  'spike',
  /** More than its service can carry. */
  'capacity',
  /** Nothing counted for days on end, with voltage, by a meter that otherwise counts. */
  'zero-with-voltage',
  /** The intervals between two readings of the register do not add up to what it moved. */
  'sum',
  /** More than anybody takes from a distribution network: the meter has gone mad. */
  'absurd',
] as const;
export type VeeRule = (typeof veeRules)[number];

export const veeLimits = {
  /** `time`: how long before its end a reading may come. */
  timeToleranceS: 60,
  /** `spike`: 180 % above the third highest interval of high days, that must be more than so much. */
  spikeFactor: 2.8,
  spikeFloorW: 1_000,
  /** `spike`, `zero-with-voltage`: a meter is known after so many days. */
  knownAfterDays: 7,
  /** `capacity`: a fuse carries more than its rating for a while. */
  capacityFactor: 1.25,
  /** `zero-with-voltage`: more days than these, and than ever before. */
  zeroDays: 2,
  /** `sum`: whichever is more. */
  sumToleranceWh: 100,
  sumTolerancePct: 0.5,
  /** `absurd`: in an interval of any length, as the customer's; 100 MW for an hour. */
  mostWh: 100_000_000,
} as const;

/** Faults of intervals that cannot be: loads are computed without them, as if nobody had told them. */
export const impossibleRules = ['negative', 'overlap', 'absurd'] as const satisfies readonly VeeRule[];

/** How an estimate was made. */
export const estimateMethods = ['linear', 'like-day', 'profile'] as const;
export type EstimateMethod = (typeof estimateMethods)[number];

const firstRuleBit = 16;
const firstMethodBit = 28;

export const ruleBit = (rule: VeeRule): number => 2 ** (firstRuleBit + veeRules.indexOf(rule));
export const methodBit = (method: EstimateMethod): number => 2 ** (firstMethodBit + estimateMethods.indexOf(method));
export const impossibleBits = impossibleRules.reduce((sum, rule) => sum + ruleBit(rule), 0);
export const flagBit = (flag: IntervalFlag): number => 2 ** intervalFlags.indexOf(flag);
/** What came with the row, of a gateway or an estimate: all but what validation says. */
export const toldBits = 2 ** firstRuleBit - 1 + estimateMethods.reduce((sum, method) => sum + methodBit(method), 0);

export type IntervalMarks = {
  readonly flags: readonly IntervalFlag[];
  readonly faults: readonly VeeRule[];
  readonly method?: EstimateMethod;
};

/** The bits of a row, in words. */
export function marksOf(flags: number): IntervalMarks {
  const has = (bit: number): boolean => Math.floor(flags / bit) % 2 === 1;
  const method = estimateMethods.find((each) => has(methodBit(each)));
  return {
    flags: intervalFlags.filter((flag) => has(flagBit(flag))),
    faults: veeRules.filter((rule) => has(ruleBit(rule))),
    ...(method === undefined ? {} : { method }),
  };
}
