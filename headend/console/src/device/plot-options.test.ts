import { expect, test } from 'vitest';
import { axisText, spread } from './plot-options.ts';

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

test.each([
  { splits: [0, 2_500, 5_000, 7_500], unit: 'W', says: ['0.0 kW', '2.5 kW', '5.0 kW', '7.5 kW'] },
  { splits: [-2_000, 0, 2_000], unit: 'W', says: ['−2 kW', '0 kW', '2 kW'] },
  { splits: [225, 230, 235], unit: 'V', says: ['225 V', '230 V', '235 V'] },
  { splits: [59.95, 60, 60.05], unit: 'Hz', says: ['59.95 Hz', '60.00 Hz', '60.05 Hz'] },
  { splits: [0, 0.25, 0.5], unit: 'A', says: ['0.00 A', '0.25 A', '0.50 A'] },
  { splits: [7], unit: 'A', says: ['7 A'] },
])('an axis is labelled $says', ({ splits, unit, says }) => {
  expect(splits.map((split) => axisText(split, splits, unit))).toEqual(says);
});
