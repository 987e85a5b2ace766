import { expect, test } from 'vitest';
import { durationText, shortDurationText, stepText, timeText } from './time.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [-5_000, '0 s'],
  [3_600, '4 s'],
  [80_000, '1 min 20 s'],
  [3_605_000, '1 h 00 min'],
  [7_500_000, '2 h 05 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms is an age of %s', (spanMs, text) => expect(plain(durationText(spanMs))).toBe(text));

test.each([
  [3_600, '4 s'],
  [804_000, '13 min'],
  [7_500_000, '2 h'],
  [273_600_000, '3 d'],
])('in a column %d ms is %s', (spanMs, text) => expect(plain(shortDurationText(spanMs))).toBe(text));

test.each([
  [-1, '0.00 s'],
  [420, '0.42 s'],
  [12_340, '12.3 s'],
  [125_000, '2 min 05 s'],
])('%d ms of a command read %s', (spanMs, text) => expect(plain(stepText(spanMs))).toBe(text));

test('a time carries its zone, and its date where it is not of today', () => {
  const nowMs = Date.UTC(2026, 10, 23, 14, 3, 22);
  expect(timeText(nowMs, nowMs, 'UTC')).toBe('14:03:22 UTC');
  expect(timeText(nowMs - 86_400_000, nowMs, 'UTC')).toBe('2026-11-22 14:03:22 UTC');
  expect(timeText(nowMs, nowMs, 'America/Los_Angeles')).toMatch(/^06:03:22 (PST|GMT-8)$/);
});
