import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { amperes, energy, hertz, modelCode, voltAmperes, volts, watts } from './notation.ts';

export const em112: Profile = {
  name: 'carlo-gavazzi-em112',
  make: 'Carlo Gavazzi',
  model: 'EM111, EM112, ET112',
  source:
    'Carlo Gavazzi EM111/EM112/ET112 communication protocol (function 4); the same in OpenEMS MeterCarloGavazziEm100Impl, evcc cg-emt1xx and victronenergy/dbus-cgwacs ac_sensor_updater.cpp (model codes 102 to 121)',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 50,
  identify: {
    probes: [
      {
        source: modelCode,
        type: 'uint16',
        oneOf: [102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121],
      },
      { source: { table: 'input', address: 0x0f }, type: 'uint16', within: [450, 660] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': input(0x5000, 'text', { length: 7 }),
    voltageV: input(0x00, 'int32', volts),
    currentA: input(0x02, 'int32', amperes),
    activePowerW: input(0x04, 'int32', watts),
    apparentPowerVa: input(0x06, 'int32', voltAmperes),
    reactivePowerVar: input(0x08, 'int32', voltAmperes),
    frequencyHz: input(0x0f, 'uint16', hertz),
    importedEnergyWh: input(0x10, 'int32', energy),
    exportedEnergyWh: input(0x20, 'int32', energy),
  },
  commands: {},
};
