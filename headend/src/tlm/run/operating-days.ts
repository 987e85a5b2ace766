/** A day in local time, from one midnight to the next: 23 or 25 hours where the clocks change. */
export type OperatingDay = {
  /** As 2026-03-31. */
  readonly day: string;
  readonly fromS: number;
  readonly toS: number;
};

const daySeconds = 86_400;
const formats = new Map<string, Intl.DateTimeFormat>();

function localDay(atS: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, format);
  return format.format(atS * 1_000);
}

/** The day in which an instant lies. */
export function operatingDay(atS: number, timeZone: string): OperatingDay {
  const day = localDay(atS, timeZone);
  return { day, fromS: firstOf(atS, timeZone, day), toS: firstAfter(atS, timeZone, day) };
}

/** All days of which any part lies in [fromS, toS). An hour belongs to the day in which it begins. */
export function operatingDays(fromS: number, toS: number, timeZone: string): OperatingDay[] {
  const days: OperatingDay[] = [];
  for (let atS = fromS; atS < toS; atS = days.at(-1)?.toS ?? toS) days.push(operatingDay(atS, timeZone));
  return days;
}

export function dayBefore({ fromS }: OperatingDay, timeZone: string): OperatingDay {
  return operatingDay(fromS - 1, timeZone);
}

/** Midnights are at full minutes; a day is no longer than 26 hours from any instant in it to its ends. */
function firstOf(atS: number, timeZone: string, day: string): number {
  return boundary(atS - 26 * 3_600, atS, (each) => localDay(each, timeZone) === day);
}

function firstAfter(atS: number, timeZone: string, day: string): number {
  return boundary(atS, atS + 26 * 3_600, (each) => localDay(each, timeZone) !== day);
}

/** The first minute in (low, high] of which it holds; from there on it does. */
function boundary(lowS: number, highS: number, holds: (atS: number) => boolean): number {
  let [low, high] = [Math.floor(lowS / 60), Math.floor(highS / 60)];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle * 60)) high = middle;
    else low = middle;
  }
  return high * 60;
}

/** The first day of the year in which a day lies. */
export const yearStart = (day: string): string => `${day.slice(0, 4)}-01-01`;

/** So many calendar days before. */
export function daysBefore(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - count * daySeconds * 1_000).toISOString().slice(0, 10);
}
