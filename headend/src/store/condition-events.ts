import type { ConditionId, Conditions } from './conditions.ts';
import type { EventEntry } from './store.ts';

/** A disk at its edge comes and goes twice a second: so many are told of it in so long a time. */
const mostTold = 4;
const withinMs = 600_000;

type Told = { say: string | undefined; atMs: readonly number[] };

/** What the list of events tells of conditions: that one began, and that it is over. One that comes and goes is told now and then, as it is by then. */
export class ConditionEvents {
  readonly #told = new Map<ConditionId, Told>();

  look({ all }: Pick<Conditions, 'all'>, nowMs: number): readonly EventEntry[] {
    const ids = new Set([...this.#told.keys(), ...all.keys()]);
    return [...ids].flatMap((id): EventEntry[] => {
      const [say, told] = [all.get(id), this.#told.get(id)];
      // Other words for what is told already are no news.
      if ((say === undefined) === (told?.say === undefined)) return [];
      const lately = (told?.atMs ?? []).filter((atMs) => Math.abs(nowMs - atMs) < withinMs);
      if (lately.length >= mostTold) return [];
      this.#told.set(id, { say, atMs: [...lately, nowMs] });
      const event = { atMs: nowMs, source: 'head-end', late: false } as const;
      if (say !== undefined) return [{ ...event, kind: 'head-end-unwell', say }];
      return [{ ...event, kind: 'head-end-well', say: `Well again. It was: ${told?.say ?? ''}` }];
    });
  }
}
