import { expect, test } from 'vitest';
import { calendarDays } from './load-calendar.ts';

const at = (text: string): number => Date.parse(text) / 1_000;

test.each([
  { from: '2026-03-06T12:00Z', hemisphere: 'northern', is: ['spring weekday', 'spring weekend', 'spring weekend'] },
  { from: '2026-12-24T12:00Z', hemisphere: 'northern', is: ['winter weekday', 'winter holiday', 'winter weekend'] },
  { from: '2026-12-24T12:00Z', hemisphere: 'southern', is: ['summer weekday', 'summer holiday', 'summer weekend'] },
  { from: '2026-11-25T12:00Z', hemisphere: 'northern', is: ['autumn weekday', 'autumn holiday', 'autumn weekday'] },
  { from: '2027-11-25T12:00Z', hemisphere: 'northern', is: ['autumn weekday', 'autumn weekday', 'autumn weekend'] },
] as const)('days from $from in the $hemisphere hemisphere are $is', ({ from, hemisphere, is }) => {
  const calendar = { hemisphere, holidays: ['12-25', '2026-11-26'] };
  const days = calendarDays('America/Los_Angeles', [at(from), at(from) + 2 * 86_400], calendar);
  expect(days.map(({ season, dayType }) => `${season} ${dayType}`)).toEqual(is);
});
