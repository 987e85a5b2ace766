import { expect, test } from 'vitest';
import type { Grant } from '../store/people-store.ts';
import { mayIn, permissions } from './permissions.ts';
import type { Action } from './permissions.ts';
import { rightsOf } from './rights.ts';

const places = ['north', 'south', undefined];

test.each<{ grants: readonly Grant[] }>([
  { grants: [] },
  { grants: [{ role: 'viewer', areas: 'all' }] },
  { grants: [{ role: 'switching-operator', areas: ['north'] }] },
  {
    grants: [
      { role: 'engineer', areas: ['north'] },
      { role: 'field-technician', areas: ['south', 'north'] },
      { role: 'viewer', areas: 'all' },
    ],
  },
])('$grants: what a page is told before is what is judged at each place', ({ grants }) => {
  const rights = rightsOf(grants);
  for (const action of Object.keys(permissions) as Action[]) {
    const { areas, say } = rights[action];
    const told = places.map((place) => areas === 'all' || (place !== undefined && areas.includes(place)));
    expect(told).toEqual(places.map((place) => mayIn(grants, action, place).ok));
    expect(say === undefined).toBe(areas === 'all' || areas.length > 0);
  }
});
