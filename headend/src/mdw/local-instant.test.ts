import { expect, test } from 'vitest';
import { instantOf } from './local-instant.ts';

const zone = 'America/Los_Angeles';
const told = (text: string): string => {
  const found = instantOf(zone, text);
  return found.ok ? new Date(found.value * 1_000).toISOString() : found.say;
};

test.each([
  ['2026-03-31', '2026-03-31T07:00:00.000Z'],
  ['2026-01-31', '2026-01-31T08:00:00.000Z'],
  ['2026-03-31T06:30', '2026-03-31T13:30:00.000Z'],
  ['2026-03-31 06:30:15', '2026-03-31T13:30:15.000Z'],
  ['2026-03-31T06:30Z', '2026-03-31T06:30:00.000Z'],
  ['2026-11-01T01:30-08:00', '2026-11-01T09:30:00.000Z'],
  ['2026-11-01T01:30-07:00', '2026-11-01T08:30:00.000Z'],
  ['2026-11-01T00:59', '2026-11-01T07:59:00.000Z'],
])('%s is %s', (text, instant) => {
  expect(told(text)).toBe(instant);
});

test.each([
  ['2026-11-01T01:30', /is there twice/],
  ['2026-03-08T02:30', /is not there in America/],
  ['2026-02-30', /no such day/],
  ['2026-02-30T10:00', /no such day/],
  ['2026-02-03T25:00', /no such day or hour/],
  ['yesterday', /is no time: write/],
  ['1774936800', /is no time: write/],
])('%s is refused', (text, say) => {
  expect(told(text)).toMatch(say);
});
