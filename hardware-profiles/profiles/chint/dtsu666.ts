import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const tenthImport = { scale: 0.1, positive: 'import' } as const;

export const dtsu666: Profile = {
  name: 'chint-dtsu666',
  make: 'Chint',
  model: 'DTSU666',
  // The floats hold the numbers of the display without its decimal point: 2300 is 230.0 V.
  source:
    'Chint DTSU666/DSSU666 user manual, Modbus address table (function 3, float32 big-endian with implied decimals); the same in volkszaehler/mbmd meters/rs485/dtsu666.go',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 0x2006), type: 'float32', within: [900, 3000] },
      { source: at('holding', 0x2044), type: 'float32', within: [4500, 6600] },
    ],
  },
  control: 'none',
  points: {
    voltageV: holding(0x2006, 'float32', { scale: 0.1 }),
    voltageAV: holding(0x2006, 'float32', { scale: 0.1 }),
    voltageBV: holding(0x2008, 'float32', { scale: 0.1 }),
    voltageCV: holding(0x200a, 'float32', { scale: 0.1 }),
    currentA: holding(0x200c, 'float32', { scale: 0.001 }),
    currentAA: holding(0x200c, 'float32', { scale: 0.001 }),
    currentBA: holding(0x200e, 'float32', { scale: 0.001 }),
    currentCA: holding(0x2010, 'float32', { scale: 0.001 }),
    activePowerW: holding(0x2012, 'float32', tenthImport),
    activePowerAW: holding(0x2014, 'float32', tenthImport),
    activePowerBW: holding(0x2016, 'float32', tenthImport),
    activePowerCW: holding(0x2018, 'float32', tenthImport),
    reactivePowerVar: holding(0x201a, 'float32', { scale: 0.1 }),
    frequencyHz: holding(0x2044, 'float32', { scale: 0.01 }),
    importedEnergyWh: holding(0x101e, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: holding(0x1028, 'float32', { scale: 1000, every: 'minute' }),
  },
  commands: {},
};
