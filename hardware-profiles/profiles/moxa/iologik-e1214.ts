import { at, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { relayBoard } from '../../src/relay-board.ts';

const board = relayBoard(0);

/** Its first four relays. */
export const iologikE1214: Profile = {
  name: 'moxa-iologik-e1214',
  make: 'Moxa',
  model: 'ioLogik E1214, 6 relays',
  source:
    'Moxa ioLogik E1200 user manual, E1214 Modbus mapping: relays at coils 0 to 5, relay counts at input registers 64, model name 5000, MAC 5024',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    probes: [
      // MAC addresses of the maker begin with 00 90 E8; only the E1214 of its family counts relay operations here.
      { source: at('input', 5024), type: 'uint16', equals: 0x0090 },
      { source: at('input', 5025), type: 'uint16', within: [0xe800, 0xe8ff] },
      { source: at('input', 64), type: 'uint32', within: [0, 0xffff_ffff] },
    ],
  },
  control: 'none',
  points: { 'identity:model': input(5000, 'text', { length: 10 }), ...board.points },
  commands: board.commands,
};
