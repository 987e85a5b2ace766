/** Whole numbers as ascending, disjoint, inclusive ranges. */
export type NumberRanges = readonly (readonly [number, number])[];

export function rangesHave(ranges: NumberRanges, value: number): boolean {
  return ranges.some(([low, high]) => value >= low && value <= high);
}

/**
 * The union, with at most `maxRanges` ranges: beyond that the oldest (lowest) gaps are closed, so that what is in doubt
 * counts as known and is not counted twice.
 */
export function addToRanges(ranges: NumberRanges, values: readonly number[], maxRanges: number): NumberRanges {
  const all: (readonly [number, number])[] = [...ranges, ...values.map((value) => [value, value] as const)];
  all.sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [low, high] of all) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  const excess = merged.length - maxRanges;
  if (excess <= 0) return merged;
  const first = merged[0];
  const last = merged[excess];
  return first === undefined || last === undefined ? merged : [[first[0], last[1]], ...merged.slice(excess + 1)];
}
