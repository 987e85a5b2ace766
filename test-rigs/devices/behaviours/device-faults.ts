import { type ExceptionCode } from '../register-image.ts';
import { readRange } from '../register-range.ts';

const exceptionCodes: readonly ExceptionCode[] = [1, 2, 3, 4, 5, 6, 8, 10, 11];

/** What a person or a test switches on at an emulated device while it runs. Absent is healthy. */
export type DeviceFaults = {
  /** Accepts what is written and does not move. */
  readonly stuckSwitch?: boolean;
  /** Its switch or breaker takes so much longer. */
  readonly slowSwitchS?: number;
  /** Somebody on site has it in LOCAL (at the genset: in a test mode). Writes are refused. */
  readonly local?: boolean;
  readonly failToStart?: boolean;
  /** The voltage behind the switch is not measured. */
  readonly noLoadSideSensor?: boolean;
  /** Something feeds the load side from behind. */
  readonly backFeed?: boolean;
  /** Does not answer at all. */
  readonly dead?: boolean;
  /** Points that read as not implemented. */
  readonly unknownPoints?: readonly string[];
  /** Every write is answered with this exception. */
  readonly refuseWrites?: ExceptionCode;
  /** Replies come so much later. */
  readonly slowRepliesMs?: number;
  /** Share of the replies that never come, 0 to 1. */
  readonly lostReplies?: number;
  /** The reply leaves so much later, while others are answered: it may come when nobody waits for it any more. */
  readonly lateRepliesMs?: number;
  /** Share of the replies with bytes added, with a wrong checksum, and of replies in the name of another unit. */
  readonly noise?: number;
  readonly badChecksums?: number;
  readonly wrongUnit?: number;
  /** Registers that cannot be read or written, such as `holding:40010-40019`. */
  readonly holes?: readonly string[];
  /** The generator is steered to the wrong speed or voltage, so that it does not come into the window. */
  readonly slipOffsetHz?: number;
  readonly voltageOffsetPu?: number;
};

export type FaultName = keyof DeviceFaults;

/** What each is, and whether a given value makes sense. */
export const faultKinds: {
  readonly [F in FaultName]-?: { readonly takes: string; readonly fits: (value: unknown) => boolean };
} = {
  stuckSwitch: { takes: 'true or false', fits: isFlag },
  slowSwitchS: { takes: 'seconds from 0 to 600', fits: between(0, 600) },
  local: { takes: 'true or false', fits: isFlag },
  failToStart: { takes: 'true or false', fits: isFlag },
  noLoadSideSensor: { takes: 'true or false', fits: isFlag },
  backFeed: { takes: 'true or false', fits: isFlag },
  dead: { takes: 'true or false', fits: isFlag },
  unknownPoints: { takes: 'a list of names of points', fits: isNames },
  refuseWrites: {
    takes: `one of ${exceptionCodes.join(', ')}`,
    fits: (value) => exceptionCodes.some((code) => code === value),
  },
  slowRepliesMs: { takes: 'milliseconds from 0 to 60000', fits: between(0, 60_000) },
  lostReplies: { takes: 'a share from 0 to 1', fits: between(0, 1) },
  lateRepliesMs: { takes: 'milliseconds from 0 to 60000', fits: between(0, 60_000) },
  noise: { takes: 'a share from 0 to 1', fits: between(0, 1) },
  badChecksums: { takes: 'a share from 0 to 1', fits: between(0, 1) },
  wrongUnit: { takes: 'a share from 0 to 1', fits: between(0, 1) },
  holes: { takes: 'a list of ranges such as holding:40010-40019', fits: areRanges },
  slipOffsetHz: { takes: 'hertz from -5 to 5', fits: between(-5, 5) },
  voltageOffsetPu: { takes: 'a share from -0.5 to 0.5', fits: between(-0.5, 0.5) },
};

/**
 * Takes a change as it came from outside: the faults named are set, `null` or `false` takes one away, the others stay as they are.
 * `known`: those that this device can have.
 */
export function changedFaults(
  before: DeviceFaults,
  change: unknown,
  known: readonly FaultName[],
): { ok: true; faults: DeviceFaults } | { ok: false; say: string } {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    return { ok: false, say: `expected an object of faults, such as {"${known[0] ?? 'dead'}": true}` };
  }
  const faults: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (!isFaultName(name) || !known.includes(name))
      return { ok: false, say: `this device has no fault "${name}"; it has ${known.join(', ')}` };
    if (value === null || value === false) delete faults[name];
    else if (faultKinds[name].fits(value)) faults[name] = value;
    else return { ok: false, say: `${name} takes ${faultKinds[name].takes}, or null to take it away` };
  }
  return { ok: true, faults };
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultKinds, name);
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function areRanges(value: unknown): boolean {
  return Array.isArray(value) && value.every((range) => typeof range === 'string' && readRange(range) !== undefined);
}

function between(low: number, high: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= low && value <= high;
}
