import type { Conditions } from '../store/conditions.ts';
import type { EventEntry } from '../store/store.ts';
import { estimateIntervals } from './estimate-requests.ts';
import type { EstimatesMade } from './estimate-requests.ts';
import { localDay } from './local-days.ts';
import type { Warehouse } from './warehouse.ts';

/** Where the warehouse cannot, it is asked again after so long. */
const againMs = 300_000;
/** Millions of meters take their time. */
const withinMs = 4 * 3_600_000;

export type NightlyEstimateParts = {
  readonly warehouse: Pick<Warehouse, 'ask'>;
  readonly timeZone: string;
  /** As far back as the night's read asks for gaps. */
  readonly lookBackDays: number;
  readonly conditions: Pick<Conditions, 'set'>;
  readonly note: (event: EventEntry) => void;
  readonly now: () => number;
  readonly monotonicMs: () => number;
};

/** Fills what a night's read left open, once it has ended. What comes in a later night replaces it. */
export class NightlyEstimate {
  readonly #parts: NightlyEstimateParts;
  /** The last local day that is to be filled. */
  #wanted: string | undefined;
  #running = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(parts: NightlyEstimateParts) {
    this.#parts = parts;
  }

  nightEnded(day: string): void {
    this.#wanted = day;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
  }

  /** Called several times a second. */
  tick(): void {
    if (this.#wanted === undefined || this.#running || this.#parts.monotonicMs() < this.#notBeforeMs) return;
    this.#running = true;
    void this.#fill(this.#wanted).finally(() => (this.#running = false));
  }

  async #fill(day: string): Promise<void> {
    const { warehouse, timeZone, lookBackDays, conditions, note, now, monotonicMs } = this.#parts;
    const { fromS, toS } = localDay(timeZone, day);
    const firstDay = Temporal.PlainDate.from(day)
      .subtract({ days: lookBackDays - 1 })
      .toString();
    const span = { fromS: Math.min(fromS, localDay(timeZone, firstDay).fromS), toS };
    const made = await warehouse.ask(estimateIntervals, span, { withinMs });
    if (!made.ok) {
      this.#notBeforeMs = monotonicMs() + againMs;
      conditions.set(
        'estimates',
        `Intervals that are missing cannot be estimated: ${made.say}. It is tried again by itself`,
      );
      return;
    }
    conditions.set('estimates', undefined);
    if (this.#wanted === day) this.#wanted = undefined;
    const say = saidOf(made.value);
    if (say !== undefined)
      note({ atMs: now(), source: 'head-end', kind: 'intervals-estimated', late: false, say: `Until ${day}: ${say}` });
  }
}

/** Undefined: there was nothing to fill. */
function saidOf({ meters, linear, likeDay, profile, none }: EstimatesMade): string | undefined {
  const estimated = linear + likeDay + profile;
  if (estimated === 0) return undefined;
  const rest = none === 0 ? '' : `; ${none} stay unknown, for nothing is known to estimate them from`;
  return `${estimated} missing intervals of ${meters} meters are estimated${rest}`;
}
