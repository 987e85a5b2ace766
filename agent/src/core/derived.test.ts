import { findProfile, layOut } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import type { Measured } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { withDerived } from './derived.ts';

const { model } = layOut(findProfile('ami-meter-200a') as Profile);

test.each<{ say: string; measured: Measured; alarms: Measured['alarms']; health: Measured['health'] }>([
  { say: 'nothing told', measured: {}, alarms: undefined, health: undefined },
  { say: 'no alarms', measured: { alarms: [] }, alarms: [], health: 'ok' },
  { say: 'its own alarm', measured: { alarms: ['tamper'] }, alarms: ['tamper'], health: 'warning' },
  { say: 'a fault', measured: { operatingState: 'fault', alarms: [] }, alarms: [], health: 'fault' },
  {
    say: 'voltage behind the open switch',
    measured: { switchState: 'open', loadSideVoltage: 'present', alarms: [], health: 'ok' },
    alarms: ['back-feed'],
    health: 'warning',
  },
  {
    say: 'voltage behind the open switch of a meter without alarms',
    measured: { switchState: 'open', loadSideVoltage: 'present' },
    alarms: ['back-feed'],
    health: 'warning',
  },
  {
    say: 'current through the open switch',
    measured: { switchState: 'open', currentA: 4, alarms: [], health: 'ok' },
    alarms: ['switch-failure'],
    health: 'warning',
  },
  {
    say: 'voltage behind the open breaker of a feeder',
    measured: { breakerState: 'open', loadSideVoltage: 'present', currentA: 4, alarms: [], health: 'ok' },
    alarms: ['back-feed'],
    health: 'warning',
  },
  {
    say: 'a feeder in service',
    measured: { breakerState: 'closed', loadSideVoltage: 'present', currentA: 90, alarms: [], health: 'ok' },
    alarms: [],
    health: 'ok',
  },
  {
    say: 'a closed switch with voltage behind it',
    measured: { switchState: 'closed', loadSideVoltage: 'present', currentA: 9, alarms: [], health: 'ok' },
    alarms: [],
    health: 'ok',
  },
])('$say', ({ measured, alarms, health }) => {
  const derived = withDerived(model, { measured, setpoints: {} });
  expect(derived.alarms).toEqual(alarms);
  expect(derived.health).toBe(health);
});

test.each([
  { setpoints: { 'set:limitEnabled': 'on', 'set:limitPct': 20 }, limit: 20 },
  { setpoints: { 'set:limitEnabled': 'off', 'set:limitPct': 20 }, limit: 100 },
  { setpoints: { 'set:limitEnabled': 'on' }, limit: undefined },
  { setpoints: {}, limit: undefined },
])('the limit in force by $setpoints is $limit', ({ setpoints, limit }) => {
  expect(withDerived(model, { measured: {}, setpoints }).powerLimitPct).toBe(limit);
});
