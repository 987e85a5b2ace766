import type { CalendarDay, LoadDayType, Season } from './load-calendar.ts';
import { ascending, quantile } from './hour-series.ts';
import type { HourSeries } from './hour-series.ts';

/** By hour of the local clock, 24 of them; null: there is no such hour, or too few to tell. */
type ByHour = readonly (number | null)[];
export type ProfileBand = { readonly mean: ByHour; readonly p10: ByHour; readonly p90: ByHour };
export type ProfileGroup = {
  readonly season: Season;
  readonly dayType: LoadDayType;
  readonly days: number;
  readonly activeW: ProfileBand;
  readonly amps: ProfileBand;
};

/** Of fewer hours one in ten says nothing. */
const fewestForBand = 5;
const hoursOfClock = 24;

type Gathered = { days: Set<string>; watts: number[][]; amps: number[][] };

/**
 * How the days of a kind usually go: by season and day type, in local time. An hour that the clocks repeat counts twice, one that they skip not at
 * all. Groups without any known hour are left out.
 */
export function loadProfile(series: HourSeries, days: readonly CalendarDay[], timeZone: string): ProfileGroup[] {
  const groups = new Map<string, { of: CalendarDay; gathered: Gathered }>();
  let next = 0;
  for (const [index, atS] of series.hourS.entries()) {
    while (next < days.length && days[next]!.toS <= atS) next += 1;
    const day = days[next];
    if (day === undefined || atS < day.fromS) continue;
    const watts = series.activeW[index] ?? null;
    const amps = series.amps[index] ?? null;
    if (watts === null && amps === null) continue;
    const key = `${day.season} ${day.dayType}`;
    const { gathered } = groups.get(key) ?? { gathered: nothing() };
    groups.set(key, { of: day, gathered });
    gathered.days.add(day.day);
    const hour = clockHour(atS, timeZone);
    if (watts !== null) gathered.watts[hour]!.push(watts);
    if (amps !== null) gathered.amps[hour]!.push(amps);
  }
  return [...groups.values()].map(({ of: { season, dayType }, gathered }) => ({
    season,
    dayType,
    days: gathered.days.size,
    activeW: band(gathered.watts, 0),
    amps: band(gathered.amps, 3),
  }));
}

const nothing = (): Gathered => ({ days: new Set(), watts: byHour(), amps: byHour() });
const byHour = (): number[][] => Array.from({ length: hoursOfClock }, () => []);

const clockHour = (atS: number, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(atS * 1_000).toZonedDateTimeISO(timeZone).hour;

function band(hours: readonly (readonly number[])[], digits: number): ProfileBand {
  const rounded = (value: number): number => Number(value.toFixed(digits));
  const sorted = hours.map(ascending);
  const of = (share: number): ByHour =>
    sorted.map((values) => (values.length < fewestForBand ? null : rounded(quantile(values, share))));
  const mean = sorted.map((values) =>
    values.length === 0 ? null : rounded(values.reduce((sum, each) => sum + each, 0) / values.length),
  );
  return { mean, p10: of(0.1), p90: of(0.9) };
}
