/** Hours of one element, ordered by time: power with who is missing filled in, and the current of the most loaded phase; null is unknown. */
export type HourSeries = {
  readonly hourS: readonly number[];
  readonly activeW: readonly (number | null)[];
  readonly amps: readonly (number | null)[];
};

/** A quantile of values that are in ascending order, between neighbours by proportion. NaN of none. */
export function quantile(ascending: readonly number[], share: number): number {
  const at = share * (ascending.length - 1);
  const below = ascending[Math.floor(at)] ?? NaN;
  const above = ascending[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}

export const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
export const ascending = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);
