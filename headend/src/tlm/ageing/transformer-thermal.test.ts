import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageingFactor, ageThrough, normalLifeH, typicalThermal, ultimateRises } from './transformer-thermal.ts';
import type { ThermalModel } from './transformer-thermal.ts';

// The standard's table of ageing acceleration factors for 65 K rise.
test.each([
  [80, 0.0358],
  [90, 0.1156],
  [100, 0.3499],
  [110, 1],
  [120, 2.7089],
  [130, 6.9842],
  [140, 17.1995],
  [150, 40.5887],
  [160, 92.0617],
  [180, 424.92],
  [200, 1723.3497],
])('at %s °C insulation ages %s times as fast', (hotSpotC, factor) => {
  expect(ageingFactor(hotSpotC) / factor).toBeCloseTo(1, 2);
});

test('ageing doubles at about 117 °C', () => expect(ageingFactor(116.9)).toBeCloseTo(2, 1));

describe('rises that a lasting load leads to', () => {
  test.each([
    { load: 1, oilK: 55, windingK: 25 },
    { load: 0, oilK: 55 * (1 / 4.2) ** 0.8, windingK: 0 },
    { load: 1.5, oilK: 55 * ((2.25 * 3.2 + 1) / 4.2) ** 0.8, windingK: 25 * 1.5 ** 1.6 },
  ])('$load', ({ load, oilK, windingK }) => {
    const rises = ultimateRises(load, typicalThermal);
    expect(rises.oilK).toBeCloseTo(oilK, 9);
    expect(rises.windingK).toBeCloseTo(windingK, 9);
  });
});

const day = (load: number): number[] => Array.from({ length: 24 }, () => load);
const ambient = (c: number, hours = 24): number[] => Array.from({ length: hours }, () => c);

describe('a day', () => {
  test('at rated load and 30 °C is a day of normal life, 0.0133 % of it', () => {
    const aged = ageThrough(day(1), ambient(30), 0, typicalThermal);
    expect(aged).toMatchObject({ knownH: 24 });
    expect(aged.agedH).toBeCloseTo(24, 9);
    expect(aged.hottestC).toBeCloseTo(110, 9);
    expect((100 * aged.agedH) / normalLifeH).toBeCloseTo(0.0133, 4);
  });

  test('warmer by 7 K is two of them', () => {
    expect(ageThrough(day(1), ambient(36.95), 0, typicalThermal).agedH).toBeCloseTo(48, 0);
  });

  test('that follows a warm one ages more than one that follows a cold one', () => {
    const after = (load: number) => ageThrough([...day(load), ...day(1)], ambient(30, 48), 24, typicalThermal);
    expect(after(1.4).agedH).toBeGreaterThan(24);
    expect(after(0.2).agedH).toBeLessThan(24);
    expect(after(0.2).knownH).toBe(24);
  });

  test('of which an hour is not known is that much shorter, and stays as warm as it was', () => {
    const aged = ageThrough([...day(1).slice(0, 10), NaN, ...day(1).slice(0, 13)], ambient(30), 0, typicalThermal);
    expect(aged.knownH).toBe(23);
    expect(aged.agedH).toBeCloseTo(23, 9);
  });

  test('of which nothing is known tells nothing', () => {
    expect(ageThrough(day(NaN), ambient(30), 0, typicalThermal)).toEqual({
      agedH: 0,
      knownH: 0,
      hottestC: NaN,
      hottestHour: -1,
    });
  });
});

test('the oil goes to where a new load leads by its time constant', () => {
  const slow = { ...typicalThermal, windingH: 1e-6 };
  const loads = [0, 1, 1, 1, 1];
  // The hottest is the middle of the last of twelve steps of the fourth hour.
  const { hottestC } = ageThrough(loads, ambient(0, 5), 0, slow);
  const [cold, hot] = [ultimateRises(0, slow).oilK, 55];
  expect(hottestC - 25).toBeCloseTo(hot + (cold - hot) * Math.exp(-(4 - 1 / 24) / 3), 6);
});

test('whatever the loads, it is what small steps of the differential equations come to', () => {
  const loads = fc.array(fc.double({ min: 0, max: 1.8, noNaN: true }), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(loads, fc.double({ min: -10, max: 40, noNaN: true }), (hours, c) => {
      const own = ageThrough(hours, ambient(c, 30), 0, typicalThermal).agedH;
      const other = bySmallSteps(hours, c, 0, typicalThermal);
      expect(Math.abs(own / other - 1)).toBeLessThan(0.04);
    }),
    { numRuns: 20, seed: 57_91 },
  );
});

/** dθ/dt = (ultimate − θ) / τ, in steps of 10 s. */
function bySmallSteps(loads: readonly number[], c: number, countFrom: number, model: ThermalModel): number {
  const stepH = 1 / 360;
  let { oilK, windingK } = ultimateRises(loads[0]!, model);
  let agedH = 0;
  for (const [hour, load] of loads.entries()) {
    const to = ultimateRises(load, model);
    for (let step = 0; step < 360; step += 1) {
      oilK += ((to.oilK - oilK) * stepH) / model.oilH;
      windingK += ((to.windingK - windingK) * stepH) / model.windingH;
      if (hour >= countFrom) agedH += Math.exp(15_000 / 383 - 15_000 / (c + oilK + windingK + 273)) * stepH;
    }
  }
  return agedH;
}
