import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const janitzaUmg: Profile = {
  name: 'janitza-umg',
  make: 'Janitza',
  model: 'UMG 96RM-E and B23',
  source:
    'Janitza UMG 96RM-E Modbus address list, frequently used addresses from 19000 (function 3, float32 big-endian); the same in OpenEMS MeterJanitzaUmg96rmeImpl and, for the B series, volkszaehler/mbmd meters/rs485/janitza.go',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    anonymous: true,
    probes: [
      // No register says what it is; the addresses are at least of no other make known here.
      { source: at('holding', 19000), type: 'float32', within: [90, 300] },
      { source: at('holding', 19050), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: holding(19000, 'float32'),
    voltageAV: holding(19000, 'float32'),
    voltageBV: holding(19002, 'float32'),
    voltageCV: holding(19004, 'float32'),
    currentA: holding(19012, 'float32'),
    currentAA: holding(19012, 'float32'),
    currentBA: holding(19014, 'float32'),
    currentCA: holding(19016, 'float32'),
    activePowerAW: holding(19020, 'float32', { positive: 'import' }),
    activePowerBW: holding(19022, 'float32', { positive: 'import' }),
    activePowerCW: holding(19024, 'float32', { positive: 'import' }),
    activePowerW: holding(19026, 'float32', { positive: 'import' }),
    frequencyHz: holding(19050, 'float32'),
    importedEnergyWh: holding(19068, 'float32', { every: 'minute' }),
    exportedEnergyWh: holding(19076, 'float32', { every: 'minute' }),
  },
  commands: {},
};
