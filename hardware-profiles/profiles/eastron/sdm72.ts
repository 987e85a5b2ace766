import { at, holding, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const sdm72: Profile = {
  name: 'eastron-sdm72d-m-2',
  make: 'Eastron',
  model: 'SDM72D-M-2',
  source:
    'Eastron SDM72D-M-2 Modbus protocol, input registers (function 4), float32 big-endian, and holding registers FC00H, FC02H; the same in volkszaehler/mbmd meters/rs485/sdm72v2.go and M-o-a-T/victron-meter-library Eastron_SDM72D.py (meter codes 87H, 89H). Not for the first SDM72D-M, which has no voltages',
  kind: 'meter',
  capabilities: ['meter'],
  // "Each request for data must be restricted to 30 parameters or less": SDM72D-M user manual, part 3.
  maxRegisters: 60,
  identify: {
    probes: [
      { source: at('holding', 0xfc02), type: 'uint16', oneOf: [0x89, 0x87] },
      { source: at('input', 0), type: 'float32', within: [90, 300] },
      { source: at('input', 70), type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': holding(0xfc00, 'uint32'),
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
    apparentPowerVa: input(56, 'float32'),
    reactivePowerVar: input(60, 'float32'),
    frequencyHz: input(70, 'float32'),
    // The meter counts kWh.
    importedEnergyWh: input(72, 'float32', { scale: 1000, every: 'minute' }),
    exportedEnergyWh: input(74, 'float32', { scale: 1000, every: 'minute' }),
  },
  commands: {},
};
