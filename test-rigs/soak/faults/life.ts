import type { Clock } from '@tiepoint/agent/io/clock.ts';
import type { SteppedTime } from './stepped-time.ts';

/** Where a program may die, just before the step or just after it. */
export type CrashPoint = 'commit' | 'bus-write' | 'publish-ack' | 'publish-command';
export type ArmedCrash = { readonly point: CrashPoint; readonly when: 'before' | 'after'; skip: number };

/**
 * One run of a program, from its start to its crash. The objects of a run that crashed may go on in memory; their disk, bus, timers and
 * line lead nowhere, so that for the world they ended where they died.
 */
export class Life {
  readonly time: SteppedTime;
  alive = true;
  armed: ArmedCrash | undefined;
  readonly #onDeath: () => void;
  #busyUntilMs = 0;

  constructor(time: SteppedTime, onDeath: () => void) {
    this.time = time;
    this.#onDeath = onDeath;
  }

  /** Of this program: ahead of the world's while one call of it takes long. */
  get nowMs(): number {
    return Math.max(this.time.nowMs, this.#busyUntilMs);
  }

  /** A call that takes so long: whatever else is to happen in this program waits. */
  stall(ms: number): void {
    this.#busyUntilMs = this.nowMs + ms;
  }

  later(delayMs: number, run: () => void): () => void {
    let end: () => void;
    const fire = (): void => {
      if (!this.alive) return;
      if (this.#busyUntilMs > this.time.nowMs) end = this.time.after(this.#busyUntilMs - this.time.nowMs, fire);
      else run();
    };
    end = this.time.after(this.nowMs - this.time.nowMs + delayMs, fire);
    return () => end();
  }

  /** Something of this program that leaves it: it happens at the end of what it is busy with, dead or alive by then. */
  outward(run: () => void): void {
    if (!this.alive) return;
    const aheadMs = this.nowMs - this.time.nowMs;
    if (aheadMs <= 0) run();
    else this.time.after(aheadMs, run);
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#onDeath();
  }

  /** True where it dies here. */
  strikes(point: CrashPoint, when: 'before' | 'after'): boolean {
    const { armed } = this;
    if (armed?.point !== point || armed.when !== when) return false;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return false;
    }
    this.die();
    return true;
  }
}

/** A program's clock: the world's time, and what somebody set it off by. */
export class ProgramClock implements Clock {
  offsetMs = 0;
  life: Life;

  constructor(life: Life) {
    this.life = life;
  }

  nowMs(): number {
    return Math.round(this.life.nowMs + this.offsetMs);
  }

  monotonicMs(): number {
    return this.life.nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    // Node's timers: whole milliseconds, one at least.
    return this.life.later(Math.max(1, Math.trunc(delayMs)), run);
  }

  every(periodMs: number, run: () => void): () => void {
    let end = (): void => undefined;
    const next = (): void => {
      end = this.life.later(periodMs, () => {
        next();
        run();
      });
    };
    next();
    return () => end();
  }
}
