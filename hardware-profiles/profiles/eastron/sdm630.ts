import type { Point, Profile } from '../../src/profile.ts';

const input = (address: number, rest: Omit<Point, 'source' | 'type'> = {}): Point => ({
  source: { table: 'input', address },
  type: 'float32',
  ...rest,
});

export const sdm630: Profile = {
  name: 'eastron-sdm630',
  make: 'Eastron',
  model: 'SDM630-Modbus V2',
  source: 'Eastron SDM630 Modbus protocol, input registers (function 4), float32 big-endian',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 80,
  identify: {
    probes: [
      { source: { table: 'input', address: 0 }, type: 'float32', within: [90, 300] },
      { source: { table: 'input', address: 70 }, type: 'float32', within: [45, 66] },
    ],
  },
  control: 'none',
  points: {
    voltageV: input(0),
    voltageAV: input(0),
    voltageBV: input(2),
    voltageCV: input(4),
    currentA: input(6),
    currentAA: input(6),
    currentBA: input(8),
    currentCA: input(10),
    activePowerAW: input(12, { positive: 'import' }),
    activePowerBW: input(14, { positive: 'import' }),
    activePowerCW: input(16, { positive: 'import' }),
    activePowerW: input(52, { positive: 'import' }),
    frequencyHz: input(70),
    // The meter counts kWh.
    importedEnergyWh: input(72, { scale: 1000, every: 'minute' }),
    exportedEnergyWh: input(74, { scale: 1000, every: 'minute' }),
  },
  // It measures; it has no switch.
  commands: {},
};
