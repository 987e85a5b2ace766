import { at, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const sdm630: Profile = {
  name: 'eastron-sdm630',
  make: 'Eastron',
  model: 'SDM630-Modbus V2',
  source:
    'Eastron SDM630 Modbus protocol, input registers (function 4), float32 big-endian, and holding register FC02H; meter codes 70H, 79H as in M-o-a-T/victron-meter-library Eastron_SDM630v2.py',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 80,
  identify: {
    probes: [
      // SDM630-Modbus V2 and SDM630MCT V2; the other SDM meters answer at the same addresses.
      { source: at('holding', 0xfc02), type: 'uint16', oneOf: [0x70, 0x79] },
      { source: at('input', 0), type: 'float32', within: [90, 300] },
      { source: at('input', 70), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: input(0, 'float32'),
    voltageAV: input(0, 'float32'),
    voltageBV: input(2, 'float32'),
    voltageCV: input(4, 'float32'),
    currentA: input(6, 'float32'),
    currentAA: input(6, 'float32'),
    currentBA: input(8, 'float32'),
    currentCA: input(10, 'float32'),
    activePowerAW: input(12, 'float32', { positive: 'import' }),
    activePowerBW: input(14, 'float32', { positive: 'import' }),
    activePowerCW: input(16, 'float32', { positive: 'import' }),
    activePowerW: input(52, 'float32', { positive: 'import' }),
    frequencyHz: input(70, 'float32'),
    // The meter counts kWh.
    importedEnergyWh: input(72, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: input(74, 'float32', { scale: 1000, every: 'minute' }),
  },
  // It measures; it has no switch.
  commands: {},
};

/**
 * The first version, which has no register for a code of the meter: the same measurements, and nothing that tells it from others. Its
 * voltages of three phases keep a single-phase meter away.
 */
export const sdm630V1: Profile = {
  ...sdm630,
  name: 'eastron-sdm630-v1',
  model: 'SDM630-Modbus, first version',
  source: 'Eastron SDM630 Modbus protocol, input registers (function 4), float32 big-endian',
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 0xfc02), type: 'uint16', refused: true },
      { source: at('input', 0), type: 'float32', within: [90, 300] },
      { source: at('input', 2), type: 'float32', within: [90, 300] },
      { source: at('input', 4), type: 'float32', within: [90, 300] },
      { source: at('input', 70), type: 'float32', within: [45, 66] },
    ],
  },
};
