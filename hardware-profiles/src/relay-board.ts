import { coil } from './point-notation.ts';
import type { CommandPlan, Point, Profile } from './profile.ts';

const relays = [1, 2, 3, 4] as const;
const onOff = { codes: { 0: 'off', 1: 'on' }, singleWrite: true };

/**
 * The capability of a board whose first four outputs are coils from `firstCoil` on, written one at a time. The coil that is read back
 * is the state of the output: whether the contact moved, or the load behind it, such a board cannot tell.
 */
export function relayBoard(firstCoil: number): Pick<Profile, 'points' | 'commands'> {
  const at = (relay: number): Point => coil(firstCoil + relay - 1, onOff);
  const plan: CommandPlan = {
    steps: relays.map((relay) => ({
      do: 'write',
      point: `set:relay${relay}`,
      value: { parameter: 'to', codes: { off: 0, on: 1 } },
      when: { parameter: 'relay', is: relay },
    })),
    proof: relays.map((relay) => ({
      point: `relay${relay}`,
      is: { parameter: 'to' },
      when: { parameter: 'relay', is: relay },
    })),
    withinMs: 2_000,
  };
  return {
    points: {
      ...Object.fromEntries(relays.map((relay) => [`relay${relay}`, at(relay)])),
      ...Object.fromEntries(relays.map((relay) => [`set:relay${relay}`, at(relay)])),
    },
    commands: { 'switch-relay': plan },
  };
}
