import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { hertz, modelCode } from './notation.ts';
import { threePhase } from './three-phase.ts';

export const em340: Profile = {
  name: 'carlo-gavazzi-em340',
  make: 'Carlo Gavazzi',
  model: 'EM330, EM340, ET330, ET340',
  // These meters add up the phases: with export on one phase and import on another both totals count.
  source:
    'Carlo Gavazzi EM330/EM340/ET330/ET340 communication protocol; the same in volkszaehler/mbmd meters/rs485/carlogavazzi-ex3x0.go, OpenEMS MeterCarloGavazziEm300Impl and victronenergy/dbus-cgwacs (model codes 330 to 345, without 338 and 348, which speak as an EM24)',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 50,
  identify: {
    probes: [
      {
        source: modelCode,
        type: 'uint16',
        oneOf: [330, 331, 332, 333, 334, 335, 336, 337, 339, 340, 341, 342, 343, 344, 345],
      },
      { source: { table: 'input', address: 0x33 }, type: 'uint16', within: [450, 660] },
    ],
  },
  control: 'none',
  points: { ...threePhase, frequencyHz: input(0x33, 'uint16', hertz) },
  commands: {},
};
