import { holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { amperes, designation, energy, hertz, volts, watts } from './notation.ts';

export const abbB23: Profile = {
  name: 'abb-b23-b24',
  make: 'ABB',
  model: 'B23, B24',
  source:
    'ABB B23/B24 user manual, communication with Modbus, mapping tables (function 3); the same in volkszaehler/mbmd meters/rs485/abb.go, victronenergy/dbus-modbus-client abb.py and OpenEMS MeterAbbB23Impl',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [{ ...designation, oneOf: ['B23', 'B24'] }] },
  control: 'none',
  points: {
    'identity:model': holding(0x8960, 'text', { length: 6 }),
    'identity:serialNumber': holding(0x8900, 'uint32'),
    'identity:firmware': holding(0x8908, 'text', { length: 8 }),
    voltageV: holding(0x5b00, 'uint32', volts),
    voltageAV: holding(0x5b00, 'uint32', volts),
    voltageBV: holding(0x5b02, 'uint32', volts),
    voltageCV: holding(0x5b04, 'uint32', volts),
    currentA: holding(0x5b0c, 'uint32', amperes),
    currentAA: holding(0x5b0c, 'uint32', amperes),
    currentBA: holding(0x5b0e, 'uint32', amperes),
    currentCA: holding(0x5b10, 'uint32', amperes),
    activePowerW: holding(0x5b14, 'int32', watts),
    activePowerAW: holding(0x5b16, 'int32', watts),
    activePowerBW: holding(0x5b18, 'int32', watts),
    activePowerCW: holding(0x5b1a, 'int32', watts),
    frequencyHz: holding(0x5b2c, 'uint16', hertz),
    importedEnergyWh: holding(0x5000, 'uint64', energy),
    exportedEnergyWh: holding(0x5004, 'uint64', energy),
  },
  commands: {},
};
