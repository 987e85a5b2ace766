import { at, coil } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const relay = { codes: { 0: 'off', 1: 'on' }, singleWrite: true };
const to = { parameter: 'to', codes: { off: 0, on: 1 } } as const;
const asOrdered = { parameter: 'to' } as const;

export const kmtronicRelay: Profile = {
  name: 'kmtronic-relay',
  make: 'KMTronic',
  model: 'four relays, RS-485',
  // The coil that is read back is the state of the output. Whether the contact moved, or the load behind it, the device cannot tell.
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
  points: {
    relay1: coil(0, relay),
    relay2: coil(1, relay),
    relay3: coil(2, relay),
    relay4: coil(3, relay),
    'set:relay1': coil(0, relay),
    'set:relay2': coil(1, relay),
    'set:relay3': coil(2, relay),
    'set:relay4': coil(3, relay),
  },
  commands: {
    'switch-relay': {
      steps: [
        { do: 'write', point: 'set:relay1', value: to, when: { parameter: 'relay', is: 1 } },
        { do: 'write', point: 'set:relay2', value: to, when: { parameter: 'relay', is: 2 } },
        { do: 'write', point: 'set:relay3', value: to, when: { parameter: 'relay', is: 3 } },
        { do: 'write', point: 'set:relay4', value: to, when: { parameter: 'relay', is: 4 } },
      ],
      proof: [
        { point: 'relay1', is: asOrdered, when: { parameter: 'relay', is: 1 } },
        { point: 'relay2', is: asOrdered, when: { parameter: 'relay', is: 2 } },
        { point: 'relay3', is: asOrdered, when: { parameter: 'relay', is: 3 } },
        { point: 'relay4', is: asOrdered, when: { parameter: 'relay', is: 4 } },
      ],
      withinMs: 2_000,
    },
  },
};
