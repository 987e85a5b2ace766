import { sunspec } from '../../src/point-notation.ts';
import type { Condition, Profile, Step } from '../../src/profile.ts';
import { inputAlarms, inverterAlarms } from './alarms.ts';

/** Inverters of the family of models 101 to 124, with and without storage, share what is here. */
export const legacyInverters = [101, 102, 103, 111, 112, 113];
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
export const connected = { 0: 'disconnected', 1: 'connected' };
export const offOn = { 0: 'off', 1: 'on' };

export const noPower: readonly Condition[] = [
  { point: 'activePowerW', below: 50, orBelowRated: 0.01 },
  // The filter of a disconnected inverter may still draw some reactive current on its grid side.
  { point: 'currentA', below: 1, orBelowRated: 0.05 },
];

export const legacyPoints: Profile['points'] = {
  activePowerW: sunspec(legacyInverters, 'W'),
  reactivePowerVar: sunspec(legacyInverters, 'VAr'),
  apparentPowerVa: sunspec(legacyInverters, 'VA'),
  // A is the sum of the phases; what a rating compares with is the current of one.
  currentA: [sunspec(legacyInverters, 'AphA'), sunspec(singlePhase, 'A')],
  currentAA: sunspec(legacyInverters, 'AphA'),
  currentBA: sunspec(legacyInverters, 'AphB'),
  currentCA: sunspec(legacyInverters, 'AphC'),
  voltageV: [sunspec(legacyInverters, 'PhVphA'), sunspec(legacyInverters, 'PPVphAB')],
  voltageAV: sunspec(legacyInverters, 'PhVphA'),
  voltageBV: sunspec(legacyInverters, 'PhVphB'),
  voltageCV: sunspec(legacyInverters, 'PhVphC'),
  frequencyHz: sunspec(legacyInverters, 'Hz'),
  exportedEnergyWh: [sunspec(legacyInverters, 'WH', { every: 'minute' }), sunspec([122], 'ActWh', { every: 'minute' })],
  operatingState: sunspec(legacyInverters, 'St', { codes: states }),
  health: sunspec(legacyInverters, 'St', { codes: healthOfState }),
  // Of model 160 the events of all inputs together: those of each would cost a read more in every cycle.
  alarms: [
    sunspec(legacyInverters, 'Evt1', { alarmBits: inverterAlarms }),
    sunspec([160], 'Evt', { alarmBits: inputAlarms }),
  ],
  // 123.Conn is what was ordered, never what is: a real inverter reads Conn 0 while it generates and ECPConn says connected.
  connection: [sunspec([122], 'ECPConn', { codes: connected }), sunspec([122], 'PVConn', { bit: 0, codes: connected })],
  availablePowerW: sunspec([122], 'WAval'),
  stateOfChargePct: [sunspec([802], 'SoC', { every: 'minute' }), sunspec([124], 'ChaState', { every: 'minute' })],
  'limit:storageCapacityWh': [sunspec([802], 'WHRtg'), sunspec([120], 'WHRtg')],
  'limit:ratedPowerW': [sunspec([120], 'WRtg'), sunspec([121], 'WMax')],
  'limit:ratedCurrentA': sunspec([120], 'ARtg'),
  'limit:ratedVoltageV': sunspec([121], 'VRef'),
  'set:maxPowerW': [sunspec([121], 'WMax'), sunspec([120], 'WRtg')],
  'set:connect': sunspec([123], 'Conn'),
  'set:connectWindowS': sunspec([123], 'Conn_WinTms'),
  'set:connectRevertS': sunspec([123], 'Conn_RvrtTms'),
  // Seen again every minute: the inverter may have lifted a limit by its own timer.
  'set:limitPct': sunspec([123], 'WMaxLimPct', { every: 'minute' }),
  'set:limitWindowS': sunspec([123], 'WMaxLimPct_WinTms'),
  'set:limitRevertS': sunspec([123], 'WMaxLimPct_RvrtTms'),
  'set:limitRampS': sunspec([123], 'WMaxLimPct_RmpTms'),
  'set:limitEnabled': sunspec([123], 'WMaxLim_Ena', { codes: offOn, every: 'minute' }),
};

/** No window and no revert: an inverter that connects by itself later would energise without an order. */
const connectTimersOff: readonly Step[] = [
  { do: 'write', point: 'set:connectWindowS', value: 0, optional: true },
  { do: 'write', point: 'set:connectRevertS', value: 0, optional: true },
];

export const legacyConnection: Pick<Profile['commands'], 'connect' | 'disconnect'> = {
  disconnect: {
    steps: [...connectTimersOff, { do: 'write', point: 'set:connect', value: 0 }],
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
      ...connectTimersOff,
      { do: 'write', point: 'set:connect', value: 1 },
    ],
    proof: [
      { point: 'connection', is: 'connected' },
      { point: 'voltageV', above: 50 },
    ],
    // Enter service: up to 600 s of delay (IEEE 1547-2018 cl. 4.10), and time to see it.
    withinMs: 660_000,
  },
};

/** The limit lifts itself when nobody renews it for an hour: the inverter's own way back when the line is lost. */
export const limitFor = 3600;
