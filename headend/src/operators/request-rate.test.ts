import { expect, test } from 'vitest';
import { RequestRate } from './request-rate.ts';

test('so many at once, then one each time, for each key alone', () => {
  const rate = new RequestRate({ burst: 2, everyMs: 1_000 });
  expect(rate.waitMs('a', 0)).toBe(0);
  rate.take('a', 0);
  rate.take('a', 0);
  expect(rate.waitMs('a', 0)).toBe(1_000);
  expect(rate.waitMs('a', 400)).toBe(600);
  expect(rate.waitMs('b', 0)).toBe(0);
  expect(rate.waitMs('a', 1_000)).toBe(0);
  rate.take('a', 1_000);
  expect(rate.waitMs('a', 1_000)).toBe(1_000);
  // A clock that was set back lets nobody wait longer, and nobody in.
  expect(rate.waitMs('a', 0)).toBe(1_000);
});

test('keys beyond what is remembered push out the one unheard longest', () => {
  const rate = new RequestRate({ burst: 1, everyMs: 1_000 });
  rate.take('first', 0);
  for (let key = 0; key < 10_000; key += 1) rate.take(String(key), 0);
  expect(rate.waitMs('first', 0)).toBe(0);
  expect(rate.waitMs('9999', 0)).toBe(1_000);
});
