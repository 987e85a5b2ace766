/** Waits for the next round; rounds that are missed while a look takes longer are left out. */
export class Rounds {
  readonly #everyMs: number;
  readonly #endMs: number;
  readonly #signal: AbortSignal;
  #dueMs: number;

  constructor(everyMs: number, forMs: number | undefined, signal: AbortSignal) {
    const nowMs = performance.now();
    this.#everyMs = everyMs;
    this.#endMs = forMs === undefined ? Infinity : nowMs + forMs;
    this.#signal = signal;
    this.#dueMs = nowMs;
  }

  /** False when the time is over, or it was interrupted. */
  async next(): Promise<boolean> {
    const nowMs = performance.now();
    const missed = Math.max(1, Math.ceil((nowMs - this.#dueMs) / this.#everyMs));
    this.#dueMs += missed * this.#everyMs;
    if (this.#dueMs >= this.#endMs) {
      await pause(this.#endMs - nowMs, this.#signal);
      return false;
    }
    await pause(this.#dueMs - nowMs, this.#signal);
    return !this.#signal.aborted;
  }
}

/** Ends early when the signal does. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
