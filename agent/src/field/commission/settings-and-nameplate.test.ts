import { expect, test } from 'vitest';
import type { OrderedDevice } from '@tiepoint/protocol/field';
import { enterServicePoints, judgeEnterService, judgeSyncSettings, syncLimitsFor } from './enter-service.ts';
import { judgeNameplate } from './nameplate.ts';
import { reclosingChanged } from './reclosing.ts';

const defaults = {
  'set:enterServiceVoltageHighPct': 105,
  'set:enterServiceVoltageLowPct': 91.7,
  'set:enterServiceFrequencyHighHz': 60.1,
  'set:enterServiceFrequencyLowHz': 59.5,
  'set:enterServiceDelayS': 300,
  'set:enterServiceRampS': 300,
};
const all = new Set<string>(enterServicePoints);

test.each<{ what: string; set: object; has?: ReadonlySet<string>; outcome: string; says?: string }>([
  { what: 'the defaults', set: {}, outcome: 'passed' },
  { what: 'another delay', set: { 'set:enterServiceDelayS': 20 }, outcome: 'differs', says: 'delay 20 s (300 s)' },
  { what: '50 Hz limits', set: { 'set:enterServiceFrequencyHighHz': 50.1 }, outcome: 'differs', says: '60.1 Hz' },
  { what: 'one that cannot be read', set: { 'set:enterServiceRampS': undefined }, outcome: 'differs', says: 'ramp' },
  { what: 'a device without them', set: {}, has: new Set(), outcome: 'not-applicable' },
])('enter service with $what: $outcome', ({ set, has = all, outcome, says }) => {
  const judged = judgeEnterService({ ...defaults, ...set }, has);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});

test.each<{ ratedPowerW: number | undefined; frequencyHz: number; voltagePct: number; angleDeg: number }>([
  { ratedPowerW: 500_000, frequencyHz: 0.3, voltagePct: 10, angleDeg: 20 },
  { ratedPowerW: 500_001, frequencyHz: 0.2, voltagePct: 5, angleDeg: 15 },
  { ratedPowerW: 1_500_001, frequencyHz: 0.1, voltagePct: 3, angleDeg: 10 },
  { ratedPowerW: undefined, frequencyHz: 0.1, voltagePct: 3, angleDeg: 10 },
])('limits for $ratedPowerW W', ({ ratedPowerW, ...limits }) => {
  expect(syncLimitsFor(ratedPowerW)).toEqual(limits);
});

test.each<{ what: string; set: Record<string, number>; outcome: string }>([
  { what: 'narrower', set: { 'set:syncFrequencyHz': 0.1, 'set:syncAngleDeg': 8 }, outcome: 'passed' },
  { what: 'wider', set: { 'set:syncFrequencyHz': 0.5, 'set:syncAngleDeg': 8 }, outcome: 'differs' },
])('a synchroniser set $what: $outcome', ({ set, outcome }) => {
  expect(judgeSyncSettings(set, new Set(Object.keys(set)), 500_000).outcome).toBe(outcome);
});

test.each([
  { was: 'ready', is: 'blocked', says: 'was ready before and is blocked now' },
  { was: 'ready', is: undefined, says: 'is not known now' },
  { was: 'blocked', is: 'blocked', says: undefined },
  { was: undefined, is: undefined, says: undefined },
] as const)('reclosing found $was and left $is', ({ was, is, says }) => {
  const judged = reclosingChanged(was, is);
  expect(judged?.outcome).toBe(says === undefined ? undefined : 'differs');
  expect(judged?.say ?? '').toContain(says ?? '');
});

const ordered = (over: Partial<OrderedDevice> = {}): OrderedDevice => ({
  deviceId: 'pv-1',
  profile: 'sunspec-inverter',
  make: 'Maker',
  model: 'PV-6',
  serialNumber: 'SN 0001',
  ratedPowerW: 6_000,
  ...over,
});
const device = {
  profileName: 'sunspec-inverter',
  identity: { manufacturer: 'Maker Ltd', model: 'PV-6', serialNumber: 'SN-0001' },
  toldLimits: { ratedPowerW: 6_050 },
};

test.each<{ what: string; order: OrderedDevice | undefined; is?: object; outcome: string; says?: string }>([
  { what: 'as ordered', order: ordered(), outcome: 'passed' },
  { what: 'of another number', order: ordered({ serialNumber: 'SN 0002' }), outcome: 'failed', says: 'serial number' },
  { what: 'of another size', order: ordered({ ratedPowerW: 8_000 }), outcome: 'failed', says: 'rated power' },
  { what: 'of another profile', order: ordered({ profile: 'sunspec-der' }), outcome: 'failed', says: 'profile' },
  {
    what: 'without a number',
    order: ordered(),
    is: { identity: { manufacturer: 'Maker', model: 'PV-6' } },
    outcome: 'differs',
    says: 'plate',
  },
  {
    what: 'with its number on the plate',
    order: ordered(),
    is: { identity: { manufacturer: 'Maker', model: 'PV-6' }, plate: { serialNumber: 'sn 0001' } },
    outcome: 'passed',
  },
  { what: 'that tells no size', order: ordered(), is: { toldLimits: {} }, outcome: 'differs', says: 'rated power' },
  {
    what: 'with its size on the plate',
    order: ordered(),
    is: { toldLimits: {}, plate: { ratedPowerW: 6_000 } },
    outcome: 'passed',
  },
  {
    what: 'of another size by its plate',
    order: ordered(),
    is: { toldLimits: {}, plate: { ratedPowerW: 50_000 } },
    outcome: 'failed',
    says: 'rated power',
  },
  { what: 'never ordered', order: undefined, outcome: 'skipped' },
])('a device $what: $outcome', ({ order, is, outcome, says }) => {
  const judged = judgeNameplate(order, { ...device, ...is });
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});
