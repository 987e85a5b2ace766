const maxKeys = 10_000;

type Bucket = { readonly left: number; readonly atMs: number };

/** So many at once, and then one each `everyMs`, for each key. Of more keys than are remembered, the one unheard longest is forgotten. */
export class RequestRate {
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ burst, everyMs }: { burst: number; everyMs: number }) {
    this.#burst = burst;
    this.#everyMs = everyMs;
  }

  /** How long to wait until one is free; 0: now. */
  waitMs(key: string, nowMs: number): number {
    const left = this.#left(key, nowMs);
    return left >= 1 ? 0 : Math.ceil((1 - left) * this.#everyMs);
  }

  take(key: string, nowMs: number): void {
    const left = Math.max(0, this.#left(key, nowMs) - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, atMs: nowMs });
    const oldest = this.#buckets.size > maxKeys ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  #left(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.left + Math.max(0, nowMs - bucket.atMs) / this.#everyMs);
  }
}
