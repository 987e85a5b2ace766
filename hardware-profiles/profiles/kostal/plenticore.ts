import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

// In the factory setting of its byte order (CDAB) the low word comes first.
const lowFirst = { wordOrder: 'little' } as const;
const watts = { wordOrder: 'little', positive: 'export' } as const;

const states = {
  0: 'off',
  1: 'starting',
  2: 'starting',
  3: 'starting',
  4: 'starting',
  6: 'running',
  7: 'throttled',
  8: 'off',
  10: 'standby',
  11: 'starting',
  12: 'starting',
  13: 'off',
  15: 'stopping',
  16: 'sleeping',
};

export const plenticore: Profile = {
  name: 'kostal-plenticore',
  make: 'Kostal',
  model: 'PLENTICORE plus',
  source:
    'KOSTAL interface description MODBUS (TCP) & SunSpec, PLENTICORE, registers 56–178, 320, 514, 531, 768 (function 3, unit 71, port 1502); the same in kilianknoll/kostal-modbusquery, OpenEMS KostalPvInverterImpl and KostalManagedEssImpl, openWB/core kostal_plenticore',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: {
    probes: [
      { source: at('holding', 768), type: 'text', length: 32, startsWith: 'PLENTICORE' },
      // With the byte order set to big-endian in its menu, all numbers would be read wrong: then it is not taken for known.
      { source: at('holding', 56), type: 'uint32', wordOrder: 'little', within: [0, 18] },
    ],
  },
  // The SunSpec registers of the same inverter can be commanded, with a limit that reads back.
  yieldsTo: ['sunspec-inverter', 'sunspec-der'],
  control: 'none',
  points: {
    'identity:model': holding(768, 'text', { length: 32 }),
    'limit:ratedPowerW': holding(531, 'uint16'),
    operatingState: holding(56, 'uint32', { wordOrder: 'little', codes: states }),
    frequencyHz: holding(152, 'float32', lowFirst),
    currentA: holding(154, 'float32', lowFirst),
    currentAA: holding(154, 'float32', lowFirst),
    activePowerAW: holding(156, 'float32', watts),
    voltageV: holding(158, 'float32', lowFirst),
    voltageAV: holding(158, 'float32', lowFirst),
    currentBA: holding(160, 'float32', lowFirst),
    activePowerBW: holding(162, 'float32', watts),
    voltageBV: holding(164, 'float32', lowFirst),
    currentCA: holding(166, 'float32', lowFirst),
    activePowerCW: holding(168, 'float32', watts),
    voltageCV: holding(170, 'float32', lowFirst),
    activePowerW: holding(172, 'float32', watts),
    reactivePowerVar: holding(174, 'float32', lowFirst),
    apparentPowerVa: holding(178, 'float32', lowFirst),
    exportedEnergyWh: holding(320, 'float32', { wordOrder: 'little', every: 'minute' }),
    stateOfChargePct: holding(514, 'uint16', { every: 'minute', plausible: [0, 100] }),
  },
  commands: {},
};
