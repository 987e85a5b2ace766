import type { Status } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import type { DeviceRecord } from '../store/store.ts';
import { maxToldMissing, Returns } from './returns.ts';

const sweeps = (returns: Returns, count: number, linkUp = true): readonly { gatewayId: string; say: string }[] =>
  Array.from({ length: count }).flatMap(() => returns.overdue(linkUp));

test('who comes back is no news, once; who does not is told after a minute, once', () => {
  const returns = new Returns();
  for (const gatewayId of ['a', 'b']) returns.expect({ gatewayId, session: 1 });
  returns.expect({ gatewayId: 'dead-before', session: undefined });
  const heard = (receivedAtMs: number): DeviceRecord['lastStatus'] => ({ status: {} as Status, receivedAtMs });
  const devices = [
    { deviceKey: 'a.meter', lastStatus: heard(1_000_000) },
    { deviceKey: 'a.lost', lastStatus: heard(1) },
    { deviceKey: 'a.never' },
  ] as unknown as DeviceRecord[];
  returns.expectDevices(devices);
  expect([returns.gatewayBack('a'), returns.gatewayBack('a'), returns.gatewayBack('new')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([returns.deviceBack('a.meter'), returns.deviceBack('a.meter')]).toEqual([true, false]);
  expect([returns.deviceBack('a.lost'), returns.deviceBack('a.never')]).toEqual([false, false]);
  expect(sweeps(returns, 119)).toEqual([]);
  expect(sweeps(returns, 1)).toEqual([
    { gatewayId: 'b', say: 'Was on line before the head-end started, and has not come back' },
  ]);
  expect(sweeps(returns, 1_000)).toEqual([]);
});

test('while nobody can be heard nobody is missing', () => {
  const returns = new Returns();
  returns.expect({ gatewayId: 'a', session: 1 });
  expect(sweeps(returns, 1_000, false)).toEqual([]);
  expect(sweeps(returns, 120)).toHaveLength(1);
});

test('of many that are missing the first are told, and how many more', () => {
  const returns = new Returns();
  for (let index = 0; index < 1_000; index += 1) returns.expect({ gatewayId: `g-${index}`, session: 1 });
  const told = sweeps(returns, 120);
  expect(told).toHaveLength(maxToldMissing);
  expect(told.at(-1)?.say).toMatch(/has not come back; so are 980 other gateways$/);
});
