import { readPoint } from '@tiepoint/hardware-profiles';
import type { DeviceModel, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceLimits, Measured, TimeQuality } from '@tiepoint/protocol';
import { clockIsRight, proveClock } from '../core/intervals-clock.ts';
import type { ClockProof } from '../core/intervals-clock.ts';
import { isNearBoundary } from '../core/intervals-grid.ts';
import { quickOf } from '../core/intervals-means.ts';
import type { Reading } from '../core/intervals-registers.ts';
import { intervalStep } from '../core/intervals.ts';
import type { ClosedInterval, IntervalState } from '../core/intervals.ts';
import type { Clock } from './clock.ts';
import type { IntervalTable } from './disk/interval-table.ts';
import type { Log } from './log.ts';

export type IntervalBounds = {
  /** Of each meter, as far as `maxRows` goes. */
  readonly keepDays: number;
  /** Of all meters together. */
  readonly maxRows: number;
};

export type IntervalKeeperDeps = {
  readonly table: IntervalTable;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly timeQuality: () => TimeQuality;
  readonly bounds: IntervalBounds;
  /** The meters that this gateway carries. */
  readonly meters: readonly string[];
  /** Something waits for the disk. */
  readonly flushSoon: () => void;
  readonly log: Log;
};

/** A look at a meter that was just made: what it read, into which image, and since when on the monotonic clock. */
export type MeterLook = {
  readonly model: DeviceModel;
  readonly image: WordImage;
  readonly measured: Measured;
  readonly beganMs: number;
};

type Kept = {
  state: IntervalState | undefined;
  /** Closed, and not on the disk yet. */
  rows: ClosedInterval[];
  forgetAfterMs: number | undefined;
  isDirty: boolean;
  /** When registers were last asked for because of a boundary. */
  triedAtMs: number | undefined;
};

/** What waits for a disk that fails, over all meters; then the oldest of the meter that has most go. */
const maxWaiting = 10_000;

/**
 * Keeps the intervals of this gateway's meters: counts each look in, and writes what is closed, of all meters together, once an interval.
 * What is under way lies in memory, and on the disk as of the last boundary, or of a clean stop.
 */
export class IntervalKeeper {
  readonly #deps: IntervalKeeperDeps;
  readonly #kept = new Map<string, Kept>();
  #proof: ClockProof | undefined;

  constructor(deps: IntervalKeeperDeps) {
    this.#deps = deps;
  }

