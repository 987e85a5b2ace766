import type { Status } from '@tiepoint/protocol';
import type { Hearer } from './ingest.ts';

/** What a clock that is slewed may gain between two looks, and what counts as set. */
const stepMs = 500;
/** How long gateways may still think that their clocks agree with this one, after it was set: they are told at once, and ask. */
const doubtMs = 15_000;

const dayMs = 86_400_000;
/** More than this between the last that was written and now is a long absence, or a wrong clock. */
const absenceMs = 30 * dayMs;

export type ClockWatchParts = {
  /** When something was last written here, by the clock as it was then; 0: never. */
  readonly lastKnownMs: number;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** This clock was set by so much. Told before anything else is judged by it. */
  readonly onSet: (byMs: number) => void;
};

/**
 * Finds that the head-end's own clock was set, at once: at every message, and at every look besides. Until the gateways have compared
 * theirs anew, none of them is called synchronised, or reports of a moment ago would look hours old, and a fleet lost.
 */
export class ClockWatch {
  readonly #parts: ClockWatchParts;
  #aheadMs: number;
  #doubtUntilMs = Number.NEGATIVE_INFINITY;

  /** By how much the clock is off what it was, as far as days go. */
  #offMs = 0;
  #keepUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
    this.#aheadMs = parts.now() - parts.monotonicMs();
    const sinceMs = parts.now() - parts.lastKnownMs;
    if (parts.lastKnownMs > 0 && (sinceMs > absenceMs || sinceMs < -dayMs)) this.#keepAll();
  }

  look(): void {
    const { now, monotonicMs, onSet } = this.#parts;
    const aheadMs = now() - monotonicMs();
    const byMs = aheadMs - this.#aheadMs;
    this.#aheadMs = aheadMs;
    if (Math.abs(byMs) <= stepMs) return;
    this.#doubtUntilMs = monotonicMs() + doubtMs;
    this.#offMs += byMs;
    // Set back to where it was, all is as before.
    if (Math.abs(this.#offMs) > dayMs) this.#keepAll();
    else this.#keepUntilMs = Number.NEGATIVE_INFINITY;
    onSet(byMs);
  }

  /**
   * May what is old be forgotten? A clock that is years ahead for a minute would make all of history old; so after one that moved by
   * days nothing is forgotten for a day, in which somebody may see it.
   */
  mayForget(): boolean {
    if (this.#parts.monotonicMs() < this.#keepUntilMs) return false;
    // Who lived with it for a day has taken it for the right one.
    this.#offMs = 0;
    return true;
  }

  #keepAll(): void {
    this.#keepUntilMs = this.#parts.monotonicMs() + dayMs;
  }

  /** As a status may be judged now. */
  judged(status: Status): Status {
    const isDoubted = status.timeQuality === 'synchronised' && this.#parts.monotonicMs() < this.#doubtUntilMs;
    return isDoubted ? { ...status, timeQuality: 'unknown' } : status;
  }

  /** Who hears the gateways, with a look at the clock before each word. */
  before(hearer: Hearer): Hearer {
    const looked = <A extends unknown[], R>(hear: (...told: A) => R): ((...told: A) => R) => {
      return (...told) => (this.look(), hear(...told));
    };
    return {
      gatewayBorn: looked((...told) => hearer.gatewayBorn(...told)),
      gatewayDied: looked((...told) => hearer.gatewayDied(...told)),
      gatewayEvent: looked((...told) => hearer.gatewayEvent(...told)),
      deviceBorn: looked((...told) => hearer.deviceBorn(...told)),
      deviceDied: looked((...told) => hearer.deviceDied(...told)),
      status: looked((gatewayId, deviceId, status) => hearer.status(gatewayId, deviceId, this.judged(status))),
      event: looked((...told) => hearer.event(...told)),
      history: looked((...told) => hearer.history(...told)),
      acknowledged: looked((...told) => hearer.acknowledged(...told)),
      intervals: looked((...told) => hearer.intervals(...told)),
      reading: looked((...told) => hearer.reading(...told)),
    };
  }
}
