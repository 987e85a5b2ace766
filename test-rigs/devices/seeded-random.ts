/** Numbers that look random and are the same for the same seed (mulberry32; good enough for tests, not for secrets). */
export type SeededRandom = {
  readonly seed: number;
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  bytes(count: number): Uint8Array;
};

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return { seed, next, below, bytes: (count) => Uint8Array.from({ length: count }, () => below(256)) };
}
