import { dayAfter, localHour } from './local-hours.ts';

export type HeatCell = {
  /** Column: days from the first. */
  readonly column: number;
  /** Hour on the clock, 0 to 23. */
  readonly hour: number;
  readonly atS: number;
  readonly value: number | null;
  /** What it is compared with. */
  readonly rated: number | null;
};
export type HeatGrid = { readonly days: readonly string[]; readonly cells: readonly HeatCell[] };

/**
 * Hours into days and hours of the clock in a zone. Where the clocks go back, one hour of the clock comes twice: the higher value is shown, for a
 * peak must not be lost; where they go forward, one is not there.
 */
export function heatGrid(
  hourS: readonly number[],
  { values, rated }: { values: readonly (number | null)[]; rated: readonly (number | null)[] },
  timeZone: string,
): HeatGrid {
  const cells = new Map<string, HeatCell>();
  const [first, last] = [hourS[0], hourS.at(-1)];
  if (first === undefined || last === undefined) return { days: [], cells: [] };
  const days = daysBetween(localHour(first, timeZone).day, localHour(last, timeZone).day);
  const columns = new Map(days.map((day, column) => [day, column]));
  for (const [at, atS] of hourS.entries()) {
    const { day, hour } = localHour(atS, timeZone);
    const column = columns.get(day);
    if (column === undefined) continue;
    const value = values[at] ?? null;
    const before = cells.get(`${day} ${hour}`);
    if (before === undefined || higher(value, before.value))
      cells.set(`${day} ${hour}`, { column, hour, atS, value, rated: rated[at] ?? null });
  }
  return { days, cells: [...cells.values()] };
}

export const isOver = ({ value, rated }: Pick<HeatCell, 'value' | 'rated'>): boolean =>
  value !== null && rated !== null && value >= rated;

/** What was told of ratings, each once. */
export function ratingsIn({ cells }: HeatGrid): readonly number[] {
  return [...new Set(cells.flatMap(({ rated }) => rated ?? []))];
}

const higher = (value: number | null, than: number | null): boolean =>
  value !== null && (than === null || value > than);

function daysBetween(first: string, last: string): readonly string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) days.push(day);
  return days;
}
