import { expect, test } from 'vitest';
import { floorTo, isNearBoundary, lengthFrom } from './intervals-grid.ts';

const tenMs = Date.UTC(2026, 0, 5, 10);

test.each([
  [0, 3_600, 0],
  [59 * 60_000, 3_600, 0],
  [60 * 60_000, 3_600, 60],
  [14 * 60_000 + 59_999, 900, 0],
  [-1, 900, -15],
])('%d ms after ten, intervals of %d s: from minute %d', (afterMs, lengthS, minute) => {
  expect(floorTo(tenMs + afterMs, lengthS)).toBe(tenMs + minute * 60_000);
});

test.each([
  ['never read', undefined, 30, true],
  ['in the midst', 20, 30, false],
  ['the last before the boundary', 20, 59 * 60 + 59.5, true],
  ['the first after it, though read a moment ago', -0.5, 0.5, true],
  ['the second after it', 0.5, 1.5, false],
] as const)('%s', (_, readS, atS, isDue) => {
  const atMs = tenMs + atS * 1_000;
  const readAtMs = readS === undefined ? undefined : tenMs + readS * 1_000;
  expect(isNearBoundary(atMs, { readAtMs, nextLookMs: atMs + 1_000, lengthS: 3_600 })).toBe(isDue);
});

test('another length begins with a full hour only', () => {
  expect(lengthFrom(tenMs, 3_600, 900)).toBe(900);
  expect(lengthFrom(tenMs + 900_000, 900, 3_600)).toBe(900);
});
