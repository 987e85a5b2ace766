import { expect, test } from 'vitest';
import { fixed, quantityText, ratingText } from './quantity.ts';

test.each([
  [undefined, 'W', '—'],
  [Number.NaN, 'W', '—'],
  [0, 'W', '0 W'],
  [-0.2, 'W', '0 W'],
  [999.4, 'W', '999 W'],
  [3420, 'W', '3.42 kW'],
  [-125_000, 'W', '−125.0 kW'],
  [1_234_000, 'W', '1.23 MW'],
  [230.14, 'V', '230.1 V'],
  [2400, 'V', '2,400.0 V'],
  [12_470, 'V', '12.47 kV'],
  [59.9871, 'Hz', '59.987 Hz'],
  [12.34, 'A', '12.3 A'],
  [1_234_567, 'Wh', '1.23 MWh'],
])('%s %s is shown as %s', (value, unit, shown) => {
  expect(quantityText(value, unit).replaceAll('\u00a0', ' ')).toBe(shown);
});

test.each([
  [500_000, 'W', '500 kW'],
  [48_200, 'W', '48.2 kW'],
  [200, 'A', '200 A'],
  [33.3, 'A', '33.3 A'],
])('a rating of %s %s reads %s', (value, unit, shown) => {
  expect(ratingText(value, unit).replaceAll('\u00a0', ' ')).toBe(shown);
});

test('digits are grouped by thousands and a rounded nothing has no sign', () => {
  expect(fixed(1_234_567.891, 2)).toBe('1,234,567.89');
  expect(fixed(-0.004, 2)).toBe('0.00');
});
