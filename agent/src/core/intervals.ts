import { intervalFlags } from '@tiepoint/protocol';
import type { IntervalFlag, MeterInterval } from '@tiepoint/protocol';
import { clockToleranceMs } from './host-clock.ts';
import { floorTo, lengthFrom } from './intervals-grid.ts';
import { addBetween, flagAt } from './intervals-means.ts';
import type { Bucket, Quick } from './intervals-means.ts';
import { countReading } from './intervals-registers.ts';
import type { Chain, Reading } from './intervals-registers.ts';

/** One look at a meter. Import is positive. */
export type Look = Quick & {
  /** By this machine's clock, which may be set at any time. */
  readonly atMs: number;
  /** Of this process. */
  readonly monotonicMs: number;
  readonly clockIsRight: boolean;
  /** The meter that answers; another one has other registers. */
  readonly serialNumber?: string | undefined;
  /** Where registers were read in this very look, and when. */
  readonly reading?: Reading | undefined;
};

export type IntervalSettings = {
  readonly lengthS: number;
  /** Two looks farther apart leave a hole: what was between them is not known. */
  readonly longestGapMs: number;
  /** More no meter of this kind can carry. */
  readonly highestW: number;
};

/** The interval of a meter that is counted now, and those before that wait for a register. Survives restarts. */
export type IntervalState = Chain & {
  readonly quick?: (Quick & { readonly atMs: number }) | undefined;
  /** The wall clock less the monotonic one, at the last look; absent after a start. */
  readonly clockOffsetMs?: number | undefined;
  readonly serialNumber?: string | undefined;
};

/** An interval that is over, and the registers at its end. It begins `lengthS` before. */
export type ClosedInterval = MeterInterval & {
  readonly lengthS: number;
  readonly importedRegisterWh?: number | undefined;
  readonly exportedRegisterWh?: number | undefined;
};

export type IntervalStep = {
  readonly state: IntervalState;
  readonly closed: readonly ClosedInterval[];
  /** Intervals that end later were counted by a clock gone astray: they are to be forgotten. */
  readonly forgetAfterMs?: number;
  /** From here on the state on the disk would begin anew, or with another interval. */
  readonly isToKeep: boolean;
};

/** So far apart two readings may be, for a register's value between them to be taken from a straight line. */
export const bridgedMs = 7_200_000;

/**
 * Counts one look at a meter in. Intervals are aligned to the clock (UTC), and what one counts is the difference of the register at its
 * two ends, so that neither a restart nor a silence within it loses anything:
 *
 * - The register at a boundary is taken from the straight line between the readings before and after it. Where these are farther apart
 *   than a twentieth of the interval, both intervals are `interpolated`; farther apart than two hours, what is known up to the silence
 *   and from its end on is `partial`, and the intervals between are missing. A register that did not move over the silence is bridged
 *   all the same: it counted nothing.
 * - A register that goes back, or farther ahead than `highestW` could drive it, or of a meter that was exchanged, counts up to the last reading before and from the first one after:
 *   `register-reset`, `partial`.
 * - Where no register could be read for two hours, or there is none, power is summed up: `from-power`, with holes also `partial`.
 * - A clock that is set goes on with the interval that it comes to (`clock-set`, at both ends of the leap); what it leapt over is missing.
 *   Set back behind what is closed already, the interval under way goes on until the clock has passed its end; set back by more than
 *   an interval, and known to be right now, it was astray before: what was counted under times to come is forgotten.
 * - `clock-unsynchronised`: at one of its ends nobody could say that the clock was right.
 */
export function intervalStep(before: IntervalState | undefined, look: Look, settings: IntervalSettings): IntervalStep {
  const { lengthS, longestGapMs } = settings;
  const begun = before ?? beginning(look, lengthS);
  const clocked = withClock(begun, look);
  const { state, forgetAfterMs } = recovered(clocked, look, lengthS);
  const looked = withLook(state, look, longestGapMs);
  const counted = countRegisters(looked, look, settings);
  const silent = withoutRegisters(counted.state, look, lengthS);
  return {
    state: silent.state,
    closed: [...counted.closed, ...silent.closed],
    isToKeep: before === undefined || hasMoved(before, silent.state),
    ...(forgetAfterMs === undefined ? {} : { forgetAfterMs }),
  };
}

function hasMoved(before: IntervalState, { startMs, start }: IntervalState): boolean {
  const became = (name: 'importedWh' | 'exportedWh'): boolean =>
    before.start[name] === undefined && start[name] !== undefined;
  return startMs !== before.startMs || became('importedWh') || became('exportedWh');
}

function beginning({ atMs, serialNumber }: Look, lengthS: number): IntervalState {
  const startMs = floorTo(atMs, lengthS);
  return { lengthS, startMs, start: {}, carried: {}, startIsUnsure: false, buckets: [], serialNumber };
}

/** The end of the interval in which `atMs` is counted: a clock behind what is closed counts in the one that is under way. */
function endAt({ startMs, lengthS }: Chain, atMs: number): number {
  return Math.max(startMs, floorTo(atMs, lengthS)) + lengthS * 1_000;
}

