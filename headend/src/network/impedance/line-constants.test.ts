import { describe, expect, test } from 'vitest';
import { lineConstants } from './line-constants.ts';
import type { Conductor, EarthModel, Placed } from './line-constants.ts';

const mile = 1_609.344;
const foot = 0.3048;
const inch = 0.0254;

const wire = (ohmPerMile: number, gmrFt: number, diameterIn: number): Conductor => ({
  kind: 'wire',
  resistanceOhmPerM: ohmPerMile / mile,
  gmrM: gmrFt * foot,
  radiusM: (diameterIn / 2) * inch,
});

const at = (conductor: Conductor, xFt: number, yFt: number): Placed => ({ conductor, xM: xFt * foot, yM: yFt * foot });

/** Kersting, Distribution System Modeling and Analysis, examples 4.1 and 5.1: three phases and a neutral on one pole. */
const [phase, neutral] = [wire(0.306, 0.0244, 0.721), wire(0.592, 0.00814, 0.563)];
const overhead = [at(phase, 0, 29), at(phase, 2.5, 29), at(phase, 7, 29), at(neutral, 4, 25)];

/** Example 4.2: three concentric neutral cables, 6 inches apart. */
const cable: Conductor = {
  kind: 'concentricNeutral',
  resistanceOhmPerM: 0.41 / mile,
  gmrM: 0.0171 * foot,
  radiusM: (0.567 / 2) * inch,
  insulation: { relativePermittivity: 2.3, thicknessM: 0.22 * inch, outerDiameterM: 1.06 * inch },
  cableDiameterM: 1.29 * inch,
  strands: 13,
  strandDiameterM: 0.0641 * inch,
  strandGmrM: 0.00208 * foot,
  strandResistanceOhmPerM: 14.8722 / mile,
};
const underground = [at(cable, 0, -4), at(cable, 0.5, -4), at(cable, 1, -4)];

const surroundings = { frequencyHz: 60, earthResistivityOhmM: 100, earthModel: 'carson' as EarthModel };
const perMile = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix.map((row) => row.map((value) => value * mile));

/** The greatest difference from what is published. */
function farthest(found: readonly (readonly number[])[], published: readonly (readonly number[])[]): number {
  const apart = published.flatMap((values, row) =>
    values.map((value, column) => Math.abs((found[row]?.[column] ?? NaN) - value)),
  );
  return Math.max(...apart);
}

describe('line constants', () => {
  test('of an overhead line are those that Kersting publishes', () => {
    const found = lineConstants(overhead, 3, surroundings, true);
    expect(
      farthest(perMile(found?.rOhmPerM ?? []), [[0.4576], [0.1559, 0.4666], [0.1535, 0.158, 0.4615]]),
    ).toBeLessThan(0.0002);
    expect(
      farthest(perMile(found?.xOhmPerM ?? []), [[1.078], [0.5017, 1.0482], [0.3849, 0.4236, 1.0651]]),
    ).toBeLessThan(0.0006);
    const microsiemens = perMile(found?.bSiemensPerM ?? []).map((row) => row.map((value) => value * 1e6));
    expect(farthest(microsiemens, [[5.6711], [-1.8362, 5.9774], [-0.7033, -1.169, 5.391]])).toBeLessThan(0.005);
  });

  test('of concentric neutral cables are those that Kersting publishes', () => {
    const found = lineConstants(underground, 3, surroundings, true);
    expect(
      farthest(perMile(found?.rOhmPerM ?? []), [[0.7982], [0.3191, 0.7891], [0.2849, 0.3191, 0.7982]]),
    ).toBeLessThan(0.002);
    expect(
      farthest(perMile(found?.xOhmPerM ?? []), [[0.4463], [0.0328, 0.4041], [-0.0143, 0.0328, 0.4463]]),
    ).toBeLessThan(0.002);
  });

  test('without reduction the neutral stays', () => {
    expect(lineConstants(overhead, 3, surroundings, false)?.rOhmPerM).toHaveLength(4);
  });

  test('the models of the ground agree with each other within a few per cent', () => {
    const [carson, full, deri] = (['carson', 'fullCarson', 'deri'] as const).map(
      (earthModel) => lineConstants(overhead, 3, { ...surroundings, earthModel }, true)?.xOhmPerM[0]?.[0] ?? NaN,
    );
    expect((full ?? 0) / (carson ?? 1)).toBeCloseTo(1, 1);
    expect((deri ?? 0) / (full ?? 1)).toBeCloseTo(1, 2);
  });

  test.each([
    { what: 'two conductors in one place', placed: [at(phase, 0, 29), at(phase, 0, 29)] },
    { what: 'a conductor without size', placed: [at({ ...phase, gmrM: 0 }, 0, 29)] },
    { what: 'one on the ground', placed: [at(phase, 0, 0)] },
  ])('of $what there are none', ({ placed }) => {
    expect(lineConstants(placed, 1, surroundings, true)).toBeUndefined();
  });
});
