import { holding, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { ratedPower, serialNumber, tenth, tenthSigned, typeCode, vars, watts } from './notation.ts';

const states = {
  0x0000: 'running',
  0x0001: 'off',
  0x0002: 'off',
  0x0004: 'off',
  0x0008: 'standby',
  0x0010: 'standby',
  0x0020: 'starting',
  0x0040: 'running',
  0x0080: 'throttled',
  0x0100: 'fault',
  0x1000: 'running',
  0x1200: 'standby',
  0x1300: 'off',
  0x1400: 'standby',
  0x1500: 'off',
  0x1600: 'starting',
  0x4000: 'running',
  0x5500: 'fault',
  0x8000: 'off',
  0x8100: 'throttled',
  0x8200: 'throttled',
  0x9100: 'running',
};

export const sungrowSh: Profile = {
  name: 'sungrow-sh',
  make: 'Sungrow',
  model: 'SH-RS, SH-RT, SH-T hybrid inverters',
  // The limit has no timer of its own: it stays until it is written again.
  source:
    'Sungrow communication protocol of residential hybrid inverters, input registers 4990–5242, 13000–13046, holding registers 13089, 13090; the same in mkaiser/Sungrow-SHx-Inverter-Modbus-Home-Assistant modbus_sungrow.yaml, and for the type codes bohdan-s/SunGather. What 13089 and 13090 limit is told by the one project alone',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  maxRegisters: 100,
  identify: {
    probes: [
      {
        source: typeCode,
        type: 'uint16',
        oneOf: [
          // SH3.0RS to SH10RS
          0x0d17, 0x0d0d, 0x0d18, 0x0d0f, 0x0d10, 0x0d1a, 0x0d1b,
          // SH5.0RT to SH10RT
          0x0e00, 0x0e01, 0x0e02, 0x0e03, 0x0e10, 0x0e11, 0x0e12, 0x0e13,
          // the same, V112 and V122
          0x0e0c, 0x0e0d, 0x0e0e, 0x0e0f, 0x0e08, 0x0e09, 0x0e0a, 0x0e0b,
          // SH5T to SH25T
          0x0e20, 0x0e21, 0x0e22, 0x0e23, 0x0e24, 0x0e25, 0x0e26, 0x0e28,
        ],
      },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': serialNumber,
    'limit:ratedPowerW': ratedPower,
    voltageV: input(5018, 'uint16', tenth),
    voltageAV: input(5018, 'uint16', tenth),
    voltageBV: input(5019, 'uint16', tenth),
    voltageCV: input(5020, 'uint16', tenth),
    reactivePowerVar: input(5032, 'int32', vars),
    frequencyHz: input(5241, 'uint16', { scale: 0.01, notImplemented: 0xffff }),
    operatingState: input(12999, 'uint16', { codes: states }),
    stateOfChargePct: input(13022, 'uint16', { scale: 0.1, every: 'minute', notImplemented: 0xffff }),
    currentA: input(13030, 'int16', tenthSigned),
    currentAA: input(13030, 'int16', tenthSigned),
    currentBA: input(13031, 'int16', tenthSigned),
    currentCA: input(13032, 'int16', tenthSigned),
    activePowerW: input(13033, 'int32', watts),
    exportedEnergyWh: input(5003, 'uint32', {
      wordOrder: 'little',
      scale: 100,
      every: 'minute',
      notImplemented: 0xffff_ffff,
    }),
    'set:maxPowerW': ratedPower,
    'set:limitEnabled': holding(13088, 'uint16', { codes: { 0x55: 'off', 0xaa: 'on' } }),
    'set:limitPct': holding(13089, 'uint16', { scale: 0.1, notImplemented: 0xffff }),
  },
  unconfirmed: ['set:limitEnabled', 'set:limitPct'],
  commands: {
    'limit-power': {
      steps: [
        { do: 'write', point: 'set:limitPct', value: { parameter: 'limitPct' } },
        { do: 'write', point: 'set:limitEnabled', value: 0xaa },
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
