import { sunspec } from '../../src/point-notation.ts';
import type { Profile, Step } from '../../src/profile.ts';
import { batteryAlarms } from './alarms.ts';

const remote: Step = {
  do: 'require',
  that: [{ point: 'control', is: 'remote' }],
  reason: 'local',
  say: 'The battery is in LOCAL: switch it to REMOTE on site.',
};

export const sunspecBattery: Profile = {
  name: 'sunspec-battery',
  make: 'SunSpec',
  model: 'battery, models 802 and 803',
  // Power and voltage are those of its direct current. The model does not tell the sign of W; discharge positive, as common practice
  // has it, is checked at commissioning.
  source: 'SunSpec Information Models 1, 802, 803; sign of W as common practice has it, discharge positive',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  yieldsTo: ['sunspec-inverter', 'sunspec-storage', 'sunspec-der'],
  identify: { sunspec: true, anyModel: [802] },
  control: 'point',
  points: {
    activePowerW: sunspec([802], 'W', { positive: 'export' }),
    currentA: sunspec([802], 'A'),
    voltageV: sunspec([802], 'V'),
    stateOfChargePct: sunspec([802], 'SoC', { every: 'minute' }),
    // That the bank is connected tells its contactors, not whether it gives power: no operating state follows from it.
    // Suspending and SoC protection keep the bank as it was: not told.
    connection: sunspec([802], 'State', { codes: { 1: 'disconnected', 3: 'connected' } }),
    operatingState: sunspec([802], 'State', {
      codes: { 1: 'off', 2: 'starting', 4: 'standby', 6: 'stopping', 99: 'fault' },
    }),
    health: sunspec([802], 'State', {
      codes: { 1: 'ok', 2: 'ok', 3: 'ok', 4: 'ok', 5: 'warning', 6: 'ok', 99: 'fault' },
    }),
    alarms: [
      sunspec([802], 'Evt1', { alarmBits: batteryAlarms }),
      sunspec([803], 'string[*].StrEvt1', { alarmBits: batteryAlarms }),
    ],
    control: sunspec([802], 'LocRemCtl', { codes: { 0: 'remote', 1: 'local' } }),
    'limit:ratedPowerW': sunspec([802], 'WDisChaRteMax'),
    'limit:storageCapacityWh': sunspec([802], 'WHRtg'),
    'set:operation': sunspec([802], 'SetOp', { codes: { 1: 'connect', 2: 'disconnect' } }),
    // By it the battery is told what its inverter does; it starts and stops nothing.
    'set:inverterState': sunspec([802], 'SetInvState', { codes: { 1: 'stopped', 2: 'standby', 3: 'started' } }),
    'set:inverterRequest': sunspec([802], 'ReqInvState', { codes: { 0: 'none', 1: 'start', 2: 'stop' } }),
    'set:alarmReset': sunspec([802], 'AlmRst'),
    'set:deviceHeartbeat': sunspec([802], 'Hb'),
    'set:controllerHeartbeat': sunspec([802], 'CtrlHb'),
    'set:maxChargeW': sunspec([802], 'WChaRteMax'),
    'set:reserveHighPct': sunspec([802], 'SocRsvMax'),
    'set:reserveLowPct': sunspec([802], 'SoCRsvMin'),
    'set:stringsConnected': sunspec([803], 'NStrCon'),
  },
  commands: {
    disconnect: {
      steps: [remote, { do: 'write', point: 'set:operation', value: 2 }],
      proof: [
        { point: 'connection', is: 'disconnected' },
        { point: 'activePowerW', below: 50, orBelowRated: 0.01 },
        { point: 'currentA', below: 1, orBelowRated: 0.05 },
      ],
      withinMs: 60_000,
    },
    connect: {
      steps: [
        remote,
        {
          do: 'require',
          that: [{ point: 'connection', is: 'disconnected' }],
          reason: 'state-unknown',
          say: 'The battery does not read disconnected.',
        },
        { do: 'write', point: 'set:operation', value: 1 },
      ],
      // The contactors close after the direct-current link is charged.
      proof: [{ point: 'connection', is: 'connected' }],
      withinMs: 120_000,
    },
  },
};
