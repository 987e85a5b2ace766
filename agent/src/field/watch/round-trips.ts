import type { BusSettings } from '../../io/bus/bus.ts';
import { pacingOf } from '../../io/bus/pacing.ts';
import type { Tapped } from '../../io/bus/tap.ts';

/** One answered request: how long it took, and what the wire alone takes for it (0 on TCP). */
export type RoundTrip = { readonly tookMs: number; readonly wireMs: number };

export type RoundTripFigures = {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Of the same requests: what the wire alone takes, and what came on top of it, in the middle. */
  readonly wireP50Ms: number;
  readonly beyondWireP50Ms: number;
};

/** Gathers round trips from a bus's tap; keeps the last `keep`. */
export class RoundTrips {
  readonly #keep: number;
  readonly #characterMs: number;
  readonly #silenceMs: number;
  #sentBytes = 0;
  #answerBytes: number | undefined;
  #trips: RoundTrip[] = [];

  constructor(settings: BusSettings, keep: number) {
    const { characterMs, silenceMs = 0 } = pacingOf(settings);
    this.#keep = keep;
    this.#characterMs = characterMs;
    this.#silenceMs = characterMs === 0 ? 0 : silenceMs;
  }

  take(tapped: Tapped): void {
    switch (tapped.kind) {
      case 'sent':
        this.#sentBytes = tapped.wire.length;
        this.#answerBytes = undefined;
        return;
      case 'judged':
        if (tapped.verdict === 'answer') this.#answerBytes = tapped.rtuBytes;
        return;
      case 'settled':
        if (this.#answerBytes === undefined || (tapped.outcome !== 'value' && tapped.outcome !== 'exception')) return;
        // A device may begin its reply t3.5 after the request (Modbus over Serial Line 1.02, 2.5.1.1).
        this.#trips.push({
          tookMs: tapped.waitedMs,
          wireMs: (this.#sentBytes + this.#answerBytes) * this.#characterMs + this.#silenceMs,
        });
        if (this.#trips.length > this.#keep) this.#trips.shift();
        return;
      case 'received':
      case 'opened':
      case 'lost':
        return;
    }
  }

  clear(): void {
    this.#trips = [];
  }

  /** `undefined` while nothing was answered. */
  figures(): RoundTripFigures | undefined {
    return figuresOf(this.#trips);
  }
}

export function figuresOf(trips: readonly RoundTrip[]): RoundTripFigures | undefined {
  if (trips.length === 0) return undefined;
  const ordered = (of: (trip: RoundTrip) => number): number[] => trips.map(of).toSorted((a, b) => a - b);
  const took = ordered(({ tookMs }) => tookMs);
  return {
    count: trips.length,
    p50Ms: percentile(took, 50),
    p95Ms: percentile(took, 95),
    maxMs: took.at(-1)!,
    wireP50Ms: percentile(
      ordered(({ wireMs }) => wireMs),
      50,
    ),
    beyondWireP50Ms: percentile(
      ordered(({ tookMs, wireMs }) => tookMs - wireMs),
      50,
    ),
  };
}

/** Nearest rank; `ordered` must not be empty. */
function percentile(ordered: readonly number[], pct: number): number {
  return ordered[Math.max(0, Math.ceil((pct / 100) * ordered.length) - 1)]!;
}
