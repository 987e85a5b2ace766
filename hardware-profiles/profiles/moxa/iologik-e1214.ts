import { at, coil, input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const relay = { codes: { 0: 'off', 1: 'on' }, singleWrite: true };
const to = { parameter: 'to', codes: { off: 0, on: 1 } } as const;
const asOrdered = { parameter: 'to' } as const;

/** The coil that is read back is the state of the output; whether the load behind it switched, the device cannot tell. Its first four relays. */
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
  points: {
    'identity:model': input(5000, 'text', { length: 10 }),
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
