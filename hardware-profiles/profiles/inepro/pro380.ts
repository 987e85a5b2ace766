import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const kiloImport = { scale: 1000, positive: 'import' } as const;

export const pro380: Profile = {
  name: 'inepro-pro380',
  make: 'Inepro Metering',
  model: 'PRO380-Mod',
  source:
    'Inepro Metering PRO380 series user manual V2.18, appendix A3 (Modbus register map), function 3, float32 big-endian, powers in kW, energies in kWh; the same in volkszaehler/mbmd meters/rs485/inepro.go. Meters of the old map (V1.14) are without these registers',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 0x5002), type: 'float32', within: [90, 300] },
      { source: at('holding', 0x5004), type: 'float32', within: [0, 300] },
      { source: at('holding', 0x5008), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: holding(0x5002, 'float32'),
    voltageAV: holding(0x5002, 'float32'),
    voltageBV: holding(0x5004, 'float32'),
    voltageCV: holding(0x5006, 'float32'),
    frequencyHz: holding(0x5008, 'float32'),
    currentA: holding(0x500c, 'float32'),
    currentAA: holding(0x500c, 'float32'),
    currentBA: holding(0x500e, 'float32'),
    currentCA: holding(0x5010, 'float32'),
    activePowerW: holding(0x5012, 'float32', kiloImport),
    activePowerAW: holding(0x5014, 'float32', kiloImport),
    activePowerBW: holding(0x5016, 'float32', kiloImport),
    activePowerCW: holding(0x5018, 'float32', kiloImport),
    reactivePowerVar: holding(0x501a, 'float32', { scale: 1000 }),
    apparentPowerVa: holding(0x5022, 'float32', { scale: 1000 }),
    importedEnergyWh: holding(0x600c, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: holding(0x6018, 'float32', { scale: 1000, every: 'minute' }),
  },
  commands: {},
};
