import { expect, test } from 'vitest';
import { customerOf, LoadCurve } from './load-curve.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const monday = Date.UTC(2026, 0, 5);
const curves = Array.from({ length: 400 }, (_, seed) => new LoadCurve(customerOf(seed)));

test('registers only go up, and power is what they move', () => {
  for (const curve of curves.slice(0, 40)) {
    for (let hour = 0; hour < 24 * 9; hour++) {
      const fromMs = monday + hour * hourMs;
      for (const register of [
        curve.importedWh(fromMs + hourMs) - curve.importedWh(fromMs),
        curve.exportedWh(fromMs + hourMs) - curve.exportedWh(fromMs),
      ])
        expect(register).toBeGreaterThanOrEqual(0);
    }
    const quarter = monday + 19 * hourMs;
    const moved = 4 * (curve.importedWh(quarter + 900_000) - curve.importedWh(quarter));
    expect(Math.abs(curve.powerW(quarter + 300_000) - moved)).toBeLessThan(0.06 * moved + 1);
  }
});

test('the same whenever it is asked', () => {
  const [one, other] = [new LoadCurve(customerOf(7)), new LoadCurve(customerOf(7))];
  other.importedWh(monday + 300 * dayMs);
  expect(other.importedWh(monday + 5.3 * dayMs)).toBe(one.importedWh(monday + 5.3 * dayMs));
  expect(other.powerW(monday)).toBe(one.powerW(monday));
});

test('together they look like customers: an evening peak, winter above summer, and some that sell at noon', () => {
  const sum = (of: (curve: LoadCurve) => number): number => curves.reduce((total, curve) => total + of(curve), 0);
  const energy = (fromMs: number, toMs: number): number =>
    sum((curve) => curve.importedWh(toMs) - curve.importedWh(fromMs));
  const evening = energy(monday + 18.5 * hourMs, monday + 19.5 * hourMs);
  expect(evening).toBeGreaterThan(1.5 * energy(monday + 3 * hourMs, monday + 4 * hourMs));
  const july = Date.UTC(2026, 6, 6);
  expect(energy(monday, monday + 7 * dayMs)).toBeGreaterThan(1.2 * energy(july, july + 7 * dayMs));
  const perDay = energy(monday, monday + 7 * dayMs) / 7 / curves.length;
  expect(perDay).toBeGreaterThan(10_000);
  expect(perDay).toBeLessThan(40_000);
  expect(curves.filter((curve) => curve.powerW(july + 12 * hourMs) < 0).length).toBeGreaterThan(20);
});
