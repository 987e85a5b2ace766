import { expect, test } from 'vitest';
import { serverNow, stampClock, unsetClock } from './server-clock.ts';

test('before the first stamp the time is unknown', () => expect(serverNow(unsetClock, 5)).toBeUndefined());

test('the stamp with the least delay decides', () => {
  let clock = stampClock(unsetClock, 1_000_000, 1_400); // 400 ms under way
  clock = stampClock(clock, 1_001_000, 2_010); // 10 ms
  clock = stampClock(clock, 1_002_000, 3_900); // 900 ms
  expect(serverNow(clock, 4_000)).toBe(1_002_990);
});

test('a head-end whose clock was set is followed at once', () => {
  let clock = stampClock(unsetClock, 1_000_000, 0);
  clock = stampClock(clock, 500_000, 1_000);
  expect(serverNow(clock, 2_000)).toBe(501_000);
});

test('an old fast stamp is forgotten after 32 others', () => {
  let clock = stampClock(unsetClock, 10_000, 0);
  for (let i = 1; i <= 32; i += 1) clock = stampClock(clock, 10_000 + i * 1_000 - 50, i * 1_000);
  expect(serverNow(clock, 40_000)).toBe(49_950);
});
