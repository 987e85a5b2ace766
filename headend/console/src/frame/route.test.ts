import { expect, test } from 'vitest';
import { formatRoute, parseRoute } from './route.ts';
import type { Route } from './route.ts';

const routes: readonly Route[] = [
  { page: 'fleet' },
  { page: 'device', id: 'gw-1.genset' },
  { page: 'commands' },
  { page: 'events' },
  { page: 'audit' },
  { page: 'audit', subject: 'gw-1.genset' },
  { page: 'gateways' },
  { page: 'network' },
  { page: 'network', at: '2026-03-10T04:00:00Z' },
  { page: 'circuit', id: 'W/1 a' },
  { page: 'circuit', id: 'W1', at: '2026-03-10T04:00:00+02:00' },
  { page: 'circuit', id: 'W1', at: 'last week?' },
  { page: 'meters' },
  { page: 'meter', id: 'M/17 a' },
  { page: 'account' },
  { page: 'operators' },
];
test.each(routes.map((route) => [formatRoute(route), route] as const))('%s leads back', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test.each(['', '#', '#/nowhere', '#/devices/', '#/devices/%E0%A4%A'])('%s leads to the fleet', (hash) => {
  expect(parseRoute(hash)).toEqual({ page: 'fleet' });
});
