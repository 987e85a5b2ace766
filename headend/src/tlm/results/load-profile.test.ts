import { expect, test } from 'vitest';
import { durationCurve } from './load-duration.ts';
import type { HourSeries } from './hour-series.ts';
import { calendarDays } from './load-calendar.ts';
import { loadProfile } from './load-profile.ts';

const zone = 'America/Los_Angeles';
const calendar = { hemisphere: 'northern', holidays: [] } as const;

/** Hours from an instant on, with a value by their number. */
function series(from: string, hours: number, valueOf: (hour: number, atS: number) => number | null): HourSeries {
  const hourS = Array.from({ length: hours }, (_, hour) => Date.parse(from) / 1_000 + hour * 3_600);
  const activeW = hourS.map((atS, hour) => valueOf(hour, atS));
  return { hourS, activeW, amps: activeW.map((w) => (w === null ? null : w / 100)) };
}

test('a duration curve begins with the peak, ends with the lowest hour, and leaves out what nobody knows', () => {
  const curve = durationCurve(series('2026-01-01T00:00Z', 1_002, (hour) => (hour > 1_000 ? null : 1_000 - hour)));
  const at = (share: number): number | undefined => curve.activeW[curve.sharePct.indexOf(share)];
  expect([at(0), at(0.1), at(1), at(50), at(100)]).toEqual([1_000, 999, 990, 500, 0]);
  expect(curve.amps[0]).toBe(10);
  expect(curve).toMatchObject({ knownHours: 1_001, unknownHours: 1 });
});

test('of nothing there is no curve', () => {
  const curve = durationCurve(series('2026-01-01T00:00Z', 2, () => null));
  expect(curve).toEqual({ sharePct: [], activeW: [], amps: [], knownHours: 0, unknownHours: 2 });
});

test('a profile is by the local clock: an hour that is skipped is not in it, one that is repeated is twice', () => {
  // Sundays on which the clocks change in California, and those before them, alone: the local hour as value.
  const hour = (_: number, atS: number): number =>
    Temporal.Instant.fromEpochMilliseconds(atS * 1_000).toZonedDateTimeISO(zone).hour;
  for (const [day, hours] of [
    ['2026-03-08T08:00Z', 23],
    ['2026-11-01T07:00Z', 25],
  ] as const) {
    const told = series(day, hours, hour);
    const days = calendarDays(zone, [told.hourS[0]!, told.hourS.at(-1)! + 3_600], calendar);
    const [group, ...others] = loadProfile(told, days, zone);
    expect(others).toEqual([]);
    expect(group).toMatchObject({ dayType: 'weekend', days: 1 });
    expect(group?.activeW.mean).toEqual(
      Array.from({ length: 24 }, (_, each) => (hours === 23 && each === 2 ? null : each)),
    );
  }
});

test('mean and bands are of the days of a kind', () => {
  // Three weeks of weekdays at 100, 110 … by week and weekends at 0, in UTC.
  const told = series('2026-06-01T00:00Z', 21 * 24, (hour) => {
    const day = Math.floor(hour / 24);
    return day % 7 >= 5 ? 0 : 100 + 10 * Math.floor(day / 7);
  });
  const days = calendarDays('UTC', [told.hourS[0]!, told.hourS.at(-1)! + 3_600], calendar);
  const groups = loadProfile(told, days, 'UTC');
  expect(groups.map(({ season, dayType, days: count }) => `${season} ${dayType} ${count}`)).toEqual([
    'summer weekday 15',
    'summer weekend 6',
  ]);
  expect(groups[0]?.activeW.mean[7]).toBe(110);
  expect([groups[0]?.activeW.p10[7], groups[0]?.activeW.p90[7]]).toEqual([100, 120]);
  expect(groups[0]?.amps.mean[7]).toBe(1.1);
});

test('a band of four days is not told, their mean is', () => {
  const told = series('2026-06-01T00:00Z', 4 * 24, () => 5);
  const [group] = loadProfile(told, calendarDays('UTC', [told.hourS[0]!, told.hourS.at(-1)!], calendar), 'UTC');
  expect(group?.activeW.mean[0]).toBe(5);
  expect(group?.activeW.p90[0]).toBe(null);
});
