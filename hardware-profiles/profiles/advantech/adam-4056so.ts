import { at, coil } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const relay = { codes: { 0: 'off', 1: 'on' }, singleWrite: true };
const to = { parameter: 'to', codes: { off: 0, on: 1 } } as const;
const asOrdered = { parameter: 'to' } as const;

/** The coil that is read back is the state of the output; whether the load behind it switched, the device cannot tell. Its first four outputs. */
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
  points: {
    relay1: coil(16, relay),
    relay2: coil(17, relay),
    relay3: coil(18, relay),
    relay4: coil(19, relay),
    'set:relay1': coil(16, relay),
    'set:relay2': coil(17, relay),
    'set:relay3': coil(18, relay),
    'set:relay4': coil(19, relay),
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
