import { findProfile, profiles } from '@tiepoint/hardware-profiles';
import type { WriteValue } from '@tiepoint/hardware-profiles';
import type { CommandKind } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { energises } from './energising.ts';

test.each<{ profile: string; point: string; value: number; present?: unknown; may: boolean }>([
  { profile: 'sunspec-inverter', point: 'set:connect', value: 1, may: true },
  { profile: 'sunspec-inverter', point: 'set:connect', value: 0, may: false },
  { profile: 'sunspec-inverter', point: 'set:limitPct', value: 50, present: 100, may: false },
  { profile: 'sunspec-inverter', point: 'set:limitPct', value: 50, present: 50, may: false },
  // A limit that is raised lets more through, and one that is not known may be raised.
  { profile: 'sunspec-inverter', point: 'set:limitPct', value: 100, present: 0, may: true },
  { profile: 'sunspec-inverter', point: 'set:limitPct', value: 50, may: true },
  { profile: 'sunspec-inverter', point: 'set:limitEnabled', value: 1, present: 'off', may: false },
  { profile: 'sunspec-inverter', point: 'set:limitEnabled', value: 0, present: 'on', may: true },
  { profile: 'ami-meter-200a', point: 'set:switchOrder', value: 1, may: true },
  { profile: 'ami-meter-200a', point: 'set:switchOrder', value: 2, may: false },
  // No command writes it: nobody knows.
  { profile: 'ami-meter-200a', point: 'set:switchOrder', value: 7, may: true },
  { profile: 'kmtronic-relay', point: 'set:relay1', value: 1, may: true },
])('$profile $point $value, now $present: $may', ({ profile, point, value, present, may }) => {
  expect(energises(findProfile(profile)!, point, value, present)).toBe(may);
});

/** What connecting or starting writes and disconnecting or stopping does not. */
const energisingWrites = profiles.flatMap((profile) => {
  const written = (kinds: readonly CommandKind[]) =>
    kinds
      .flatMap((kind) => profile.commands[kind]?.steps ?? [])
      .flatMap((step) =>
        step.do === 'write' && !isParameter(step.value) ? [{ point: step.point, value: step.value }] : [],
      );
  const harmless = written(['disconnect', 'stop-generation']).map((write) => JSON.stringify(write));
  return written(['connect', 'start-generation', 'activate-synchronization'])
    .filter((write) => !harmless.includes(JSON.stringify(write)))
    .map((write) => ({ profile, ...write }));
});

function isParameter(value: WriteValue): value is Extract<WriteValue, { parameter: unknown }> {
  return typeof value === 'object' && 'parameter' in value;
}

test('the profiles have such writes', () => expect(energisingWrites.length).toBeGreaterThan(5));

test.each(energisingWrites)('$profile.name $point $value may energise', ({ profile, point, value }) => {
  expect(isParameter(value) || energises(profile, point, value, undefined)).toBe(true);
});
