import { expect, test } from 'vitest';
import type { Capability, DeviceLimits, Measured } from '@tiepoint/protocol';
import { capacity } from './capacity.ts';
import type { Capacity, Fuel } from './capacity.ts';

const genset: Capability[] = ['generation', 'breaker', 'synchroniser'];
const battery: Capability[] = ['generation', 'storage'];
const rated: DeviceLimits = { ratedPowerW: 500_000, ratedCurrentA: 750 };
const fuel: Fuel = { tankL: 1000, consumptionLPerKwh: 0.27 };

test.each<{ say: string; measured: Measured; able: Capability[]; limits?: DeviceLimits; is: Capacity }>([
  {
    say: 'a genset at rest can give all',
    measured: { activePowerW: 0 },
    able: genset,
    is: { availableCapacityPct: 100, availableCurrentA: 750 },
  },
  {
    say: 'a genset at 400 kW has a fifth left',
    measured: { activePowerW: 400_000 },
    able: genset,
    is: { availableCapacityPct: 20, availableCurrentA: 150 },
  },
  {
    say: 'a limit of 20 % at 100 kW leaves nothing',
    measured: { activePowerW: 100_000, powerLimitPct: 20 },
    able: genset,
    is: { availableCapacityPct: 0, availableCurrentA: 0 },
  },
  {
    say: 'a fault leaves nothing',
    measured: { activePowerW: 0, health: 'fault' },
    able: genset,
    is: { availableCapacityPct: 0, availableCurrentA: 0 },
  },
  { say: 'unknown power leaves it unknown', measured: {}, able: genset, is: {} },
  { say: 'an unknown rating leaves it unknown', measured: { activePowerW: 0 }, able: genset, limits: {}, is: {} },
  {
    say: 'PV without availability leaves it unknown',
    measured: { activePowerW: 100_000 },
    able: ['generation'],
    is: {},
  },
  {
    say: 'PV with availability tells',
    measured: { activePowerW: 100_000, availablePowerW: 150_000 },
    able: ['generation'],
    is: { availableCapacityPct: 10, availableCurrentA: 75 },
  },
  {
    say: 'overload is no negative headroom',
    measured: { activePowerW: 520_000 },
    able: genset,
    is: { availableCapacityPct: 0, availableCurrentA: 0 },
  },
  {
    say: 'a discharging battery tells how long',
    measured: { activePowerW: 250_000, stateOfChargePct: 50, storedEnergyWh: 500_000 },
    able: battery,
    is: { availableCapacityPct: 50, availableCurrentA: 375, holdTimeS: 7200 },
  },
  {
    say: 'a charging battery has no end',
    measured: { activePowerW: -250_000, stateOfChargePct: 50, storedEnergyWh: 500_000 },
    able: battery,
    is: { availableCapacityPct: 100, availableCurrentA: 750 },
  },
  {
    say: 'an empty battery gives nothing',
    measured: { activePowerW: 0, stateOfChargePct: 0, storedEnergyWh: 0 },
    able: battery,
    is: { availableCapacityPct: 0, availableCurrentA: 0 },
  },
  { say: 'a battery that does not tell its charge', measured: { activePowerW: 0 }, able: battery, is: {} },
  {
    say: 'fuel at 400 kW lasts 4.6 h',
    measured: { activePowerW: 400_000, fuelPct: 50 },
    able: genset,
    is: { availableCapacityPct: 20, availableCurrentA: 150, holdTimeS: 16_667 },
  },
])('$say', ({ measured, able, limits, is }) => {
  expect(capacity(measured, limits ?? rated, able, fuel)).toEqual({
    availableCapacityPct: undefined,
    availableCurrentA: undefined,
    holdTimeS: undefined,
    ...is,
  });
});
