import type { CommandPlan, Condition, Point, Profile, SetpointName, Step } from '../../src/profile.ts';

const relays = [1, 2, 3, 4] as const;
const onOff = { 0: 'off', 1: 'on' };
const coil = (relay: number): Point => ({
  source: { table: 'coil', address: relay - 1 },
  type: 'bit',
  codes: onOff,
  singleWrite: true,
});

const writes = relays.map((relay): Step => {
  const point: SetpointName = `set:relay${relay}`;
  return {
    do: 'write',
    point,
    value: { parameter: 'to', codes: { off: 0, on: 1 } },
    when: { parameter: 'relay', is: relay },
  };
});
const proofs = relays.map((relay): Condition => ({
  point: `relay${relay}`,
  is: { parameter: 'to' },
  when: { parameter: 'relay', is: relay },
}));
const switchRelay: CommandPlan = { steps: writes, proof: proofs, withinMs: 2_000 };

export const kmtronicRelay: Profile = {
  name: 'kmtronic-relay',
  make: 'KMTronic',
  model: 'four relays, RS-485',
  // The coil that is read back is the state of the output. Whether the contact moved, or the load behind it, the device cannot tell.
  source: 'KMTronic Modbus relay: coils 0 to 3, functions 1 and 5',
  kind: 'load-control',
  capabilities: ['load-control'],
  identify: {
    probes: relays.map((relay) => ({ source: { table: 'coil', address: relay - 1 }, type: 'bit', within: [0, 1] })),
  },
  control: 'none',
  points: {
    relay1: coil(1),
    relay2: coil(2),
    relay3: coil(3),
    relay4: coil(4),
    'set:relay1': coil(1),
    'set:relay2': coil(2),
    'set:relay3': coil(3),
    'set:relay4': coil(4),
  },
  commands: { 'switch-relay': switchRelay },
};
