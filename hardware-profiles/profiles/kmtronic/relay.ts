import { at } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { relayBoard } from '../../src/relay-board.ts';

export const kmtronicRelay: Profile = {
  name: 'kmtronic-relay',
  make: 'KMTronic',
  model: 'four relays, RS-485',
  source: 'KMTronic Modbus relay: coils 0 to 3, functions 1 and 5',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('coil', 0), type: 'bit', within: [0, 1] },
      { source: at('coil', 1), type: 'bit', within: [0, 1] },
      { source: at('coil', 2), type: 'bit', within: [0, 1] },
      { source: at('coil', 3), type: 'bit', within: [0, 1] },
    ],
  },
  control: 'none',
  ...relayBoard(0),
};
