import { expect, test } from 'vitest';
import { daysBefore, localDayAt, localDayBefore, localDays, yearStart } from './local-days.ts';

const at = (text: string): number => Date.parse(text) / 1_000;

test.each([
  { zone: 'America/Los_Angeles', instant: '2026-03-08T12:00:00Z', day: '2026-03-08', hours: 23 },
  { zone: 'America/Los_Angeles', instant: '2026-11-01T12:00:00Z', day: '2026-11-01', hours: 25 },
  { zone: 'America/Los_Angeles', instant: '2026-06-01T06:59:00Z', day: '2026-05-31', hours: 24 },
  { zone: 'Europe/London', instant: '2009-03-29T12:00:00Z', day: '2009-03-29', hours: 23 },
  { zone: 'Asia/Kolkata', instant: '2026-06-01T18:30:00Z', day: '2026-06-02', hours: 24 },
  // Clocks that change at midnight.
  { zone: 'America/Santiago', instant: '2026-09-06T12:00:00Z', day: '2026-09-06', hours: 23 },
  { zone: 'Australia/Lord_Howe', instant: '2026-10-04T01:00:00Z', day: '2026-10-04', hours: 23.5 },
  { zone: 'UTC', instant: '2026-01-01T00:00:00Z', day: '2026-01-01', hours: 24 },
])('$instant is in $day of $zone, of $hours hours', ({ zone, instant, day, hours }) => {
  const found = localDayAt(zone, at(instant));
  expect(found.day).toBe(day);
  expect((found.toS - found.fromS) / 3_600).toBe(hours);
  expect(localDayAt(zone, found.fromS)).toEqual(found);
  expect(localDayAt(zone, found.toS - 1)).toEqual(found);
  expect(localDayAt(zone, found.toS).fromS).toBe(found.toS);
  expect(localDayBefore(zone, found).toS).toBe(found.fromS);
});

test('the days of a stretch follow each other', () => {
  const days = localDays('America/Los_Angeles', at('2026-03-07T20:00:00Z'), at('2026-03-10T00:00:00Z'));
  expect(days.map(({ day }) => day)).toEqual(['2026-03-07', '2026-03-08', '2026-03-09']);
  expect(days[1]?.fromS).toBe(days[0]?.toS);
});

test('calendar days', () => {
  expect(daysBefore('2026-03-02', 4)).toBe('2026-02-26');
  expect(yearStart('2026-03-02')).toBe('2026-01-01');
});
