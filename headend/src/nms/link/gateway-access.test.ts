import { describe, expect, test } from 'vitest';
import { gatewayAccess } from './gateway-access.ts';
import type { Peer } from './peer-certificate.ts';

const gateway = (gatewayId: string): Peer => ({ holder: { of: 'gateway', gatewayId }, serial: '07', notAfterMs: 1 });
const headEnd: Peer = { holder: { of: 'head-end' }, serial: '08', notAfterMs: 1 };
const stands = (gatewayId: string, serial: string): boolean => gatewayId === 'one' && serial === '07';

describe('who may connect', () => {
  test.each([
    { clientId: 'gw-one', peer: gateway('one'), ok: true },
    { clientId: 'gw-one', peer: undefined, ok: false },
    { clientId: 'gw-one', peer: gateway('two'), ok: false },
    { clientId: 'gw-two', peer: gateway('one'), ok: false },
    { clientId: 'gw-two', peer: gateway('two'), ok: false }, // not in force
    { clientId: 'one', peer: gateway('one'), ok: false },
    { clientId: '', peer: gateway('one'), ok: false },
    { clientId: 'mosqsub', peer: gateway('one'), ok: false },
    { clientId: 'gw-one', peer: headEnd, ok: false },
    { clientId: 'mosqsub', peer: headEnd, ok: true },
    { clientId: 'mosqsub', peer: undefined, ok: false },
  ])('$clientId with the certificate of $peer.holder: $ok', ({ clientId, peer, ok }) => {
    const request = { clientId, peer, remoteAddress: '192.0.2.7' };
    expect(gatewayAccess({ stands }).mayConnect(request).ok).toBe(ok);
  });
});

describe('who may publish and subscribe', () => {
  test.each([
    // client, publishes, topic, allowed
    ['gw-one', 'says', 'tiepoint/v1/one/birth', true],
    ['gw-one', 'says', 'tiepoint/v1/one/death', true],
    ['gw-one', 'says', 'tiepoint/v1/one/meter-1/status', true],
    ['gw-one', 'says', 'tiepoint/v1/one/meter-1/ack', true],
    ['gw-one', 'says', 'tiepoint/v1/one/meter-1/command', false],
    ['gw-one', 'says', 'tiepoint/v1/one/inquiry', false],
    ['gw-one', 'says', 'tiepoint/v1/one/configuration', false],
    ['gw-one', 'says', 'tiepoint/v1/two/birth', false],
    ['gw-one', 'says', 'tiepoint/v1/two/meter-1/status', false],
    ['gw-one', 'says', 'tiepoint/v1/host', false],
    ['gw-one', 'says', 'tiepoint/v2/one/birth', false],
    ['gw-one', 'says', 'anything', false],
    ['gw-one', 'hears', 'tiepoint/v1/one/#', true],
    ['gw-one', 'hears', 'tiepoint/v1/one/+/command', true],
    ['gw-one', 'hears', 'tiepoint/v1/host', true],
    ['gw-one', 'hears', 'tiepoint/v1/two/#', false],
    ['gw-one', 'hears', 'tiepoint/v1/+/birth', false],
    ['gw-one', 'hears', 'tiepoint/v1/#', false],
    ['gw-one', 'hears', '#', false],
    ['gw-one', 'hears', '$SYS/#', false],
    ['bench', 'says', 'tiepoint/v1/one/birth', false],
    ['bench', 'says', 'tiepoint/v1/one/meter-1/command', false],
    ['bench', 'hears', '#', true],
    ['', 'hears', 'tiepoint/v1/#', true],
    ['', 'says', 'tiepoint/v1/one/birth', false],
  ])('%s %s %s: %s', (clientId, verb, topic, wanted) => {
    const access = gatewayAccess({ stands });
    expect(verb === 'says' ? access.mayPublish(clientId, topic) : access.maySubscribe(clientId, topic)).toBe(wanted);
  });

  test('a setting lets tools publish, and changes nothing for gateways', () => {
    const access = gatewayAccess({ stands, toolsMayPublish: true });
    expect(access.mayPublish('bench', 'tiepoint/v1/one/meter-1/command')).toBe(true);
    expect(access.mayPublish('gw-one', 'tiepoint/v1/one/meter-1/command')).toBe(false);
  });
});
