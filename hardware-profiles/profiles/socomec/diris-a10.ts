import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const unknown = { notImplemented: 0xffff_ffff };
const volts = { scale: 0.01, ...unknown };
const amperes = { scale: 0.001, ...unknown };
// In steps of 0.01 kW.
const watts = { scale: 10, positive: 'import', notImplemented: [0x7fff_ffff, 0xffff_ffff] } as const;
const energy = { scale: 1000, every: 'minute', ...unknown } as const;

export const dirisA10: Profile = {
  name: 'socomec-diris-a10',
  make: 'Socomec',
  model: 'DIRIS A-10',
  source:
    'Socomec DIRIS A-10 Modbus tables, C350H (identification), C558H (measurements), C65CH (energies), function 3; the same in OpenEMS MeterSocomecThreephaseImpl, identifiedDirisA10',
  kind: 'meter',
  capabilities: ['meter'],
  identify: {
    probes: [
      // "SOCO", a character a register; product order 400 is DIRIS.
      { source: at('holding', 0xc350), type: 'uint32', equals: 0x0053_004f },
      { source: at('holding', 0xc352), type: 'uint32', equals: 0x0043_004f },
      { source: at('holding', 0xc354), type: 'uint16', equals: 400 },
      // Other DIRIS have their energies elsewhere.
      {
        source: at('holding', 0xc38a),
        type: 'text',
        length: 8,
        oneOf: ['DIRIS A-10', 'DIRIS A10', 'Diris A-10', 'Diris A10', 'diris a-10', 'diris a10'],
      },
    ],
  },
  control: 'none',
  points: {
    'identity:model': holding(0xc38a, 'text', { length: 8 }),
    voltageV: holding(0xc558, 'uint32', volts),
    voltageAV: holding(0xc558, 'uint32', volts),
    voltageBV: holding(0xc55a, 'uint32', volts),
    voltageCV: holding(0xc55c, 'uint32', volts),
    frequencyHz: holding(0xc55e, 'uint32', { scale: 0.01, notImplemented: 0xffff_ffff }),
    currentA: holding(0xc560, 'uint32', amperes),
    currentAA: holding(0xc560, 'uint32', amperes),
    currentBA: holding(0xc562, 'uint32', amperes),
    currentCA: holding(0xc564, 'uint32', amperes),
    activePowerW: holding(0xc568, 'int32', watts),
    activePowerAW: holding(0xc570, 'int32', watts),
    activePowerBW: holding(0xc572, 'int32', watts),
    activePowerCW: holding(0xc574, 'int32', watts),
    importedEnergyWh: holding(0xc65c, 'uint32', energy),
    exportedEnergyWh: holding(0xc662, 'uint32', energy),
  },
  commands: {},
};
