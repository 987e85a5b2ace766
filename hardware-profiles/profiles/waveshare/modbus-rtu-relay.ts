import { at, coil } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const relay = { codes: { 0: 'off', 1: 'on' }, singleWrite: true };
const to = { parameter: 'to', codes: { off: 0, on: 1 } } as const;
const asOrdered = { parameter: 'to' } as const;

/** The coil that is read back is the state of the output; whether the load behind it switched, the device cannot tell. Its first four relays. */
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
