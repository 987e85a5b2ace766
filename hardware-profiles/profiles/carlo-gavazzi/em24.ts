import { at, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { amperes, energy, hertz, modelCode, volts, watts } from './notation.ts';

export const em24: Profile = {
  name: 'carlo-gavazzi-em24',
  make: 'Carlo Gavazzi',
  model: 'EM24-DIN (RS-485)',
  // 003EH is the total; 0042H, which some projects read, is the partial counter that anybody may reset.
  source:
    'Carlo Gavazzi EM24-DIN serial communication protocol, instantaneous and energy registers (functions 3 and 4); the same in victronenergy/dbus-cgwacs ac_sensor_updater.cpp and M-o-a-T/victron-meter-library EM24RTU.py (total import at 003EH)',
  kind: 'meter',
  capabilities: ['meter'],
  // It gives few words a request; this much was always answered.
  maxRegisters: 11,
  identify: {
    probes: [
      { source: modelCode, type: 'uint16', oneOf: [70, 71, 72, 73] },
      { source: at('input', 0x37), type: 'uint16', within: [450, 660] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': input(0x1300, 'text', { length: 7 }),
    voltageV: input(0x00, 'int32', volts),
    voltageAV: input(0x00, 'int32', volts),
    voltageBV: input(0x02, 'int32', volts),
    voltageCV: input(0x04, 'int32', volts),
    currentA: input(0x0c, 'int32', amperes),
    currentAA: input(0x0c, 'int32', amperes),
    currentBA: input(0x0e, 'int32', amperes),
    currentCA: input(0x10, 'int32', amperes),
    activePowerAW: input(0x12, 'int32', watts),
    activePowerBW: input(0x14, 'int32', watts),
    activePowerCW: input(0x16, 'int32', watts),
    activePowerW: input(0x28, 'int32', watts),
    frequencyHz: input(0x37, 'uint16', hertz),
    importedEnergyWh: input(0x3e, 'int32', energy),
    exportedEnergyWh: input(0x5c, 'int32', energy),
  },
  commands: {},
};
