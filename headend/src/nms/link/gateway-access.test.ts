import { describe, expect, test } from 'vitest';
import { gatewayAccess } from './gateway-access.ts';

const here = '127.0.0.1';
const far = '192.0.2.7';

describe('who may connect', () => {
  const passwords = { authenticate: (_: string, __: unknown, given?: Uint8Array) => String(given) === 'secret' };
  const password = Buffer.from('secret');
  test.each([
    { clientId: 'gw-one', from: here, settings: {}, ok: true },
    { clientId: 'gw-one', from: '::ffff:127.0.0.1', settings: {}, ok: true },
    { clientId: 'gw-one', from: '::1', settings: {}, ok: true },
    { clientId: 'gw-one', from: far, settings: {}, ok: false },
    { clientId: 'gw-one', from: undefined, settings: {}, ok: false },
    { clientId: 'gw-one', from: far, settings: passwords, ok: false },
    { clientId: 'gw-one', from: here, settings: passwords, ok: false },
    { clientId: 'gw-one', from: far, settings: passwords, password, ok: true },
    { clientId: 'gw-', from: here, settings: {}, ok: false },
    { clientId: 'gw-host', from: here, settings: {}, ok: false },
    { clientId: 'gw-A', from: here, settings: {}, ok: false },
    { clientId: 'mosqsub', from: here, settings: passwords, ok: true },
    { clientId: 'mosqsub', from: far, settings: passwords, password, ok: false },
  ])('$clientId from $from: $ok', ({ clientId, from, settings, password: given, ok }) => {
    const request = { clientId, username: undefined, password: given, remoteAddress: from };
    expect(gatewayAccess(settings).mayConnect(request).ok).toBe(ok);
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
    const access = gatewayAccess();
    expect(verb === 'says' ? access.mayPublish(clientId, topic) : access.maySubscribe(clientId, topic)).toBe(wanted);
  });

  test('a setting lets tools publish, and changes nothing for gateways', () => {
    const access = gatewayAccess({ toolsMayPublish: true });
    expect(access.mayPublish('bench', 'tiepoint/v1/one/meter-1/command')).toBe(true);
    expect(access.mayPublish('gw-one', 'tiepoint/v1/one/meter-1/command')).toBe(false);
  });
});