  /** Takes up where the last run stood. Of a meter that was looked at already, what is known here is newer. Throws where the disk fails. */
  load(): void {
    for (const [deviceId, text] of this.#deps.table.states()) {
      if (this.#kept.get(deviceId)?.state !== undefined) continue;
      this.#keptOf(deviceId).state = stateOf(text);
    }
  }

  /** Another database is in use: where each meter stands goes into it. */
  rewrite(): void {
    for (const kept of this.#kept.values()) kept.isDirty = kept.state !== undefined;
    this.#deps.flushSoon();
  }

  /** Are the energy registers to be read with a look that begins now? `againMs`: until the next. */
  wantsRegisters(deviceId: string, againMs: number, intervalS: number): boolean {
    const kept = this.#keptOf(deviceId);
    const { state, triedAtMs: readAtMs } = kept;
    const atMs = this.#deps.clock.nowMs();
    const isDue = isNearBoundary(atMs, { readAtMs, nextLookMs: atMs + againMs, lengthS: state?.lengthS ?? intervalS });
    // Tried, whatever comes of it: a register that cannot be read is not asked for with every look.
    if (isDue) kept.triedAtMs = atMs;
    return isDue;
  }

  looked(deviceId: string, look: MeterLook, { intervalS, pollMs }: { intervalS: number; pollMs: number }): void {
    const { clock, timeQuality, flushSoon, log } = this.#deps;
    const { model, measured } = look;
    const now = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs(), quality: timeQuality() };
    this.#proof = proveClock(this.#proof, now);
    const kept = this.#keptOf(deviceId);
    const { state, closed, forgetAfterMs, isToKeep } = intervalStep(
      kept.state,
      {
        ...quickOf(measured),
        atMs: now.wallMs,
        monotonicMs: now.monotonicMs,
        clockIsRight: clockIsRight(this.#proof, now),
        serialNumber: model.identity.serialNumber,
        reading: readingOf(look, now),
      },
      { lengthS: intervalS, longestGapMs: Math.max(10_000, 2.5 * pollMs), highestW: highestW(model.limits) },
    );
    kept.state = state;
    if (forgetAfterMs !== undefined) {
      log.warn(
        { device: deviceId, after: new Date(forgetAfterMs).toISOString() },
        'the clock was ahead and has been set back: intervals that it counted for times to come are forgotten',
      );
      kept.forgetAfterMs = Math.min(forgetAfterMs, kept.forgetAfterMs ?? forgetAfterMs);
      kept.rows = kept.rows.filter(({ endMs }) => endMs <= forgetAfterMs);
    }
    kept.rows.push(...closed);
    if (!isToKeep) return;
    kept.isDirty = true;
    this.#bound();
    flushSoon();
  }

  /** Throws where the disk fails; the next flush tries again. */
  flush(): void {
    const { table } = this.#deps;
    const dirty = [...this.#kept].filter(([, { isDirty, state }]) => isDirty && state !== undefined);
    if (dirty.length === 0) return;
    table.write(
      dirty.map(([deviceId, { state, rows, forgetAfterMs }]) => ({
        deviceId,
        state: JSON.stringify(state),
        rows,
        forgetAfterMs,
        keptRows: this.keptRows(state?.lengthS ?? 3_600),
      })),
    );
    for (const [, kept] of dirty) {
      kept.isDirty = false;
      kept.rows = [];
      kept.forgetAfterMs = undefined;
    }
  }

  /** Before a clean stop: the last looks, too, so that the next run bridges as little as can be. Throws where the disk fails. */
  leave(): void {
    for (const kept of this.#kept.values()) kept.isDirty = kept.state !== undefined;
    this.flush();
  }

  /** Of a meter with intervals of this length, so many are kept. */
  keptRows(lengthS: number): number {
    const { bounds, meters } = this.#deps;
    const share = Math.floor(bounds.maxRows / Math.max(1, meters.length));
    return Math.max(1, Math.min((bounds.keepDays * 86_400) / lengthS, share));
  }

  /** Of meters that went away, only what there is room for. Throws where the disk fails. */
  prune(): void {
    const { table, bounds, meters } = this.#deps;
    this.flush();
    const over = table.count() - bounds.maxRows;
    if (over > 0) table.dropOrphans(meters, over);
  }

  /** How long the intervals are that are kept now of a meter; undefined: it has not been looked at. */
  lengthS(deviceId: string): number | undefined {
    return this.#kept.get(deviceId)?.state?.lengthS;
  }

  /** Those closed that end after `fromMs` and not after `toMs`, in order. Throws where the disk fails. */
  range(deviceId: string, range: { fromMs: number; toMs: number; limit: number }): readonly ClosedInterval[] {
    this.flush();
    return this.#deps.table.range(deviceId, range);
  }

  #keptOf(deviceId: string): Kept {
    const known = this.#kept.get(deviceId);
    if (known !== undefined) return known;
    const fresh: Kept = { state: undefined, rows: [], forgetAfterMs: undefined, isDirty: false, triedAtMs: undefined };
    this.#kept.set(deviceId, fresh);
    return fresh;
  }

  #bound(): void {
    const all = [...this.#kept.values()];
    let over = all.reduce((sum, { rows }) => sum + rows.length, 0) - maxWaiting;
    for (; over > 0; over--)
      all.reduce((most, each) => (each.rows.length > most.rows.length ? each : most)).rows.shift();
  }
}

function stateOf(text: string): IntervalState | undefined {
  try {
    // The monotonic clock of the run before is not this one's.
    return { ...(JSON.parse(text) as IntervalState), clockOffsetMs: undefined };
  } catch {
    return undefined;
  }
}

/** What the registers of energy said, where all that the device has were read in this look. */
function readingOf(
  { model, image, beganMs }: MeterLook,
  { wallMs, monotonicMs }: { wallMs: number; monotonicMs: number },
): Reading | undefined {
  const points = model.points.filter(({ name }) => name === 'importedEnergyWh' || name === 'exportedEnergyWh');
  const read = points.flatMap((point) => {
    const value = readPoint(point, image, beganMs);
    const [span] = point.reads;
    const readAtMs = span && image.readAtMs(span.table, span.address);
    return typeof value === 'number' && readAtMs !== undefined ? [{ name: point.name, value, readAtMs }] : [];
  });
  if (read.length === 0) return undefined;
  const atMs = wallMs - (monotonicMs - Math.max(...read.map(({ readAtMs }) => readAtMs)));
  const of = (name: string): number | undefined => read.find((each) => each.name === name)?.value;
  return { atMs, importedWh: of('importedEnergyWh'), exportedWh: of('exportedEnergyWh') };
}

/** What no load of a meter reaches: half as much again as its rating on three phases; where that is not known, what no message could carry. */
function highestW({ ratedPowerW, ratedCurrentA, switchRatingA, ratedVoltageV = 500 }: DeviceLimits): number {
  const amperes = switchRatingA ?? ratedCurrentA;
  const byCurrent = amperes === undefined ? 0 : 1.5 * 3 * amperes * ratedVoltageV;
  const known = Math.max(byCurrent, 1.5 * (ratedPowerW ?? 0));
  return known > 0 ? known : 50e6;
}
