import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregateFigure } from './aggregate-estimate.ts';
import type { AggregateMeter } from './aggregate-estimate.ts';

test('with every meter heard it is the sum, and nothing is uncertain', () => {
  const meters = [{ measuredW: 700, expectedW: 10 }, { measuredW: -200 }, { measuredW: 0, apparentVa: 0 }];
  expect(aggregateFigure(meters)).toEqual({
    activePowerW: 500,
    lowW: 500,
    highW: 500,
    measuredW: 500,
    asked: 3,
    answered: 3,
  });
});

test.each<readonly [string, readonly AggregateMeter[]]>([
  ['nobody answered and nobody has a history', [{}, {}]],
  ['one that is unknown beside what is expected of nobody', [{}]],
])('%s: there is no figure', (_, meters) => {
  expect(aggregateFigure(meters)).toBeUndefined();
});

test('no meter at all takes nothing', () => {
  expect(aggregateFigure([])).toMatchObject({ activePowerW: 0, asked: 0 });
});

test('nobody answered: history alone, and a wide band', () => {
  const figure = aggregateFigure([{ expectedW: 1_000 }, { expectedW: 500 }])!;
  expect(figure).toMatchObject({ activePowerW: 1_500, measuredW: 0, answered: 0 });
  expect(figure.highW - figure.lowW).toBeGreaterThan(1_500);
});

test('the silent follow those that answered: half as much as usual', () => {
  const heard = Array.from({ length: 50 }, () => ({ expectedW: 1_000, measuredW: 500 }));
  const figure = aggregateFigure([...heard, { expectedW: 1_000 }])!;
  expect(figure.activePowerW - figure.measuredW).toBeCloseTo(519, 0);
});

test('a meter without a history is taken for one like the others', () => {
  const figure = aggregateFigure([{ measuredW: 400 }, { measuredW: 600 }, {}])!;
  expect(figure.activePowerW).toBe(1_500);
  expect(figure.lowW).toBeLessThan(1_300);
});

test('apparent power is by the power factor of those that told it', () => {
  const figure = aggregateFigure([{ measuredW: 900, apparentVa: 1_000 }, { measuredW: 100 }])!;
  expect(figure.apparentPowerVa).toBeCloseTo(1_111, 0);
});

test('meters that feed in lower the sum and not the share', () => {
  const figure = aggregateFigure([
    { expectedW: -3_000, measuredW: -2_000 },
    ...Array.from({ length: 20 }, () => ({ expectedW: 1_000, measuredW: 1_000 })),
    { expectedW: 1_000 },
  ])!;
  expect(figure.activePowerW).toBeCloseTo(19_000, -2);
});

/** A linear congruential generator: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

describe('the band', () => {
  // Homes whose load is a chance around what is expected, as skewed as real ones; a day that is 20 % above history.
  test.each([
    [30, 0.05],
    [200, 0.05],
    [200, 0.5],
    [1_000, 0.2],
  ])('of %i homes with a share of %f silent holds the truth in about 80 of 100', (homes, silentShare) => {
    const random = seeded(homes * 7 + 1);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let inside = 0;
    const runs = 600;
    for (let run = 0; run < runs; run += 1) {
      const meters = Array.from({ length: homes }, () => {
        const expectedW = 300 + 1_500 * random();
        const truthW = 1.2 * expectedW * Math.exp(0.7 * normal() - 0.245);
        return { expectedW, truthW, isSilent: random() < silentShare };
      });
      const figure = aggregateFigure(
        meters.map(({ expectedW, truthW, isSilent }) => (isSilent ? { expectedW } : { expectedW, measuredW: truthW })),
      );
      const truth = meters.reduce((total, { truthW }) => total + truthW, 0);
      if (figure !== undefined && figure.lowW <= truth + 1e-6 && truth <= figure.highW + 1e-6) inside += 1;
    }
    expect(inside / runs).toBeGreaterThan(0.72);
    expect(inside / runs).toBeLessThan(0.95);
  });
});

test('whatever is told, the figure is a number within its band', () => {
  const power = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: undefined });
  const meter = fc.record({
    expectedW: power,
    measuredW: power,
    apparentVa: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(meter, { maxLength: 30 }), (meters) => {
      const figure = aggregateFigure(meters);
      if (figure === undefined) return;
      expect(Number.isFinite(figure.activePowerW + figure.lowW + figure.highW)).toBe(true);
      expect(figure.lowW).toBeLessThanOrEqual(figure.activePowerW);
      expect(figure.highW).toBeGreaterThanOrEqual(figure.activePowerW);
    }),
  );
});
