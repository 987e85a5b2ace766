import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const kiloImport = { scale: 1000, positive: 'import' } as const;

export const we516: Profile = {
  name: 'orno-we516',
  make: 'ORNO',
  model: 'OR-WE-516, OR-WE-517',
  source:
    'ORNO OR-WE-516/517 register description, function 3, float32 big-endian, powers in kW, energies in kWh; the same in volkszaehler/mbmd meters/rs485/orno3p.go and evcc orno',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    anonymous: true,
    probes: [
      // The description names no register of identity: plausible voltage and frequency is all there is.
      { source: at('holding', 0x0e), type: 'float32', within: [90, 300] },
      { source: at('holding', 0x14), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: holding(0x0e, 'float32'),
    voltageAV: holding(0x0e, 'float32'),
    voltageBV: holding(0x10, 'float32'),
    voltageCV: holding(0x12, 'float32'),
    frequencyHz: holding(0x14, 'float32'),
    currentA: holding(0x16, 'float32'),
    currentAA: holding(0x16, 'float32'),
    currentBA: holding(0x18, 'float32'),
    currentCA: holding(0x1a, 'float32'),
    activePowerW: holding(0x1c, 'float32', kiloImport),
    activePowerAW: holding(0x1e, 'float32', kiloImport),
    activePowerBW: holding(0x20, 'float32', kiloImport),
    activePowerCW: holding(0x22, 'float32', kiloImport),
    reactivePowerVar: holding(0x24, 'float32', { scale: 1000 }),
    apparentPowerVa: holding(0x2c, 'float32', { scale: 1000 }),
    importedEnergyWh: holding(0x0108, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: holding(0x0110, 'float32', { scale: 1000, every: 'minute' }),
  },
  commands: {},
};
