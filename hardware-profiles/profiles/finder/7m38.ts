import { at, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const finder7m38: Profile = {
  name: 'finder-7m38',
  make: 'Finder',
  model: '7M.38',
  source:
    'Finder Modbus 7M.24-7M.38 v2 (30 June 2021), input registers from 2500 (function 4), float32 big-endian, energies in Wh; the same in volkszaehler/mbmd meters/rs485/finder7m38.go',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('input', 2500), type: 'float32', within: [90, 300] },
      // The single-phase 7M.24 has the same addresses; a second phase makes it a 7M.38.
      { source: at('input', 2502), type: 'float32', within: [90, 300] },
      { source: at('input', 2584), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: input(2500, 'float32'),
    voltageAV: input(2500, 'float32'),
    voltageBV: input(2502, 'float32'),
    voltageCV: input(2504, 'float32'),
    currentA: input(2516, 'float32'),
    currentAA: input(2516, 'float32'),
    currentBA: input(2518, 'float32'),
    currentCA: input(2520, 'float32'),
    activePowerAW: input(2530, 'float32', { positive: 'import' }),
    activePowerBW: input(2532, 'float32', { positive: 'import' }),
    activePowerCW: input(2534, 'float32', { positive: 'import' }),
    activePowerW: input(2536, 'float32', { positive: 'import' }),
    reactivePowerVar: input(2544, 'float32'),
    apparentPowerVa: input(2552, 'float32'),
    frequencyHz: input(2584, 'float32'),
    importedEnergyWh: input(2752, 'float32', { every: 'minute' }),
    exportedEnergyWh: input(2756, 'float32', { every: 'minute' }),
  },
  commands: {},
};
