import type { EventEntry } from '../../store/store.ts';
import { nightWindow } from './night-window.ts';
import type { NightSettings, NightWindow } from './night-window.ts';
import type { NightlyRead, NightProgress } from './nightly-read.ts';

/** Where the warehouse does not tell its gaps, it is asked again after so long. */
const againMs = 60_000;
/** A read that somebody began by hand ends after so long. */
const byHandMs = 4 * 3_600_000;
/** A night of which less is read is told as one to look at. */
const wellShare = 0.995;

export type NightView = {
  /** The window that is open, or the next one. */
  readonly next: NightWindow;
  readonly progress?: NightProgress;
  /** Why the read of this window could not begin yet. */
  readonly waits?: string;
};

type Parts = {
  settings: NightSettings;
  nightly: NightlyRead;
  note: (event: EventEntry) => void;
  /** Of each night that ended, whatever it got, its day. */
  onEnded: (day: string) => void;
  now: () => number;
  monotonicMs: () => number;
};

/** Begins the night's read in its window, once, and tells how it ended. */
export class NightSchedule {
  readonly #parts: Parts;
  #beginning = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #waits: string | undefined;
  #told: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get view(): NightView {
    const { settings, nightly, now } = this.#parts;
    const { progress } = nightly;
    return {
      next: nightWindow(settings, now()),
      ...(progress === undefined ? {} : { progress }),
      ...(this.#waits === undefined ? {} : { waits: this.#waits }),
    };
  }

  /** Now, whatever the hour, for the day that ended last. Throws where the warehouse cannot be asked. */
  async beginByHand(): Promise<NightProgress | undefined> {
    const { settings, nightly, now } = this.#parts;
    const nowMs = now();
    const window = nightWindow(settings, nowMs);
    const day = window.startMs <= nowMs ? window : dayBefore(settings, window);
    await nightly.begin({ ...day, startMs: nowMs, endMs: nowMs + byHandMs });
    return nightly.progress;
  }

  /** Called several times a second. */
  tick(): void {
    const { settings, nightly, now, monotonicMs } = this.#parts;
    const nowMs = now();
    const window = nightWindow(settings, nowMs);
    if (nowMs >= window.startMs && !nightly.isOf(window) && !this.#beginning && monotonicMs() >= this.#notBeforeMs)
      void this.#begin(window);
    nightly.tick();
    this.#tell();
  }

  async #begin(window: NightWindow): Promise<void> {
    this.#beginning = true;
    try {
      await this.#parts.nightly.begin(window);
      this.#waits = undefined;
    } catch (error) {
      this.#waits = error instanceof Error ? error.message : String(error);
      this.#notBeforeMs = this.#parts.monotonicMs() + againMs;
    } finally {
      this.#beginning = false;
    }
  }

  #tell(): void {
    const { progress } = this.#parts.nightly;
    if (progress?.endedAtMs === undefined) return;
    const name = `${progress.day} ${progress.endedAtMs}`;
    if (this.#told === name) return;
    this.#told = name;
    this.#parts.onEnded(progress.day);
    if (progress.meters === 0) return;
    const { day, meters, read, endedAtMs } = progress;
    const isWell = read >= wellShare * meters;
    const rest = read === meters ? '' : `; ${meters - read} are asked for again in the next night`;
    this.#parts.note({
      atMs: endedAtMs,
      source: 'head-end',
      kind: isWell ? 'night-read' : 'night-read-incomplete',
      late: false,
      say: `Meters of ${day}: ${read} of ${meters} read (${((100 * read) / meters).toFixed(2)} %)${rest}`,
    });
  }
}

/** The window before one that has not begun. */
function dayBefore(settings: NightSettings, { startMs }: NightWindow): NightWindow {
  // The end of the one before lies before this start; an instant within it is found by going back half a day at a time.
  for (let back = 12; back <= 36; back += 6) {
    const found = nightWindow(settings, startMs - back * 3_600_000);
    if (found.startMs < startMs) return found;
  }
  return nightWindow(settings, startMs);
}
