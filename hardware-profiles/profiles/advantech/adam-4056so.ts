import { at } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { relayBoard } from '../../src/relay-board.ts';

/** Its first four outputs. */
export const adam4056so: Profile = {
  name: 'advantech-adam-4056so',
  make: 'Advantech',
  model: 'ADAM-4056SO, 12 digital outputs',
  source:
    'Advantech ADAM-4000 user manual, appendix G, table 9: outputs 00017 to 00028, module name at 40211 and 40212',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    probes: [
      // The name of the module as two times two bytes: 40 56 "SO".
      { source: at('holding', 210), type: 'uint16', equals: 0x4056 },
      { source: at('holding', 211), type: 'uint16', equals: 0x534f },
    ],
  },
  control: 'none',
  ...relayBoard(16),
};
