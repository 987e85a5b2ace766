import { localDays } from '../../mdw/local-days.ts';

export const seasons = ['winter', 'spring', 'summer', 'autumn'] as const;
export type Season = (typeof seasons)[number];
export const loadDayTypes = ['weekday', 'weekend', 'holiday'] as const;
export type LoadDayType = (typeof loadDayTypes)[number];

/** What a utility's days are like. */
export type LoadCalendar = {
  readonly hemisphere: 'northern' | 'southern';
  /** Days that are like no other of their week: `2026-11-26`, or `12-25` for every year. */
  readonly holidays: readonly string[];
};

export type CalendarDay = {
  readonly day: string;
  readonly fromS: number;
  readonly toS: number;
  readonly season: Season;
  readonly dayType: LoadDayType;
};

/** The local days of which any part lies in [fromS, toS), with what they are. Seasons begin with March, June, September and December. */
export function calendarDays(
  timeZone: string,
  [fromS, toS]: readonly [number, number],
  { hemisphere, holidays }: LoadCalendar,
): CalendarDay[] {
  const free = new Set(holidays);
  return localDays(timeZone, fromS, toS).map(({ day, type, ...span }) => ({
    day,
    ...span,
    season: seasonOf(Number(day.slice(5, 7)), hemisphere),
    dayType: free.has(day) || free.has(day.slice(5)) ? 'holiday' : type === 'weekday' ? 'weekday' : 'weekend',
  }));
}

function seasonOf(month: number, hemisphere: LoadCalendar['hemisphere']): Season {
  const northern = Math.floor((month % 12) / 3);
  return seasons[(northern + (hemisphere === 'southern' ? 2 : 0)) % 4]!;
}
