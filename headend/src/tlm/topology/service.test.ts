import { describe, expect, test } from 'vitest';
import { poleTransformer } from '../../network/connectivity/sample-network.fixture.ts';
import type { PowerTransformer, WindingConnection } from '../../network/model/equipment.ts';
import type { Phase } from '../../network/model/phase.ts';
import { secondaryPhaseV, serviceOf } from './service.ts';

const pad = (high: WindingConnection, low: WindingConnection): PowerTransformer => {
  const end = { grounded: true, ratedPowerVa: 300_000, resistancePu: 0.005 };
  const phases: readonly Phase[] = ['A', 'B', 'C'];
  return {
    kind: 'PowerTransformer',
    id: 'pad',
    name: 'pad',
    terminals: [
      { node: 'h', phases },
      { node: 'l', phases },
    ],
    phaseCount: 3,
    ends: [
      { ...end, connection: high, ratedVoltageV: 12_470 },
      { ...end, connection: low, ratedVoltageV: 208 },
    ],
    reactancePu: [0.05],
    noLoadLossPu: 0.002,
    magnetisingPu: 0.005,
  };
};
const poleBetween: PowerTransformer = {
  ...poleTransformer('t', 'h', 'A', 'l'),
  terminals: [
    { node: 'h', phases: ['A', 'B'] },
    { node: 'l', phases: ['s1'] },
    { node: 'l', phases: ['N', 's2'] },
  ],
};

/** Currents of the primary phases for 1 kVA at power factor 1, of 7.2 kV to ground. */
const currents = (phases: readonly Phase[], v: number, transformer?: PowerTransformer): number[] => {
  const { primary } = serviceOf(phases, v, transformer);
  return [0, 2, 4].map((at) => (1_000 * Math.hypot(primary[at] ?? 0, primary[at + 1] ?? 0)) / 7_199.56);
};
const single = 1_000 / 7_199.56;
const across = 1_000 / 12_470;

describe('what the primary conductors carry', () => {
  test.each([
    { what: 'a pole between A and ground', t: poleTransformer('t', 'h', 'B', 'l'), phases: 's1 s2', a: [0, single, 0] },
    { what: 'a pole between two phases', t: poleBetween, phases: 's1 s2', a: [across, across, 0] },
    { what: 'three phases', t: pad('wye', 'wye'), phases: 'A B C', a: [single / 3, single / 3, single / 3] },
    {
      what: 'three phases from a delta',
      t: pad('delta', 'wye'),
      phases: 'A B C',
      a: [single / 3, single / 3, single / 3],
    },
    { what: 'one phase of a wye', t: pad('wye', 'wye'), phases: 'B', a: [0, single, 0] },
    { what: 'one phase behind a delta', t: pad('delta', 'wye'), phases: 'B', a: [0, across, across] },
    { what: 'two phases', t: pad('wye', 'wye'), phases: 'A C', a: [across, 0, across] },
    { what: 'two phases of a delta behind a wye', t: pad('wye', 'delta'), phases: 'C A', a: [0, 0, single] },
    { what: 'the line itself', t: undefined, phases: 'A B C', a: [single / 3, single / 3, single / 3] },
  ])('$what', ({ t, phases, a }) => {
    const found = currents(phases.split(' ') as Phase[], 208, t);
    for (const [index, each] of a.entries()) expect(found[index]).toBeCloseTo(each, 4);
  });

  test.each(['A', 'B C', 'A B C', 's1', 's1 s2'])('nothing is lost on the way: %s', (phases) => {
    for (const t of [undefined, pad('delta', 'wye'), pad('wye', 'wye'), poleBetween]) {
      if (t?.phaseCount === 3 && phases.startsWith('s')) continue;
      const { primary, secondary } = serviceOf(
        phases.split(' ') as Phase[],
        208,
        phases.startsWith('s') ? poleBetween : t,
      );
      for (const shares of [primary, secondary]) {
        expect(shares[0] + shares[2] + shares[4]).toBeCloseTo(1, 9);
        expect(shares[1] + shares[3] + shares[5]).toBeCloseTo(0, 9);
      }
    }
  });
});

test.each([
  { phases: ['s1', 's2'], v: 240, shows: [240, 120] },
  { phases: ['A'], v: 208, shows: [120, 208] },
  { phases: ['A', 'B', 'C'], v: 480, shows: [480, 277] },
  { phases: ['A', 'B', 'C'], v: undefined, shows: [0, 0] },
] as const)('a meter on $phases of $v V shows $shows', ({ phases, v, shows }) => {
  expect(serviceOf(phases, v, undefined).meterV.map(Math.round)).toEqual(shows);
});

test('a leg of a split-phase secondary has half of its voltage, one of three phases its own', () => {
  expect(secondaryPhaseV(poleBetween)).toBe(120);
  expect(secondaryPhaseV(pad('delta', 'wye'))).toBeCloseTo(120.09, 2);
});
