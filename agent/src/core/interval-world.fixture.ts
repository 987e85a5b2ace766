import { isNearBoundary } from './intervals-grid.ts';
import { quickOf } from './intervals-means.ts';
import { intervalStep } from './intervals.ts';
import type { ClosedInterval, IntervalState } from './intervals.ts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
/** A Monday, ten o'clock. */
export const tenMs = 1_767_607_200_000;

export type WorldOptions = {
  readonly lengthS?: number;
  readonly pollMs?: number;
  /** Of the load, at a true instant since the start. */
  readonly powerW?: (atMs: number) => number;
  readonly hasRegisters?: boolean;
  readonly startMs?: number;
  readonly highestW?: number;
};

/** A meter whose true energy is known, and a gateway that looks at it, is restarted, and whose clock is set. */
export class IntervalWorld {
  /** True time since the start. */
  nowMs = 0;
  voltageV: number | undefined = 230;
  serialNumber: string | undefined = 'S-1';
  clockIsRight = true;
  lengthS: number;
  readable = true;
  /** What the register shows beyond what was truly used. */
  registerOffsetWh = 5_000;
  usedWh = 0;
  readonly rows = new Map<number, ClosedInterval>();
  state: IntervalState | undefined;
  #onDisk: string | undefined;
  #clockErrorMs = 0;
  #processStartMs = 0;
  #readAtMs: number | undefined;
  #readMonotonicMs = 0;
  readonly #pollMs: number;
  readonly #powerW: (atMs: number) => number;
  readonly #hasRegisters: boolean;
  readonly #startMs: number;
  readonly #highestW: number;

  constructor(options: WorldOptions = {}) {
    this.lengthS = options.lengthS ?? 3_600;
    this.#pollMs = options.pollMs ?? 10_000;
    this.#powerW = options.powerW ?? (() => 1_000);
    this.#hasRegisters = options.hasRegisters ?? true;
    this.#startMs = options.startMs ?? tenMs;
    this.#highestW = options.highestW ?? 50e6;
  }

  get wallMs(): number {
    return this.#startMs + this.nowMs + this.#clockErrorMs;
  }

  get registerWh(): number {
    return this.registerOffsetWh + this.usedWh;
  }

  get list(): readonly ClosedInterval[] {
    return [...this.rows.values()].sort((a, b) => a.endMs - b.endMs);
  }

  /** Time goes by, and nobody looks. */
  pass(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    while (this.nowMs < untilMs) {
      const stepMs = Math.min(this.#pollMs, untilMs - this.nowMs);
      this.usedWh += (this.#powerW(this.nowMs) * stepMs) / 3_600_000;
      this.nowMs += stepMs;
    }
  }

  /** The gateway looks on its rhythm. */
  watch(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    while (this.nowMs < untilMs) {
      this.pass(Math.min(this.#pollMs, untilMs - this.nowMs));
      this.look();
    }
  }

  look(): void {
    const monotonicMs = this.nowMs - this.#processStartMs;
    const atMs = this.wallMs;
    const isDue =
      this.#readAtMs === undefined ||
      monotonicMs - this.#readMonotonicMs >= minuteMs ||
      isNearBoundary(atMs, {
        readAtMs: this.#readAtMs,
        nextLookMs: atMs + this.#pollMs,
        lengthS: this.state?.lengthS ?? this.lengthS,
      });
    const reads = isDue && this.#hasRegisters && this.readable;
    if (reads) {
      this.#readAtMs = atMs;
      this.#readMonotonicMs = monotonicMs;
    }
    const powerW = this.#powerW(this.nowMs);
    const { state, closed, forgetAfterMs, isToKeep } = intervalStep(
      this.state,
      {
        ...quickOf({ activePowerW: powerW, reactivePowerVar: powerW / 2, voltageV: this.voltageV }),
        atMs,
        monotonicMs,
        clockIsRight: this.clockIsRight,
        serialNumber: this.serialNumber,
        reading: reads ? { atMs, importedWh: this.registerWh, exportedWh: 70 } : undefined,
      },
      { lengthS: this.lengthS, longestGapMs: 3 * this.#pollMs, highestW: this.#highestW },
    );
    this.state = state;
    for (const end of this.rows.keys()) if (forgetAfterMs !== undefined && end > forgetAfterMs) this.rows.delete(end);
    for (const interval of closed) {
      if (this.rows.has(interval.endMs)) throw new Error(`an interval twice, that ends at ${interval.endMs}`);
      this.rows.set(interval.endMs, interval);
    }
    if (isToKeep) this.#onDisk = JSON.stringify(state);
  }

  setClock(byMs: number): void {
    this.#clockErrorMs += byMs;
  }

  /** Off for so long; a kill leaves on the disk what was there. */
  restart(offMs: number, { killed = false }: { killed?: boolean } = {}): void {
    if (!killed) this.#onDisk = this.state && JSON.stringify(this.state);
    this.pass(offMs);
    const kept = this.#onDisk && (JSON.parse(this.#onDisk) as IntervalState);
    this.state = kept === undefined || kept === '' ? undefined : { ...kept, clockOffsetMs: undefined };
    this.#processStartMs = this.nowMs;
    this.#readAtMs = undefined;
    this.look();
  }
}
