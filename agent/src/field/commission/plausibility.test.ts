import { expect, test } from 'vitest';
import type { NumberPoint } from '@tiepoint/protocol';
import { judgePlausibility } from './plausibility.ts';

const aas = { kind: 'aas', instrumentPct: 1, ratedPowerW: 6_000, ratedVoltageV: 240 } as const;
const meter = { kind: 'meter', instrumentPct: 1 } as const;

test.each<{
  what: string;
  point: NumberPoint;
  device: readonly number[];
  instrument: number;
  of: typeof aas | typeof meter;
  outcome: string;
  says?: string;
}>([
  { what: 'agrees', point: 'voltageV', device: [240.4], instrument: 239.1, of: meter, outcome: 'passed' },
  { what: 'is off by 3 %', point: 'voltageV', device: [247], instrument: 239.1, of: meter, outcome: 'failed' },
  {
    what: 'is between phases',
    point: 'voltageV',
    device: [415.7],
    instrument: 240,
    of: meter,
    outcome: 'failed',
    says: 'between phases',
  },
  {
    what: 'moved while it was read',
    point: 'activePowerW',
    device: [2_000, 2_900],
    instrument: 2_500,
    of: meter,
    outcome: 'passed',
  },
  {
    what: 'is turned round',
    point: 'activePowerW',
    device: [-2_500],
    instrument: 2_500,
    of: meter,
    outcome: 'failed',
    says: 'sign',
  },
  {
    what: 'is in kW',
    point: 'activePowerW',
    device: [2.5],
    instrument: 2_500,
    of: meter,
    outcome: 'failed',
    says: 'thousands',
  },
  {
    what: 'is ten times too large',
    point: 'currentA',
    device: [123],
    instrument: 12.3,
    of: meter,
    outcome: 'failed',
    says: 'off by ten',
  },
  {
    what: 'is the sum of phases',
    point: 'currentA',
    device: [36.9],
    instrument: 12.3,
    of: meter,
    outcome: 'failed',
    says: 'sum of three',
  },
  {
    what: 'is within 5 % of rated power',
    point: 'activePowerW',
    device: [2_750],
    instrument: 2_500,
    of: aas,
    outcome: 'passed',
  },
  {
    what: 'is not told',
    point: 'frequencyHz',
    device: [],
    instrument: 60,
    of: aas,
    outcome: 'failed',
    says: 'does not tell',
  },
  { what: 'is another frequency', point: 'frequencyHz', device: [59.9], instrument: 60, of: aas, outcome: 'failed' },
  { what: 'is nothing on both sides', point: 'currentA', device: [0], instrument: 0, of: meter, outcome: 'passed' },
])('$point that $what: $outcome', ({ point, device, instrument, of, outcome, says }) => {
  const judged = judgePlausibility([{ point, instrumentValue: instrument, deviceValues: device }], of);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
  expect(judged.measured[0]).toMatchObject({ point, instrumentValue: instrument });
});

test('without a reading nothing is claimed', () => {
  expect(judgePlausibility([], meter).outcome).toBe('skipped');
});
