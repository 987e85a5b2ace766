import { expect, test } from 'vitest';
import type { CommandOffer, FleetRow } from '../../../src/api/contract.ts';
import { deviceViewOf, mayPress, mayWith } from './device-view.ts';

const row: FleetRow = {
  id: 'gw.relay',
  gatewayId: 'gw',
  deviceId: 'relay',
  title: 'Relay',
  kind: 'load-control',
  capabilities: ['load-control'],
  profile: 'kmtronic',
  readOnly: false,
  liveness: 'live',
  stale: false,
  control: 'none',
  relay1: 'on',
};
const birth = { commands: ['switch-relay'], limits: {} } as never;
const offer: CommandOffer = {
  kind: 'switch-relay',
  title: 'Switch relay',
  parameters: ['relay', 'to'],
  energises: false,
  proof: 'it reads so',
  may: { ok: false, reason: 'invalid', say: 'A relay is needed.' },
};

test('a command that only lacks its parameters can be pressed, one that is refused cannot', () => {
  expect(mayPress(offer, true).ok).toBe(true);
  expect(mayPress({ ...offer, may: { ok: false, reason: 'local', say: 'LOCAL' } }, true)).toMatchObject({
    reason: 'local',
  });
  expect(mayPress({ ...offer, may: { ok: true } }, false)).toMatchObject({ reason: 'link-down' });
});

test.each([
  [{ relay: 1, to: 'off' }, true],
  [{ relay: 1, to: 'on' }, false],
  [{ relay: 1 }, false],
] as const)('the rule of the protocol answers for %j', (parameters, ok) => {
  expect(mayWith(row, birth, offer, parameters).ok).toBe(ok);
});

test('a stale row never counts as live, and a tag goes along', () => {
  expect(deviceViewOf({ ...row, stale: true }, birth).liveness).toBe('late');
  expect(
    mayWith({ ...row, tagOwner: 'Ana', tagCause: 'crew on site' }, birth, offer, { relay: 1, to: 'off' }),
  ).toMatchObject({ reason: 'tagged' });
});
