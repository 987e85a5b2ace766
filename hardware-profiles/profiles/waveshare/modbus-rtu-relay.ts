import { at } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { relayBoard } from '../../src/relay-board.ts';

/** Its first four relays. */
export const waveshareRelay: Profile = {
  name: 'waveshare-rtu-relay-8ch',
  make: 'Waveshare',
  model: 'Modbus RTU Relay, 8 channels, protocol V2',
  source:
    'Waveshare Modbus RTU Relay, development protocol V2: coils 0 to 7, functions 1 and 5; 4000h address and 8000h version, function 3, as public drivers have them',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    anonymous: true,
    probes: [
      // Version in hundredths, V1.00 to V9.99; the unit's own address.
      { source: at('holding', 0x8000), type: 'uint16', within: [100, 999] },
      { source: at('holding', 0x4000), type: 'uint16', within: [1, 255] },
    ],
  },
  control: 'none',
  ...relayBoard(0),
};
