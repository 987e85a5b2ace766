/** Far above all that a head-end gives out by its clock, and far below where numbers end. */
const farthest = 2 ** 52;
/** Above that, nothing a gateway says lifts the next number by more. */
const step = 2 ** 20;

/**
 * A number above the one that was given out here last and the one that a gateway says it has heard. That is the word of whoever speaks in its name, and
 * not signed: with the highest of all numbers nothing could be told to that gateway any more, ever. So it is believed up to a bound, which one that was
 * lied for once is out of within some births.
 */
export function revisionAbove(
  known: number | undefined,
  told: number | undefined,
  { bound, stride }: { bound: number; stride: number } = { bound: farthest, stride: step },
): number {
  const highest = Math.max(known ?? 0, bound) + stride;
  return Math.max(known ?? 0, (told ?? 0) <= highest ? (told ?? 0) : highest - 1) + 1;
}
