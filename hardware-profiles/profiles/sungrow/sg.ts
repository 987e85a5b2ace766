import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { ratedPower, serialNumber, tenth, tenthSigned, typeCode, vars, watts } from './notation.ts';

const states = {
  0x0000: 'running',
  0x8000: 'off',
  0x1300: 'off',
  0x1500: 'off',
  0x1400: 'standby',
  0x1200: 'standby',
  0x1600: 'starting',
  0x9100: 'running',
  0x8100: 'throttled',
  0x8200: 'throttled',
  0x5500: 'fault',
};

export const sungrowSg: Profile = {
  name: 'sungrow-sg',
  make: 'Sungrow',
  model: 'SG-RT, SG-RS, SG-CX string inverters',
  source:
    'Sungrow communication protocol of PV grid-connected string inverters, input registers 4990–5038 (function 4); the same in bohdan-s/SunGather registers-sungrow.yaml and evcc sungrow-inverter',
  kind: 'aas',
  capabilities: ['generation'],
  maxRegisters: 100,
  identify: {
    probes: [
      {
        source: typeCode,
        type: 'uint16',
        oneOf: [
          // SG3.0RT to SG20RT
          0x243d, 0x243e, 0x2430, 0x2431, 0x243c, 0x2432, 0x2433, 0x2434, 0x2435, 0x2436, 0x2437,
          // SG3.0RS to SG10RS
          0x2603, 0x2604, 0x2605, 0x2606, 0x2607, 0x260e, 0x2609,
          // SG25CX to SG110CX
          0x2c10, 0x2c00, 0x2c0a, 0x2c01, 0x2c02, 0x2c0b, 0x2c06, 0x2c12, 0x2c15, 0x2c22,
        ],
      },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': serialNumber,
    'limit:ratedPowerW': ratedPower,
    exportedEnergyWh: input(5003, 'uint32', {
      wordOrder: 'little',
      scale: 1000,
      every: 'minute',
      notImplemented: 0xffff_ffff,
    }),
    voltageV: input(5018, 'uint16', tenth),
    voltageAV: input(5018, 'uint16', tenth),
    voltageBV: input(5019, 'uint16', tenth),
    voltageCV: input(5020, 'uint16', tenth),
    currentA: input(5021, 'int16', tenthSigned),
    currentAA: input(5021, 'int16', tenthSigned),
    currentBA: input(5022, 'int16', tenthSigned),
    currentCA: input(5023, 'int16', tenthSigned),
    activePowerW: input(5030, 'int32', watts),
    reactivePowerVar: input(5032, 'int32', vars),
    frequencyHz: input(5035, 'uint16', tenth),
    operatingState: input(5037, 'uint16', { codes: states }),
  },
  commands: {},
};
