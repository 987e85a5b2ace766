import { expect, test } from 'vitest';
import { backOffMs } from './back-off.ts';

const limits = { firstMs: 500, maxMs: 30_000 };

test.each([
  [0, 0, 250],
  [0, 1, 500],
  [1, 1, 1_000],
  [5, 0.5, 12_000],
  [6, 1, 30_000],
  [6, 0, 15_000],
  [5_000, 1, 30_000],
])('attempt %i with random %d waits %i ms', (attempt, random01, waitMs) => {
  expect(backOffMs(attempt, limits, random01)).toBe(waitMs);
});
