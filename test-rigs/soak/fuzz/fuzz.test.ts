import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Access } from '@tiepoint/headend/api/access.ts';
import { routesForGateways, routesForPeople } from '@tiepoint/headend/api/testing/route-table.ts';
import { seededRandom } from '../../devices/seeded-random.ts';
import { apiUnderFuzz } from './api.ts';
import type { ApiUnderFuzz } from './api.ts';
import { mayCall } from './callers.ts';
import { fuzz } from './campaign.ts';
import { fileTargets } from './file-targets.ts';
import { decoderTargets, messageDecoders } from './targets.ts';
import type { Target } from './targets.ts';

let api: ApiUnderFuzz;
let files: { targets: readonly Target[]; end(): void };
beforeAll(async () => ([api, files] = await Promise.all([apiUnderFuzz(12), fileTargets()])), 60_000);
afterAll(async () => {
  files.end();
  await api.stop();
});

test('a slice of the campaign: nothing throws, and nothing takes long', async () => {
  const { failures, inputs, byTarget } = await fuzz([...decoderTargets(), ...files.targets, ...api.targets], {
    seed: 4,
    inputs: 50_000,
    withinMs: 5_000,
  });
  expect(failures).toEqual([]);
  expect(inputs).toBeGreaterThan(2_000);
  expect(byTarget['api']).toBeGreaterThan(20);
}, 60_000);

test('every target takes inputs', async () => {
  for (const target of [...decoderTargets(), ...files.targets])
    for (let input = 1; input <= 20; input += 1) await target.take(seededRandom(input));
  expect(messageDecoders().length).toBeGreaterThan(17);
}, 60_000);

test('no route of either table is forgotten', async () => {
  const tables = [await routesForPeople(), await routesForGateways()].flat();
  const named = tables.map(({ method, url }) => `${method} ${url}`.replaceAll(/:(\w+)/g, '{$1}'));
  expect(named.filter((route) => !api.routes.includes(route))).toEqual([]);
});

test.each<{ access: Access; may: readonly string[] }>([
  { access: { to: 'everybody' }, may: ['viewer', 'engineer of north', 'program', 'stranger'] },
  { access: { to: 'gateway' }, may: [] },
  { access: { to: 'signed-in' }, may: ['viewer', 'engineer of north', 'program'] },
  { access: { to: 'signed-in', session: true }, may: ['viewer', 'engineer of north'] },
  { access: { to: 'see', everywhere: true }, may: ['viewer', 'program'] },
  { access: { to: 'configure', of: 'gateway' }, may: ['engineer of north', 'program'] },
  { access: { to: 'manage-keys', everywhere: true }, may: [] },
])('whose answer would be a fault: $access', ({ access, may }) => {
  const callers = {
    viewer: { by: 'session', grants: [{ role: 'viewer', areas: 'all' }] },
    'engineer of north': { by: 'session', grants: [{ role: 'engineer', areas: ['north'] }] },
    program: { by: 'token', grants: [{ role: 'engineer', areas: 'all' }] },
    stranger: { by: 'nothing', grants: [] },
  } as const;
  const those = Object.entries(callers).filter(([, caller]) => mayCall(access, caller));
  expect(those.map(([name]) => name)).toEqual(may);
});

test('every route is asked by everybody, and none does for anybody what is not permitted: each role, of an area, a program, who has not finished to sign in, gateways, strangers', async () => {
  expect(api.routes.length).toBeGreaterThan(90);
  for (const who of ['administrator', 'viewer', 'of-an-area', 'program', 'unfinished', 'stranger', 'gw-2', 'nobody'])
    expect(api.callers).toContain(who);
  expect(await api.sweep(seededRandom(1))).toBeGreaterThan(900);
}, 120_000);