/** Moves what was seen before into the time of a clock that was set, so that the time between is the true one. */
function withClock(state: IntervalState, { atMs, monotonicMs }: Look): IntervalState {
  const clockOffsetMs = atMs - monotonicMs;
  const seenMs = Math.max(state.quick?.atMs ?? 0, state.last?.atMs ?? 0);
  // Over a restart only a clock that went back shows.
  const setMs = state.clockOffsetMs === undefined ? Math.min(0, atMs - seenMs) : clockOffsetMs - state.clockOffsetMs;
  if (Math.abs(setMs) <= clockToleranceMs) return { ...state, clockOffsetMs };
  const { quick, last } = state;
  const wasAt = endAt(state, seenMs);
  const isAt = endAt(state, atMs);
  return {
    ...state,
    clockOffsetMs,
    quick: quick && { ...quick, atMs: quick.atMs + setMs },
    last: last && { ...last, atMs: last.atMs + setMs },
    buckets: flagAt(flagAt(state.buckets, wasAt, ['clock-set']), isAt, ['clock-set']),
  };
}

/** From a clock that was more than an interval ahead, and now is known to be right. */
function recovered(
  state: IntervalState,
  { atMs, clockIsRight }: Look,
  lengthS: number,
): { state: IntervalState; forgetAfterMs?: number } {
  if (!clockIsRight || atMs >= state.startMs - state.lengthS * 1_000) return { state };
  const startMs = floorTo(atMs, lengthS);
  const { last } = state;
  const buckets = flagAt([], startMs + lengthS * 1_000, ['clock-set', 'partial']);
  const start = { importedWh: last?.importedWh, exportedWh: last?.exportedWh };
  return {
    state: { ...state, lengthS, startMs, start, carried: {}, startIsUnsure: true, buckets },
    forgetAfterMs: atMs,
  };
}

function withLook(state: IntervalState, look: Look, longestGapMs: number): IntervalState {
  const { atMs, activePowerW, reactivePowerVar, voltageV, hasVoltage } = look;
  const quick = { atMs, activePowerW, reactivePowerVar, voltageV, hasVoltage };
  const endOf = (each: number): number => endAt(state, each);
  const isNear = state.quick !== undefined && atMs - state.quick.atMs <= longestGapMs;
  const filled =
    isNear && state.quick !== undefined ? addBetween(state.buckets, state.quick, quick, endOf) : state.buckets;
  const buckets = flagAt(filled, endOf(atMs), hasVoltage === false ? ['power-outage'] : []);
  return { ...state, quick, buckets };
}

type Closing = { readonly state: IntervalState; readonly closed: readonly ClosedInterval[] };

function countRegisters(
  state: IntervalState,
  { reading, serialNumber, clockIsRight }: Look,
  { lengthS: wantedS, highestW }: IntervalSettings,
): Closing {
  if (reading === undefined) return { state, closed: [] };
  const isOther = serialNumber !== undefined && state.serialNumber !== undefined && serialNumber !== state.serialNumber;
  const { chain, ends } = countReading(state, reading, { isOther, wantedS, bridgedMs, highestW });
  // Unsure is the end that was found now, and so is the beginning of the next.
  const closed = ends.map(({ bucket, lengthS, startIsUnsure, ...energy }) =>
    composed(bucket, { lengthS, isUnsure: startIsUnsure || !clockIsRight, ...energy }),
  );
  const startIsUnsure = chain.startMs === state.startMs ? chain.startIsUnsure : !clockIsRight;
  return { state: { ...state, ...chain, startIsUnsure, serialNumber: serialNumber ?? state.serialNumber }, closed };
}

/** Where registers are silent for longer than a silence is bridged, or never spoke, what is over is told from power. */
function withoutRegisters(state: IntervalState, { atMs, clockIsRight }: Look, wantedS: number): Closing {
  if (state.last !== undefined && atMs - state.last.atMs <= bridgedMs) return { state, closed: [] };
  const { lengthS } = state;
  const over = state.buckets.filter(({ endMs }) => endMs <= atMs);
  if (over.length === 0) return { state, closed: [] };
  const closed = over.flatMap((bucket) => {
    const { importedWs, exportedWs, s } = bucket.power;
    if (s === 0) return [];
    const isWhole = s >= lengthS - 2;
    const isUnsure = state.startIsUnsure || !clockIsRight;
    const flags: readonly IntervalFlag[] = isWhole ? ['from-power'] : ['from-power', 'partial'];
    const importedWh = Math.round(importedWs / 3_600);
    return [composed(bucket, { lengthS, isUnsure, flags, importedWh, exportedWh: Math.round(exportedWs / 3_600) })];
  });
  const startMs = endAt(state, atMs) - lengthS * 1_000;
  const nextS = lengthFrom(startMs, lengthS, wantedS);
  const next: IntervalState = {
    ...state,
    startMs,
    lengthS: nextS,
    start: {},
    carried: {},
    startIsUnsure: !clockIsRight,
    buckets: nextS === lengthS ? state.buckets.filter(({ endMs }) => endMs > atMs) : [],
  };
  return { state: next, closed };
}

function composed(
  { endMs, flags: seen, voltage, reactive }: Bucket,
  {
    lengthS,
    isUnsure,
    flags,
    ...energy
  }: Pick<
    ClosedInterval,
    'lengthS' | 'flags' | 'importedWh' | 'exportedWh' | 'importedRegisterWh' | 'exportedRegisterWh'
  > & {
    isUnsure: boolean;
  },
): ClosedInterval {
  const all = new Set<IntervalFlag>([...seen, ...flags, ...(isUnsure ? (['clock-unsynchronised'] as const) : [])]);
  return {
    endMs,
    lengthS,
    flags: intervalFlags.filter((flag) => all.has(flag)),
    ...energy,
    // Net reactive energy is told only of a whole interval: a part of it says nothing of the rest.
    reactiveVarh: reactive.s >= 0.98 * lengthS ? Math.round(reactive.sum / 3_600) : undefined,
    voltageV: voltage.s > 0 ? Math.round((10 * voltage.sum) / voltage.s) / 10 : undefined,
  };
}
