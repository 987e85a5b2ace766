import { holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { amperes, designation, energy, hertz, volts, watts } from './notation.ts';

export const abbB21: Profile = {
  name: 'abb-b21',
  make: 'ABB',
  model: 'B21',
  source:
    'ABB B21 user manual, communication with Modbus, mapping tables (function 3); the same in victronenergy/dbus-modbus-client abb.py, which notes that the values of phases read "not supported": the totals are the phase',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [{ ...designation, oneOf: ['B21'] }] },
  control: 'none',
  points: {
    'identity:model': holding(0x8960, 'text', { length: 6 }),
    'identity:serialNumber': holding(0x8900, 'uint32'),
    'identity:firmware': holding(0x8908, 'text', { length: 8 }),
    voltageV: holding(0x5b00, 'uint32', volts),
    currentA: holding(0x5b0c, 'uint32', amperes),
    activePowerW: holding(0x5b14, 'int32', watts),
    frequencyHz: holding(0x5b2c, 'uint16', hertz),
    importedEnergyWh: holding(0x5000, 'uint64', energy),
    exportedEnergyWh: holding(0x5004, 'uint64', energy),
  },
  commands: {},
};
