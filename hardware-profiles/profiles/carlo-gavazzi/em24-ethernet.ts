import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { hertz, modelCode } from './notation.ts';
import { threePhase } from './three-phase.ts';

export const em24Ethernet: Profile = {
  name: 'carlo-gavazzi-em24-ethernet',
  make: 'Carlo Gavazzi',
  model: 'EM24 Ethernet (E1)',
  source:
    'Carlo Gavazzi EM24 Ethernet communication protocol; the same in volkszaehler/mbmd meters/rs485/carlogavazzi-em24_e1.go and victronenergy/dbus-modbus-client carlo_gavazzi.py (model codes 1648 to 1653)',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [{ source: modelCode, type: 'uint16', oneOf: [1648, 1649, 1650, 1651, 1652, 1653] }] },
  control: 'none',
  points: {
    'identity:serialNumber': input(0x5000, 'text', { length: 7 }),
    ...threePhase,
    frequencyHz: input(0x33, 'uint16', hertz),
  },
  commands: {},
};
