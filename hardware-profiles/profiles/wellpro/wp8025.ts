import { at } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { relayBoard } from '../../src/relay-board.ts';

/** Its first four relays. */
export const wellproRelay: Profile = {
  name: 'wellpro-wp8025',
  make: 'Wellpro',
  model: 'WP8025ADAM, 8 relays',
  source:
    'WP8025ADAM register description of a public bridge: relays at coils 0 to 7, functions 1 and 5; unit number and baud code at holding registers 100 and 101',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 100), type: 'uint16', within: [1, 247] },
      { source: at('holding', 101), type: 'uint16', within: [0, 8] },
    ],
  },
  control: 'none',
  ...relayBoard(0),
};
