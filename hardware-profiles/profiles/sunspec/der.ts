import { sunspec } from '../../src/point-notation.ts';
import type { Condition, Profile } from '../../src/profile.ts';
import { inverterAlarms } from './alarms.ts';

// Model 701 counts InvSt from 0, unlike St of models 101 to 113.
const states = {
  0: 'off',
  1: 'sleeping',
  2: 'starting',
  3: 'running',
  4: 'throttled',
  5: 'stopping',
  6: 'fault',
  7: 'standby',
};
const healthOfState = { 0: 'ok', 1: 'ok', 2: 'ok', 3: 'ok', 4: 'ok', 5: 'ok', 6: 'fault', 7: 'ok' };
const offOn = { 0: 'off', 1: 'on' };

const noPower: Condition = { point: 'activePowerW', below: 50, orBelowRated: 0.01 };
// The agent asks for it before every command; asked again here because it is written by the device itself.
const remote = {
  do: 'require',
  that: [{ point: 'control', is: 'remote' }],
  reason: 'local',
  say: 'The device is in LOCAL: switch it to REMOTE on site.',
} as const;

export const sunspecDer: Profile = {
  name: 'sunspec-der',
  make: 'SunSpec',
  model: 'distributed energy resource, models 701 to 715',
  source: 'SunSpec DER Information Model (IEEE 1547-2018), models 1, 701–704, 713, 715',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: { sunspec: true, anyModel: [701] },
  control: 'point',
  points: {
    activePowerW: sunspec([701], 'W', { positive: 'export' }),
    reactivePowerVar: sunspec([701], 'Var'),
    apparentPowerVa: sunspec([701], 'VA'),
    // A is the sum of the phases; what a rating compares with is the current of one.
    currentA: [sunspec([701], 'AL1'), sunspec([701], 'A')],
    currentAA: sunspec([701], 'AL1'),
    currentBA: sunspec([701], 'AL2'),
    currentCA: sunspec([701], 'AL3'),
    voltageV: [sunspec([701], 'LNV'), sunspec([701], 'VL1'), sunspec([701], 'LLV')],
    voltageAV: sunspec([701], 'VL1'),
    voltageBV: sunspec([701], 'VL2'),
    voltageCV: sunspec([701], 'VL3'),
    activePowerAW: sunspec([701], 'WL1'),
    activePowerBW: sunspec([701], 'WL2'),
    activePowerCW: sunspec([701], 'WL3'),
    frequencyHz: sunspec([701], 'Hz'),
    exportedEnergyWh: sunspec([701], 'TotWhInj', { every: 'minute' }),
    importedEnergyWh: sunspec([701], 'TotWhAbs', { every: 'minute' }),
    operatingState: [sunspec([701], 'InvSt', { codes: states }), sunspec([701], 'St', { codes: { 0: 'off' } })],
    health: sunspec([701], 'InvSt', { codes: healthOfState }),
    alarms: sunspec([701], 'Alrm', { alarmBits: inverterAlarms }),
    connection: sunspec([701], 'ConnSt', { codes: { 0: 'disconnected', 1: 'connected' } }),
    control: sunspec([715], 'LocRemCtl', { codes: { 0: 'remote', 1: 'local' } }),
    stateOfChargePct: sunspec([713], 'SoC', { every: 'minute' }),
    storedEnergyWh: sunspec([713], 'WHAvail', { every: 'minute' }),
    'limit:ratedPowerW': sunspec([702], 'WMaxRtg'),
    'limit:ratedCurrentA': sunspec([702], 'AMaxRtg'),
    'limit:ratedVoltageV': sunspec([702], 'VNomRtg'),
    'limit:storageCapacityWh': sunspec([713], 'WHRtg'),
    'set:maxPowerW': [sunspec([702], 'WMax'), sunspec([702], 'WMaxRtg')],
    'set:enterService': sunspec([703], 'ES'),
    'set:operation': sunspec([715], 'OpCtl'),
    'set:limitPct': sunspec([704], 'WMaxLimPct'),
    'set:limitEnabled': sunspec([704], 'WMaxLimPctEna', { codes: offOn }),
    'set:limitRevertEnabled': sunspec([704], 'WMaxLimPctEnaRvrt', { codes: offOn }),
    'set:limitRevertS': sunspec([704], 'WMaxLimPctRvrtTms'),
  },
  commands: {
    // The family has no Conn: permission to be in service is what connects and disconnects.
    disconnect: {
      steps: [remote, { do: 'write', point: 'set:enterService', value: 0 }],
      proof: [{ point: 'connection', is: 'disconnected' }, noPower],
      withinMs: 30_000,
    },
    connect: {
      steps: [
        remote,
        {
          do: 'require',
          that: [{ point: 'connection', is: 'disconnected' }],
          reason: 'state-unknown',
          say: 'The device does not read disconnected.',
        },
        { do: 'write', point: 'set:enterService', value: 1 },
      ],
      proof: [
        { point: 'connection', is: 'connected' },
        { point: 'voltageV', above: 50 },
      ],
      // Enter service: up to 600 s of delay (IEEE 1547-2018 cl. 4.10), and time to see it.
      withinMs: 660_000,
    },
    'start-generation': {
      steps: [remote, { do: 'write', point: 'set:operation', value: 1 }],
      proof: [{ point: 'operatingState', is: ['running', 'throttled'] }],
      withinMs: 120_000,
    },
    'stop-generation': {
      steps: [remote, { do: 'write', point: 'set:operation', value: 0 }],
      proof: [{ point: 'operatingState', is: ['off', 'standby', 'sleeping'] }, noPower],
      withinMs: 60_000,
    },
    'limit-power': {
      steps: [
        remote,
        // After an hour without renewal the limit lifts itself: the device's own way back when the line is lost.
        { do: 'write', point: 'set:limitRevertEnabled', value: 0, optional: true },
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
