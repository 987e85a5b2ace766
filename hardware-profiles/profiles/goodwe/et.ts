import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const tenth = { scale: 0.1, notImplemented: 0xffff };

export const goodweEt: Profile = {
  name: 'goodwe-et',
  make: 'GoodWe',
  model: 'ET, EH, BT, BH hybrid inverters',
  source:
    'GoodWe Modbus protocol of hybrid inverters (ET platform), holding registers 35001–35187, 37007 (function 3, unit 247); the same in marcelblijleven/goodwe et.py, OpenEMS AbstractGoodWe and evcc goodwe-hybrid',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: {
    probes: [
      // Model names are "GW10K-ET", "GW6000-EH"; 35000 counts the version of the protocol.
      { source: at('holding', 35011), type: 'text', length: 5, startsWith: 'GW' },
      { source: at('holding', 35123), type: 'uint16', within: [4500, 6600] },
      // What makes a hybrid of it: the operating mode of the battery.
      { source: at('holding', 35184), type: 'uint16', within: [0, 5] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': holding(35003, 'text', { length: 8 }),
    'identity:model': holding(35011, 'text', { length: 5 }),
    'limit:ratedPowerW': holding(35001, 'uint16', { notImplemented: 0xffff }),
    voltageV: holding(35121, 'uint16', tenth),
    voltageAV: holding(35121, 'uint16', tenth),
    voltageBV: holding(35126, 'uint16', tenth),
    voltageCV: holding(35131, 'uint16', tenth),
    currentA: holding(35122, 'uint16', tenth),
    currentAA: holding(35122, 'uint16', tenth),
    currentBA: holding(35127, 'uint16', tenth),
    currentCA: holding(35132, 'uint16', tenth),
    frequencyHz: holding(35123, 'uint16', { scale: 0.01, notImplemented: 0xffff }),
    activePowerAW: holding(35125, 'int16', { positive: 'export' }),
    activePowerBW: holding(35130, 'int16', { positive: 'export' }),
    activePowerCW: holding(35135, 'int16', { positive: 'export' }),
    activePowerW: holding(35137, 'int32', { positive: 'export' }),
    operatingState: holding(35187, 'uint16', {
      codes: { 0: 'standby', 1: 'running', 2: 'running', 3: 'fault', 5: 'starting' },
    }),
    // Normal operation on and off the grid; the other modes tell nothing about where it is.
    connection: holding(35187, 'uint16', { codes: { 1: 'connected', 2: 'islanded' } }),
    stateOfChargePct: holding(37007, 'uint16', { every: 'minute', notImplemented: 0xffff }),
  },
  commands: {},
};
