import type { Measured } from '@tiepoint/protocol';

/** What was measured of an interval between its ends, as sums over the time in which it was. */
export type Bucket = {
  readonly endMs: number;
  readonly flags: readonly BucketFlag[];
  /** While there was voltage. */
  readonly voltage: Integral;
  readonly reactive: Integral;
  readonly power: { readonly importedWs: number; readonly exportedWs: number; readonly s: number };
};
export type BucketFlag = 'power-outage' | 'clock-set' | 'register-reset' | 'interpolated' | 'partial';

/** Value times seconds, over so many seconds. */
type Integral = { readonly sum: number; readonly s: number };

/** What changes by the second. `hasVoltage`: undefined where nobody can say, which is not absent. */
export type Quick = {
  readonly activePowerW?: number | undefined;
  readonly reactivePowerVar?: number | undefined;
  readonly voltageV?: number | undefined;
  readonly hasVoltage?: boolean | undefined;
};
type TimedQuick = Quick & { readonly atMs: number };

const nothing: Integral = { sum: 0, s: 0 };

export function emptyBucket(endMs: number): Bucket {
  return { endMs, flags: [], voltage: nothing, reactive: nothing, power: { importedWs: 0, exportedWs: 0, s: 0 } };
}

export function flagged(bucket: Bucket, flags: readonly BucketFlag[]): Bucket {
  const fresh = flags.filter((flag) => !bucket.flags.includes(flag));
  return fresh.length === 0 ? bucket : { ...bucket, flags: [...bucket.flags, ...fresh] };
}

/** With this flag on the interval in which `atMs` lies. One is made where there is none. */
export function flagAt(buckets: readonly Bucket[], endMs: number, flags: readonly BucketFlag[]): readonly Bucket[] {
  return flags.length === 0 ? buckets : withBucket(buckets, endMs, (bucket) => flagged(bucket, flags));
}

/**
 * Adds what lies between two looks, straight from one value to the other, to the intervals that it falls into. What only one of them knows
 * is not known between them.
 */
export function addBetween(
  buckets: readonly Bucket[],
  from: TimedQuick,
  to: TimedQuick,
  endOf: (atMs: number) => number,
): readonly Bucket[] {
  let filled = buckets;
  for (let atMs = from.atMs; atMs < to.atMs;) {
    const endMs = endOf(atMs);
    const untilMs = Math.min(to.atMs, endMs);
    const [a, b] = [between(from, to, atMs), between(from, to, untilMs)];
    const seconds = (untilMs - atMs) / 1_000;
    filled = withBucket(filled, endMs, (bucket) => ({
      ...bucket,
      voltage:
        from.hasVoltage === true && to.hasVoltage === true
          ? add(bucket.voltage, a.voltageV, b.voltageV, seconds)
          : bucket.voltage,
      reactive: add(bucket.reactive, a.reactivePowerVar, b.reactivePowerVar, seconds),
      power: addPower(bucket.power, a.activePowerW, b.activePowerW, seconds),
    }));
    atMs = untilMs;
  }
  return filled;
}

function withBucket(buckets: readonly Bucket[], endMs: number, change: (bucket: Bucket) => Bucket): readonly Bucket[] {
  const last = buckets.at(-1);
  // Nearly always it is the last one.
  if (last?.endMs === endMs) return buckets.with(-1, change(last));
  const known = buckets.find((bucket) => bucket.endMs === endMs);
  const others = buckets.filter((bucket) => bucket !== known);
  return [...others, change(known ?? emptyBucket(endMs))].sort((a, b) => a.endMs - b.endMs);
}

const quickNames = ['activePowerW', 'reactivePowerVar', 'voltageV'] as const;

function between(from: TimedQuick, to: TimedQuick, atMs: number): Quick {
  const share = (atMs - from.atMs) / (to.atMs - from.atMs);
  const values: Record<string, number> = {};
  for (const name of quickNames) {
    const [a, b] = [from[name], to[name]];
    if (a !== undefined && b !== undefined) values[name] = a + (b - a) * share;
  }
  return values;
}

function add(integral: Integral, a: number | undefined, b: number | undefined, seconds: number): Integral {
  if (a === undefined || b === undefined) return integral;
  return { sum: integral.sum + ((a + b) / 2) * seconds, s: integral.s + seconds };
}

function addPower(
  power: Bucket['power'],
  a: number | undefined,
  b: number | undefined,
  seconds: number,
): Bucket['power'] {
  if (a === undefined || b === undefined) return power;
  const { importedWs, exportedWs, s } = power;
  return {
    importedWs: importedWs + aboveZero(a, b) * seconds,
    exportedWs: exportedWs + aboveZero(-a, -b) * seconds,
    s: s + seconds,
  };
}

/** The mean over a straight line from `a` to `b` of what of it is above zero. */
function aboveZero(a: number, b: number): number {
  if (a >= 0 && b >= 0) return (a + b) / 2;
  if (a <= 0 && b <= 0) return 0;
  return Math.max(a, b) ** 2 / (2 * Math.abs(a - b));
}

/** Below, a conductor is dead, as `loadSideVoltage` has it, too. */
const deadBelowV = 15;

/** Of what was measured. Dead is a meter whose every known phase is. */
export function quickOf(measured: Measured): Quick {
  const { activePowerW, reactivePowerVar, voltageV, voltageAV, voltageBV, voltageCV } = measured;
  const known = [voltageV, voltageAV, voltageBV, voltageCV].filter((each) => each !== undefined);
  const hasVoltage = known.length === 0 ? undefined : known.some((volts) => volts >= deadBelowV);
  return { activePowerW, reactivePowerVar, voltageV: voltageV ?? voltageAV, hasVoltage };
}
