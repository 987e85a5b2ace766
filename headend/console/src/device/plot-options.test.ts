import { expect, test } from 'vitest';
import { spread } from './plot-options.ts';

test.each([
  [null, null, 10, [0, 10]],
  [230, 230.2, 10, [225.1, 235.1]],
  [0, 0, 100, [0, 100]],
  [-500, 1_500, 100, [-700, 1_700]],
  [20, 3_000, 100, [0, 3_576]],
] as const)('values from %s to %s, at least %s high, give the axis %j', (low, high, least, [from, to]) => {
  const [bottom, top] = spread(low, high, least);
  expect(bottom).toBeCloseTo(from, 6);
  expect(top).toBeCloseTo(to, 6);
});
