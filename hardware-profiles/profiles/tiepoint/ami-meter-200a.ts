import { at, holding, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

// No public register map of an AMI meter with service switch is common to makers, so this is Tiepoint's own, for gateways and
// meters that are set up to it. All in input registers, big-endian; all ones (0x80000000 for power) is "not implemented".
//
//   0  identifier 0x5450 ("TP")          24  current phase C, uint32, mA
//   1  version of this map, 1            26  active power, int32, W, import positive
//   2  serial number, 8 registers text   28  frequency, 0.01 Hz
//  10  firmware, 4 registers text        30  energy imported, uint64, Wh
//  14  service voltage phase A, 0.1 V    34  energy exported, uint64, Wh
//  15  … phase B    16  … phase C        38  switch: 0 open, 1 closed, 2 moving, 3 failed
//  17  load-side voltage, the highest    39  alarms, one bit each, see below
//      of the phases, 0.1 V              40  LOCAL/REMOTE: 0 local, 1 remote
//  18  current, the highest of the       41  health: 0 ok, 1 warning, 2 fault
//      phases, uint32, mA                42  rating of the switch, A
//  20  … phase A    22  … phase B
//
// Holding register 0 orders the switch: 1 connect, 2 disconnect; it reads 0 when the order is done.
const none16 = { notImplemented: 0xffff };
const none32 = { notImplemented: 0xffff_ffff };
const none64 = { notImplemented: -1 };
const volts = { ...none16, scale: 0.1 };
const amperes = { ...none32, scale: 0.001 };

export const amiMeter200A: Profile = {
  name: 'ami-meter-200a',
  make: 'Tiepoint',
  model: 'AMI meter with 200 A service switch, generic register map 1',
  source: "Tiepoint's generic register map for AMI meters, version 1: in this file. No maker's map is standard.",
  kind: 'meter',
  capabilities: ['meter', 'service-switch'],
  identify: {
    probes: [
      { source: at('input', 0), type: 'uint16', equals: 0x5450 },
      { source: at('input', 1), type: 'uint16', equals: 1 },
    ],
  },
  limits: { switchRatingA: 200 },
  control: 'point',
  points: {
    'identity:serialNumber': input(2, 'text', { length: 8 }),
    'identity:firmware': input(10, 'text', { length: 4 }),
    'limit:switchRatingA': input(42, 'uint16', none16),
    voltageV: input(14, 'uint16', volts),
    voltageAV: input(14, 'uint16', volts),
    voltageBV: input(15, 'uint16', volts),
    voltageCV: input(16, 'uint16', volts),
    loadSideVoltageV: input(17, 'uint16', volts),
    currentA: input(18, 'uint32', amperes),
    currentAA: input(20, 'uint32', amperes),
    currentBA: input(22, 'uint32', amperes),
    currentCA: input(24, 'uint32', amperes),
    activePowerW: input(26, 'int32', { notImplemented: -0x8000_0000, positive: 'import' }),
    frequencyHz: input(28, 'uint16', { ...none16, scale: 0.01 }),
    importedEnergyWh: input(30, 'uint64', { ...none64, every: 'minute' }),
    exportedEnergyWh: input(34, 'uint64', { ...none64, every: 'minute' }),
    switchState: input(38, 'uint16', { ...none16, codes: { 0: 'open', 1: 'closed', 2: 'moving', 3: 'failed' } }),
    alarms: input(39, 'uint16', {
      ...none16,
      alarmBits: {
        0: 'tamper',
        1: 'over-voltage',
        2: 'under-voltage',
        3: 'over-temperature',
        4: 'switch-failure',
        5: 'phase-loss',
        6: 'memory-failure',
        7: 'over-current',
      },
    }),
    control: input(40, 'uint16', { ...none16, codes: { 0: 'local', 1: 'remote' } }),
    health: input(41, 'uint16', { ...none16, codes: { 0: 'ok', 1: 'warning', 2: 'fault' } }),
    'set:switchOrder': holding(0, 'uint16', none16),
  },
  commands: {
    connect: {
      steps: [
        {
          do: 'require',
          that: [{ point: 'control', is: 'remote' }],
          reason: 'local',
          say: 'The meter is in LOCAL: switch it to REMOTE on site.',
        },
        {
          do: 'require',
          that: [{ point: 'switchState', is: 'open' }],
          reason: 'state-unknown',
          say: 'The switch does not read open.',
        },
        {
          do: 'require',
          that: [{ point: 'loadSideVoltage', is: 'absent' }],
          reason: 'load-side-live',
          say: 'The load side is not measured dead: something may feed it from behind.',
        },
        { do: 'write', point: 'set:switchOrder', value: 1 },
      ],
      proof: [
        { point: 'switchState', is: 'closed' },
        { point: 'loadSideVoltage', is: 'present' },
      ],
      withinMs: 15_000,
    },
    disconnect: {
      steps: [
        {
          do: 'require',
          that: [{ point: 'control', is: 'remote' }],
          reason: 'local',
          say: 'The meter is in LOCAL: switch it to REMOTE on site.',
        },
        { do: 'write', point: 'set:switchOrder', value: 2 },
      ],
      // Voltage that stays on the load side is a welded contact or a source behind it: not confirmed, and told with its value.
      proof: [
        { point: 'switchState', is: 'open' },
        { point: 'currentA', below: 0.5 },
        { point: 'loadSideVoltage', is: 'absent' },
      ],
      withinMs: 15_000,
    },
  },
};
