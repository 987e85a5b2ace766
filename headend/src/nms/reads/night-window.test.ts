import { expect, test } from 'vitest';
import { nightWindow } from './night-window.ts';

const night = { timeZone: 'America/Los_Angeles', startsAt: '00:20', endsAt: '05:00' };
const at = (text: string): number => Date.parse(text);

test.each([
  ['before the window', '2026-06-10T12:00:00-07:00', '2026-06-10', '2026-06-11T00:20:00-07:00', 24],
  ['in it', '2026-06-11T03:00:00-07:00', '2026-06-10', '2026-06-11T00:20:00-07:00', 24],
  ['at its end', '2026-06-11T05:00:00-07:00', '2026-06-11', '2026-06-12T00:20:00-07:00', 24],
  ['after clocks went forward', '2026-03-09T01:00:00-07:00', '2026-03-08', '2026-03-09T00:20:00-07:00', 23],
  ['after clocks went back', '2026-11-02T01:00:00-08:00', '2026-11-01', '2026-11-02T00:20:00-08:00', 25],
])('%s', (_, now, day, start, hours) => {
  const window = nightWindow(night, at(now));
  expect(window.day).toBe(day);
  expect(window.startMs).toBe(at(start));
  expect((window.dayToMs - window.dayFromMs) / 3_600_000).toBe(hours);
});

test('a window over midnight is one night', () => {
  const over = { timeZone: 'UTC', startsAt: '22:00', endsAt: '04:00' };
  const evening = nightWindow(over, at('2026-06-10T23:00:00Z'));
  expect(nightWindow(over, at('2026-06-11T03:59:00Z'))).toEqual(evening);
  expect(evening).toMatchObject({
    day: '2026-06-09',
    startMs: at('2026-06-10T22:00:00Z'),
    endMs: at('2026-06-11T04:00:00Z'),
  });
});

test.each([[{ ...night, timeZone: 'Mars/Olympus' }], [{ ...night, startsAt: '25:00' }]])('%o is told', (settings) => {
  expect(() => nightWindow(settings, 0)).toThrow(RangeError);
});
