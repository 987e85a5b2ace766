import { sunspec } from '../../src/point-notation.ts';
import type { Condition, Profile } from '../../src/profile.ts';
import { inverterAlarms, portAlarms } from './alarms.ts';

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
const noYes = { 0: 'no', 1: 'yes' };

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
  source: 'SunSpec DER Information Model (IEEE 1547-2018), models 1, 701–704, 707–710, 713–715',
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
    // Of its ports 714 tells in two registers which has an alarm; the alarm of each would cost a read more in every cycle.
    alarms: [
      sunspec([701], 'Alrm', { alarmBits: inverterAlarms }),
      sunspec([714], 'PrtAlrms', { alarmBits: portAlarms }),
      sunspec([713], 'Sta', { alarmCodes: { 2: 'device-alarm' } }),
    ],
    connection: sunspec([701], 'ConnSt', { codes: { 0: 'disconnected', 1: 'connected' } }),
    control: sunspec([715], 'LocRemCtl', { codes: { 0: 'remote', 1: 'local' } }),
    stateOfChargePct: sunspec([713], 'SoC', { every: 'minute' }),
    storedEnergyWh: sunspec([713], 'WHAvail', { every: 'minute' }),
    'limit:ratedPowerW': sunspec([702], 'WMaxRtg'),
    'limit:ratedCurrentA': sunspec([702], 'AMaxRtg'),
    'limit:ratedVoltageV': sunspec([702], 'VNomRtg'),
    'limit:storageCapacityWh': sunspec([713], 'WHRtg'),
    'set:maxPowerW': [sunspec([702], 'WMax'), sunspec([702], 'WMaxRtg')],
    'set:maxChargeW': [sunspec([702], 'WChaRteMax'), sunspec([702], 'WChaRteMaxRtg')],
    'set:maxDischargeW': [sunspec([702], 'WDisChaRteMax'), sunspec([702], 'WDisChaRteMaxRtg')],
    'set:nominalVoltageV': [sunspec([702], 'VNom'), sunspec([702], 'VNomRtg')],
    'set:normalCategory': sunspec([702], 'NorOpCatRtg', { codes: { 0: 'A', 1: 'B' } }),
    'set:islandCapable': sunspec([702], 'IntIslandCatRtg', { bit: 1, codes: noYes }),
    'set:blackStartCapable': sunspec([702], 'IntIslandCatRtg', { bit: 2, codes: noYes }),
    'set:isochronousCapable': sunspec([702], 'IntIslandCatRtg', { bit: 3, codes: noYes }),
    'set:enterService': sunspec([703], 'ES'),
    'set:enterServiceVoltageHighPct': sunspec([703], 'ESVHi'),
    'set:enterServiceVoltageLowPct': sunspec([703], 'ESVLo'),
    'set:enterServiceFrequencyHighHz': sunspec([703], 'ESHzHi'),
    'set:enterServiceFrequencyLowHz': sunspec([703], 'ESHzLo'),
    'set:enterServiceDelayS': sunspec([703], 'ESDlyTms'),
    'set:enterServiceRandomDelayS': sunspec([703], 'ESRndTms'),
    'set:enterServiceRampS': sunspec([703], 'ESRmpTms'),
    'set:enterServiceRemainingS': sunspec([703], 'ESDlyRemTms'),
    // Curve 1 is the one in force. Voltages in percent of nominal; the rest of a curve is in models 707 to 710.
    'set:tripLowVoltage1Pct': sunspec([707], 'Crv[1].MustTrip.Pt[1].V'),
    'set:tripLowVoltage1S': sunspec([707], 'Crv[1].MustTrip.Pt[1].Tms'),
    'set:tripLowVoltage2Pct': sunspec([707], 'Crv[1].MustTrip.Pt[2].V'),
    'set:tripLowVoltage2S': sunspec([707], 'Crv[1].MustTrip.Pt[2].Tms'),
    'set:tripHighVoltage1Pct': sunspec([708], 'Crv[1].MustTrip.Pt[1].V'),
    'set:tripHighVoltage1S': sunspec([708], 'Crv[1].MustTrip.Pt[1].Tms'),
    'set:tripHighVoltage2Pct': sunspec([708], 'Crv[1].MustTrip.Pt[2].V'),
    'set:tripHighVoltage2S': sunspec([708], 'Crv[1].MustTrip.Pt[2].Tms'),
    'set:tripLowFrequency1Hz': sunspec([709], 'Crv[1].MustTrip.Pt[1].Hz'),
    'set:tripLowFrequency1S': sunspec([709], 'Crv[1].MustTrip.Pt[1].Tms'),
    'set:tripLowFrequency2Hz': sunspec([709], 'Crv[1].MustTrip.Pt[2].Hz'),
    'set:tripLowFrequency2S': sunspec([709], 'Crv[1].MustTrip.Pt[2].Tms'),
    'set:tripHighFrequency1Hz': sunspec([710], 'Crv[1].MustTrip.Pt[1].Hz'),
    'set:tripHighFrequency1S': sunspec([710], 'Crv[1].MustTrip.Pt[1].Tms'),
    'set:tripHighFrequency2Hz': sunspec([710], 'Crv[1].MustTrip.Pt[2].Hz'),
    'set:tripHighFrequency2S': sunspec([710], 'Crv[1].MustTrip.Pt[2].Tms'),
    'set:operation': sunspec([715], 'OpCtl'),
    'set:alarmReset': sunspec([715], 'AlarmReset'),
    'set:deviceHeartbeat': sunspec([715], 'DERHb'),
    'set:controllerHeartbeat': sunspec([715], 'ControllerHb'),
    // Seen again every minute: the device may have lifted a limit by its own timer.
    'set:limitPct': sunspec([704], 'WMaxLimPct', { every: 'minute' }),
    'set:limitEnabled': sunspec([704], 'WMaxLimPctEna', { codes: offOn, every: 'minute' }),
    'set:limitRevertEnabled': sunspec([704], 'WMaxLimPctEnaRvrt', { codes: offOn }),
    'set:limitRevertPct': sunspec([704], 'WMaxLimPctRvrt'),
    'set:limitRevertS': sunspec([704], 'WMaxLimPctRvrtTms'),
    'set:limitRemainingS': sunspec([704], 'WMaxLimPctRvrtRem'),
    'set:powerEnabled': sunspec([704], 'WSetEna', { codes: offOn }),
    'set:powerMode': sunspec([704], 'WSetMod', { codes: { 0: 'percent', 1: 'watts' } }),
    'set:powerW': sunspec([704], 'WSet'),
    'set:powerPct': sunspec([704], 'WSetPct'),
    'set:powerRevertEnabled': sunspec([704], 'WSetEnaRvrt', { codes: offOn }),
    'set:powerRevertW': sunspec([704], 'WSetRvrt'),
    'set:powerRevertS': sunspec([704], 'WSetRvrtTms'),
    'set:powerRemainingS': sunspec([704], 'WSetRvrtRem'),
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
