import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { milliHertz, modelCode } from './notation.ts';
import { threePhase } from './three-phase.ts';

export const em540: Profile = {
  name: 'carlo-gavazzi-em540',
  make: 'Carlo Gavazzi',
  model: 'EM530, EM540',
  source:
    'Carlo Gavazzi EM530/EM540 communication protocol, frequency at 053CH in mHz; the same in victronenergy/dbus-cgwacs ac_sensor_updater.cpp (model codes 1744 to 1763) and evcc cg-emt3xx',
  kind: 'meter',
  capabilities: ['meter'],
  maxRegisters: 50,
  identify: {
    probes: [
      {
        source: modelCode,
        type: 'uint16',
        oneOf: [
          1744, 1745, 1746, 1747, 1748, 1749, 1750, 1751, 1752, 1753, 1754, 1755, 1756, 1757, 1758, 1759, 1760, 1761,
          1762, 1763,
        ],
      },
    ],
  },
  control: 'none',
  points: { ...threePhase, frequencyHz: input(0x053c, 'int32', milliHertz) },
  commands: {},
};
