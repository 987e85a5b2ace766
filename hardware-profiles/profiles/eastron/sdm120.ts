import { at, holding, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const sdm120: Profile = {
  name: 'eastron-sdm120',
  make: 'Eastron',
  model: 'SDM120-Modbus',
  source:
    'Eastron SDM120-Modbus protocol, input registers (function 4), float32 big-endian, and holding registers FC00H, FC02H; the same in volkszaehler/mbmd meters/rs485/sdm120.go and M-o-a-T/victron-meter-library Eastron_SDM120.py (meter code 20H)',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 80,
  identify: {
    probes: [
      // The registers are those of every SDM meter; only the meter code tells which one it is.
      { source: at('holding', 0xfc02), type: 'uint16', equals: 0x20 },
      { source: at('input', 0), type: 'float32', within: [90, 300] },
      { source: at('input', 70), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': holding(0xfc00, 'uint32'),
    voltageV: input(0, 'float32'),
    currentA: input(6, 'float32'),
    activePowerW: input(12, 'float32', { positive: 'import' }),
    apparentPowerVa: input(18, 'float32'),
    reactivePowerVar: input(24, 'float32'),
    frequencyHz: input(70, 'float32'),
    // The meter counts kWh.
    importedEnergyWh: input(72, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: input(74, 'float32', { scale: 1000, every: 'minute' }),
  },
  commands: {},
};
