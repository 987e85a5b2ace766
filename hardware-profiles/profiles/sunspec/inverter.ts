import { sunspec } from '../../src/point-notation.ts';
import type { Condition, Profile } from '../../src/profile.ts';
import { inverterAlarms } from './alarms.ts';

const inverter = [101, 102, 103, 111, 112, 113];
const singlePhase = [101, 111];

// Models 101 to 113 count St from 1; 4 is MPPT, which is running.
const states = {
  1: 'off',
  2: 'sleeping',
  3: 'starting',
  4: 'running',
  5: 'throttled',
  6: 'stopping',
  7: 'fault',
  8: 'standby',
};
const healthOfState = { 1: 'ok', 2: 'ok', 3: 'ok', 4: 'ok', 5: 'ok', 6: 'ok', 7: 'fault', 8: 'ok' };
const connected = { 0: 'disconnected', 1: 'connected' };

const noPower: readonly Condition[] = [
  { point: 'activePowerW', below: 50, orBelowRated: 0.01 },
  // The filter of a disconnected inverter may still draw some reactive current on its grid side.
  { point: 'currentA', below: 1, orBelowRated: 0.05 },
];

export const sunspecInverter: Profile = {
  name: 'sunspec-inverter',
  make: 'SunSpec',
  model: 'inverter, models 101 to 113 with 120 to 124',
  source: 'SunSpec Information Models 1, 101–103, 111–113, 120–124, 802',
  kind: 'aas',
  capabilities: ['generation'],
  identify: { sunspec: true, anyModel: inverter },
  control: 'none',
  points: {
    activePowerW: sunspec(inverter, 'W'),
    reactivePowerVar: sunspec(inverter, 'VAr'),
    apparentPowerVa: sunspec(inverter, 'VA'),
    // A is the sum of the phases; what a rating compares with is the current of one.
    currentA: [sunspec(inverter, 'AphA'), sunspec(singlePhase, 'A')],
    currentAA: sunspec(inverter, 'AphA'),
    currentBA: sunspec(inverter, 'AphB'),
    currentCA: sunspec(inverter, 'AphC'),
    voltageV: [sunspec(inverter, 'PhVphA'), sunspec(inverter, 'PPVphAB')],
    voltageAV: sunspec(inverter, 'PhVphA'),
    voltageBV: sunspec(inverter, 'PhVphB'),
    voltageCV: sunspec(inverter, 'PhVphC'),
    frequencyHz: sunspec(inverter, 'Hz'),
    exportedEnergyWh: [sunspec(inverter, 'WH', { every: 'minute' }), sunspec([122], 'ActWh', { every: 'minute' })],
    operatingState: sunspec(inverter, 'St', { codes: states }),
    health: sunspec(inverter, 'St', { codes: healthOfState }),
    alarms: sunspec(inverter, 'Evt1', { alarmBits: inverterAlarms }),
    // 123.Conn is what was ordered, never what is: a real inverter reads Conn 0 while it generates and ECPConn says connected.
    connection: [
      sunspec([122], 'ECPConn', { codes: connected }),
      sunspec([122], 'PVConn', { bit: 0, codes: connected }),
    ],
    availablePowerW: sunspec([122], 'WAval'),
    stateOfChargePct: [sunspec([802], 'SoC', { every: 'minute' }), sunspec([124], 'ChaState', { every: 'minute' })],
    'limit:ratedPowerW': [sunspec([120], 'WRtg'), sunspec([121], 'WMax')],
    'limit:ratedCurrentA': sunspec([120], 'ARtg'),
    'limit:storageCapacityWh': [sunspec([802], 'WHRtg'), sunspec([120], 'WHRtg')],
    'limit:ratedVoltageV': sunspec([121], 'VRef'),
    'set:maxPowerW': [sunspec([121], 'WMax'), sunspec([120], 'WRtg')],
    'set:connect': sunspec([123], 'Conn'),
    'set:connectWindowS': sunspec([123], 'Conn_WinTms'),
    'set:connectRevertS': sunspec([123], 'Conn_RvrtTms'),
    'set:limitPct': sunspec([123], 'WMaxLimPct'),
    'set:limitWindowS': sunspec([123], 'WMaxLimPct_WinTms'),
    'set:limitRevertS': sunspec([123], 'WMaxLimPct_RvrtTms'),
    'set:limitEnabled': sunspec([123], 'WMaxLim_Ena', { codes: { 0: 'off', 1: 'on' } }),
  },
  commands: {
    disconnect: {
      steps: [
        // No window and no revert: an inverter that connects by itself later would energise without an order.
        { do: 'write', point: 'set:connectWindowS', value: 0, optional: true },
        { do: 'write', point: 'set:connectRevertS', value: 0, optional: true },
        { do: 'write', point: 'set:connect', value: 0 },
      ],
      proof: [{ point: 'connection', is: 'disconnected' }, ...noPower],
      withinMs: 30_000,
    },
    connect: {
      steps: [
        {
          do: 'require',
          that: [{ point: 'connection', is: 'disconnected' }],
          reason: 'state-unknown',
          say: 'The inverter does not read disconnected.',
        },
        { do: 'write', point: 'set:connectWindowS', value: 0, optional: true },
        { do: 'write', point: 'set:connectRevertS', value: 0, optional: true },
        { do: 'write', point: 'set:connect', value: 1 },
      ],
      proof: [
        { point: 'connection', is: 'connected' },
        { point: 'voltageV', above: 50 },
      ],
      // Enter service: up to 600 s of delay (IEEE 1547-2018 cl. 4.10), and time to see it.
      withinMs: 660_000,
    },
    'limit-power': {
      steps: [
        { do: 'write', point: 'set:limitWindowS', value: 0, optional: true },
        // The limit lifts itself when nobody renews it for an hour: the inverter's own way back when the line is lost.
        { do: 'write', point: 'set:limitRevertS', value: 3600, optional: true },
        { do: 'write', point: 'set:limitPct', value: { parameter: 'limitPct' } },
        { do: 'write', point: 'set:limitEnabled', value: 1 },
      ],
      proof: [
        { point: 'set:limitPct', near: { parameter: 'limitPct' }, tolerance: 0.5 },
        { point: 'set:limitEnabled', is: 'on' },
        { point: 'activePowerW', belowPct: { parameter: 'limitPct' }, of: 'set:maxPowerW', tolerance: 2 },
      ],
      withinMs: 60_000,
    },
  },
};
