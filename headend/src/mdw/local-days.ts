/** What kind of a day it is for loads; the number is stored. */
export const dayTypes = ['weekday', 'saturday', 'sunday'] as const;
export type DayType = (typeof dayTypes)[number];

/** A day in local time, of 23, 24 or 25 hours. */
export type LocalDay = { readonly day: string; readonly fromS: number; readonly toS: number; readonly type: DayType };

export function localDay(timeZone: string, day: string): LocalDay {
  return ofDate(timeZone, Temporal.PlainDate.from(day));
}

/** In which an instant lies. */
export function localDayAt(timeZone: string, atS: number): LocalDay {
  return ofDate(timeZone, dateAt(timeZone, atS));
}

export function localDayBefore(timeZone: string, { fromS }: LocalDay): LocalDay {
  return localDayAt(timeZone, fromS - 1);
}

/** So many calendar days before. */
export function daysBefore(day: string, days: number): string {
  return Temporal.PlainDate.from(day).subtract({ days }).toString();
}

/** The first day of the year in which a day lies. */
export const yearStart = (day: string): string => `${day.slice(0, 4)}-01-01`;

/** All that have a part in [fromS, toS). */
export function localDays(timeZone: string, fromS: number, toS: number): readonly LocalDay[] {
  const last = dateAt(timeZone, toS - 1);
  const days: LocalDay[] = [];
  for (let date = dateAt(timeZone, fromS); Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 }))
    days.push(ofDate(timeZone, date));
  return days;
}

/** The last days of the same type before this one, the nearest first. */
export function likeDays(
  timeZone: string,
  { day, type }: LocalDay,
  count: number,
  withinDays: number,
): readonly LocalDay[] {
  const date = Temporal.PlainDate.from(day);
  return Array.from({ length: withinDays }, (_, index) => date.subtract({ days: index + 1 }))
    .filter((each) => typeOf(each) === type)
    .slice(0, count)
    .map((each) => ofDate(timeZone, each));
}

/** The same local time of the last days of the same type, the nearest first, in s. */
export function likeInstants(timeZone: string, atS: number, count: number, withinDays: number): readonly number[] {
  const plainTime = Temporal.Instant.fromEpochMilliseconds(atS * 1_000)
    .toZonedDateTimeISO(timeZone)
    .toPlainTime();
  return likeDays(timeZone, ofDate(timeZone, dateAt(timeZone, atS)), count, withinDays).map(
    ({ day }) => Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime }).epochMilliseconds / 1_000,
  );
}

const dateAt = (timeZone: string, atS: number): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(atS * 1_000)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();

function ofDate(timeZone: string, date: Temporal.PlainDate): LocalDay {
  const startOf = (each: Temporal.PlainDate): number => each.toZonedDateTime({ timeZone }).epochMilliseconds / 1_000;
  return { day: date.toString(), fromS: startOf(date), toS: startOf(date.add({ days: 1 })), type: typeOf(date) };
}

function typeOf({ dayOfWeek }: Temporal.PlainDate): DayType {
  return dayOfWeek === 7 ? 'sunday' : dayOfWeek === 6 ? 'saturday' : 'weekday';
}
