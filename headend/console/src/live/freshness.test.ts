import { expect, test } from 'vitest';
import type { FleetRow } from '../../../src/api/contract.ts';
import { freshnessOf, staleSay } from './freshness.ts';
import type { Link } from './fleet-store.ts';

const up: Link = { state: 'up' };
const down: Link = { state: 'down', sinceMs: 0 };

test.each<[FleetRow['liveness'], boolean, Link, string]>([
  ['live', false, up, 'live'],
  ['live', true, up, 'late'],
  ['late', true, up, 'late'],
  ['lost', true, up, 'lost'],
  ['never', true, up, 'never'],
  ['live', false, down, 'unlinked'],
  ['lost', true, down, 'unlinked'],
  ['live', false, { state: 'connecting' }, 'unlinked'],
])('%s, stale %s, link %j is %s', (liveness, stale, link, freshness) => {
  expect(freshnessOf({ liveness, stale }, link)).toBe(freshness);
});

test('what is not live says why and how old it is', () => {
  expect(staleSay('live', '4 s')).toBeUndefined();
  expect(staleSay('lost', '13 min')).toMatch(/lost.*13 min old/);
  expect(staleSay('unlinked', undefined)).toMatch(/no connection/);
});
