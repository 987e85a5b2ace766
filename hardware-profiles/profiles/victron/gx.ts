import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

export const victronGx: Profile = {
  name: 'victron-gx',
  make: 'Victron Energy',
  model: 'GX device (Cerbo, Venus, CCGX), unit 100',
  // What the GX does not know it answers with 0, not with an error: a battery at 0 % is not believed. Power is that of the
  // battery, on its DC side; what the solar chargers add is not in it.
  source:
    'Victron CCGX Modbus-TCP register list, com.victronenergy.system at unit 100, registers 800–844; the same in victronenergy/dbus_modbustcp attributes.csv (reserved registers read FFFFH, mappings.cpp) and evcc victron-energy (842 is positive while charging)',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: {
    probes: [
      // Reserved registers between two blocks, and states of a list of codes: together no other device known here.
      { source: at('holding', 827), type: 'uint16', equals: 0xffff },
      { source: at('holding', 828), type: 'uint16', equals: 0xffff },
      { source: at('holding', 826), type: 'uint16', oneOf: [0, 1, 2, 3, 240] },
      { source: at('holding', 843), type: 'uint16', within: [0, 100] },
      { source: at('holding', 844), type: 'uint16', oneOf: [0, 1, 2] },
      { source: at('holding', 847), type: 'uint16', equals: 0xffff },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': holding(800, 'text', { length: 6 }),
    activePowerW: holding(842, 'int16', { positive: 'import' }),
    stateOfChargePct: holding(843, 'uint16', { every: 'minute', notImplemented: 0 }),
  },
  commands: {},
};
