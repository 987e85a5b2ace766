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
  {
    what: 'is nothing on both sides',
    point: 'currentA',
    device: [0],
    instrument: 0,
    of: meter,
    outcome: 'skipped',
    says: 'No load',
  },
])('$point that $what: $outcome', ({ point, device, instrument, of, outcome, says }) => {
  const asked = [{ point, isTold: device.length > 0 }];
  const judged = judgePlausibility([{ point, instrumentValue: instrument, deviceValues: device }], of, asked);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
  expect(judged.measured[0]).toMatchObject({ point, instrumentValue: instrument });
});

const quantities = ['voltageV', 'currentA', 'activePowerW', 'frequencyHz'] as const;
type Quantity = (typeof quantities)[number];

test.each<{
  what: string;
  /** What the device says; what it leaves out it does not tell now. */
  device: Partial<Record<Quantity, number>>;
  instrument: Partial<Record<Quantity, number>>;
  of?: typeof aas | typeof meter;
  measures?: readonly Quantity[];
  outcome: string;
  says: RegExp;
}>([
  {
    what: 'nothing was read',
    device: { voltageV: 240, currentA: 5 },
    instrument: {},
    outcome: 'skipped',
    says: /No reading/,
  },
  {
    what: 'voltage alone',
    device: { voltageV: 240, currentA: 5, activePowerW: 1_200 },
    instrument: { voltageV: 240 },
    outcome: 'skipped',
    says: /agree in voltage.*current or active power was not read.*clamp/is,
  },
  {
    what: 'current alone',
    device: { voltageV: 240, currentA: 5, activePowerW: 1_200 },
    instrument: { currentA: 5 },
    outcome: 'skipped',
    says: /voltage was not read/i,
  },
  {
    what: 'voltage and current',
    device: { voltageV: 240, currentA: 5, activePowerW: 1_200 },
    instrument: { voltageV: 240, currentA: 5 },
    outcome: 'passed',
    says: /voltage, current/,
  },
  {
    what: 'voltage and power',
    device: { voltageV: 240, currentA: 5, activePowerW: 1_200 },
    instrument: { voltageV: 240, activePowerW: 1_200 },
    outcome: 'passed',
    says: /voltage, active power/,
  },
  {
    what: 'a site without load',
    device: { voltageV: 240, currentA: 0, activePowerW: 0 },
    instrument: { voltageV: 240, currentA: 0, activePowerW: 0 },
    outcome: 'skipped',
    says: /no load flows.*put a load on/is,
  },
  {
    what: 'a site without load where the device says otherwise',
    device: { voltageV: 240, currentA: 12, activePowerW: 0 },
    instrument: { voltageV: 240, currentA: 0 },
    outcome: 'failed',
    says: /the device says 12 A/,
  },
  {
    what: 'an inverter by night that tells zero',
    of: aas,
    device: { voltageV: 240, currentA: 0, activePowerW: 0 },
    instrument: { voltageV: 240, currentA: 0 },
    outcome: 'skipped',
    says: /let it generate.*by day/i,
  },
  {
    what: 'an inverter by night that tells no current',
    of: aas,
    device: { voltageV: 240 },
    instrument: { voltageV: 240, currentA: 0 },
    outcome: 'skipped',
    says: /let it generate/i,
  },
  {
    what: 'a generator that stands still',
    of: aas,
    device: { voltageV: 0, currentA: 0, activePowerW: 0 },
    instrument: { voltageV: 0, currentA: 0, activePowerW: 0 },
    outcome: 'skipped',
    says: /no voltage.*let it generate/is,
  },
  {
    what: 'a meter that tells no voltage, ever',
    device: { activePowerW: 1_200 },
    instrument: { activePowerW: 1_200 },
    outcome: 'differs',
    says: /tells no voltage/,
  },
  {
    what: 'a relay that measures current only',
    measures: ['currentA'],
    device: { currentA: 52 },
    instrument: { currentA: 52 },
    outcome: 'passed',
    says: /current/,
  },
])('$what: $outcome', ({ device, instrument, of = meter, measures = quantities, outcome, says }) => {
  const asked = measures.map((point) => ({ point, isTold: device[point] !== undefined }));
  const readings = measures.flatMap((point) => {
    const [instrumentValue, value] = [instrument[point], device[point]];
    return instrumentValue === undefined
      ? []
      : [{ point, instrumentValue, deviceValues: value === undefined ? [] : [value] }];
  });
  const judged = judgePlausibility(readings, of, asked);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toMatch(says);
  expect(judged.measured).toHaveLength(readings.length);
});
