import { expect, test } from 'vitest';
import { draftOf, grantsOf, grantTexts } from './grants.ts';
import type { GrantDraft } from './grants.ts';
import type { Grant } from '../../../src/api/operator-contract.ts';

const everywhere = { role: 'viewer', areas: 'all' } as const;
const north = { role: 'dispatcher', areas: ['north'] } as const;
const known = ['north', 'south'];

test.each<{ grants: readonly Grant[] }>([
  { grants: [] },
  { grants: [everywhere] },
  { grants: [everywhere, north] },
  { grants: [{ role: 'engineer', areas: ['north', 'south'] }] },
])('$grants through a form and back', ({ grants }) => {
  expect(grantsOf(draftOf(grants), known)).toEqual({ ok: true, value: grants });
});

test('what is granted everywhere is not also granted in areas', () => {
  const both: readonly Grant[] = [everywhere, { role: 'viewer', areas: ['north'] }];
  expect(grantsOf(draftOf(both), known)).toEqual({ ok: true, value: [everywhere] });
});

test.each([
  { areas: 'north, south', value: [{ role: 'dispatcher', areas: ['north', 'south'] }] },
  { areas: ' north ,, north', value: [north] },
  { areas: ' , ', say: 'Dispatcher: name at least one area, or choose everywhere.' },
  { areas: 'nroth', say: 'Dispatcher: no site is in an area nroth. There are north, south.' },
])('areas "$areas"', ({ areas, ...expected }) => {
  const draft: GrantDraft = { ...draftOf([]), dispatcher: { reach: 'areas', areas } };
  expect(grantsOf(draft, known)).toMatchObject(expected);
});

test('reads as people say it', () => {
  const grants: readonly Grant[] = [
    everywhere,
    { role: 'dr-operator', areas: ['north', 'south'] },
    { role: 'dispatcher', areas: 'all' },
  ];
  expect(grantTexts(grants)).toEqual([
    { where: 'everywhere', roles: 'Viewer, Dispatcher' },
    { where: 'in north, south', roles: 'DR operator' },
  ]);
});
