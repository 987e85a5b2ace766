import { commandKinds } from '@tiepoint/protocol';
import { describe, expect, test } from 'vitest';
import type { Grant, Role } from '../store/people-store.ts';
import {
  actionWords,
  mayEverywhere,
  mayIn,
  needsSecondFactor,
  permissions,
  roles,
  sees,
  within,
} from './permissions.ts';
import type { Action } from './permissions.ts';

/** Every action, and of every role in the order of `roles` whether it may: written out, so that a change is seen. */
const table: Readonly<Record<Action, string>> = {
  //                          viewer dispatcher switching dr technician engineer administrator
  see: 'yyyyyyy',
  'read-audit': 'nyyynyy',
  'verify-audit': 'nnnnnny',
  tag: 'nyynyyn',
  'remove-tags': 'nnynyyn',
  'read-meters': 'nyyynyn',
  'set-fleet-mode': 'nnynnyn',
  'record-switching': 'nyynnyn',
  'edit-network': 'nnnnnyn',
  'edit-intervals': 'nnnnnyn',
  'set-retention': 'nnnnnny',
  configure: 'nnnnnyn',
  'enter-sites': 'nnnnnyn',
  'issue-enrolment': 'nnnnyyn',
  'revoke-certificates': 'nnnnnyy',
  'manage-keys': 'nnnnnny',
  'administer-operators': 'nnnnnny',
  command: 'nnyynnn',
  approve: 'nnyyyyn',
  connect: 'nnynnnn',
  disconnect: 'nnynnnn',
  'start-generation': 'nnynnnn',
  'stop-generation': 'nnynnnn',
  'enable-synchronization': 'nnynnnn',
  'activate-synchronization': 'nnynnnn',
  'limit-power': 'nnyynnn',
  'switch-relay': 'nnyynnn',
};
const of = (role: Role, areas: Grant['areas'] = 'all'): readonly Grant[] => [{ role, areas }];

test('the table has every action, and every action has its words', () => {
  expect(Object.keys(table).toSorted()).toEqual(Object.keys(permissions).toSorted());
  expect(Object.keys(actionWords).toSorted()).toEqual(Object.keys(permissions).toSorted());
  for (const kind of commandKinds) expect(permissions[kind].length).toBeGreaterThan(0);
});

describe.each(roles.map((role, index) => ({ role, index })))('$role', ({ role, index }) => {
  test.each(Object.entries(table) as [Action, string][])('%s', (action, may) => {
    const expected = may[index] === 'y';
    expect(mayIn(of(role), action, undefined).ok).toBe(expected);
    expect(mayIn(of(role, ['north']), action, 'north').ok).toBe(expected);
    // In another area, and where no area is entered, nobody may anything by a grant on one area.
    expect(mayIn(of(role, ['north']), action, 'south').ok).toBe(false);
    expect(mayIn(of(role, ['north']), action, undefined).ok).toBe(false);
    expect(mayEverywhere(of(role, ['north']), action).ok).toBe(false);
  });
});

test.each([
  { grants: of('viewer'), says: 'Your role viewer may not disconnect: switching-operator may.' },
  { grants: of('switching-operator', ['north']), says: 'You may disconnect in north, not in area south.' },
  { grants: [], says: 'Without a role you may not disconnect: switching-operator may.' },
])('what is said: $says', ({ grants, says }) => {
  expect(mayIn(grants, 'disconnect', 'south')).toEqual({ ok: false, reason: 'not-permitted', say: says });
});

test.each([
  ['viewer', false],
  ['dispatcher', false],
  ['field-technician', true],
  ['switching-operator', true],
  ['dr-operator', true],
  ['engineer', true],
  ['administrator', true],
] as const)('a second factor for %s: %s', (role, needed) => expect(needsSecondFactor(of(role))).toBe(needed));

test.each([
  { grants: of('viewer', ['north']), area: 'north', is: true },
  { grants: of('viewer', ['north']), area: 'south', is: false },
  { grants: of('viewer', ['north']), area: undefined, is: false },
  { grants: of('viewer'), area: undefined, is: true },
  { grants: [], area: 'north', is: false },
])('sees $area by $grants: $is', ({ grants, area, is }) => expect(sees(grants, area)).toBe(is));

test.each<{ wanted: readonly Grant[]; had: readonly Grant[]; is: readonly Grant[] }>([
  { wanted: of('viewer'), had: of('viewer'), is: of('viewer') },
  { wanted: of('administrator'), had: of('viewer'), is: [] },
  { wanted: of('viewer'), had: of('viewer', ['north']), is: of('viewer', ['north']) },
  { wanted: of('viewer', ['north', 'south']), had: of('viewer', ['south']), is: of('viewer', ['south']) },
  { wanted: of('viewer', ['north']), had: of('viewer', ['south']), is: [] },
])('a token of $wanted for $had has $is', ({ wanted, had, is }) => expect(within(wanted, had)).toEqual(is));
