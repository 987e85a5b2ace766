/**
 * Noise between −1 and 1 that is smooth in `x` and the same for the same seed and place: a model stays a function of its time
 * and needs no random state. One bump to every whole step of `x`.
 */
export function smoothNoise(seed: number, x: number): number {
  const before = Math.floor(x);
  const share = x - before;
  const eased = share * share * (3 - 2 * share);
  return hashed(seed, before) * (1 - eased) + hashed(seed, before + 1) * eased;
}

/** A number from −1 to 1 for a whole number; the mixing of mulberry32. */
function hashed(seed: number, place: number): number {
  const start = (Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) + Math.imul(place, 0x6d2b_79f5)) >>> 0;
  let mixed = Math.imul(start ^ (start >>> 15), start | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x8000_0000 - 1;
}
