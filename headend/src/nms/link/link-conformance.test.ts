/** What every link does, asked of both with real sockets. */
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { ExternalBroker } from './external-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { type Inbound, type Link, silentLog } from './link.ts';
import { mosquittoIsMissing, startMosquitto } from './mosquitto.ts';
import { connectPacket, rawConnect } from './raw-client.ts';

type Bench = { link: Link; port: () => number; end: () => Promise<void> };

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.make();
});

async function embedded(): Promise<Bench> {
  const access = gatewayAccess({ stands: () => true, toolsMayPublish: true });
  const link = new EmbeddedBroker({ port: 0, tls: authority.server }, access, silentLog);
  return { link, port: () => link.port ?? 0, end: () => link.stop() };
}

async function external(): Promise<Bench> {
  const broker = await startMosquitto(authority.server);
  const { key, cert, ca } = authority.headEnd;
  const link = new ExternalBroker({ url: broker.url, clientId: 'headend', tls: { key, cert, ca } }, silentLog);
  const end = async (): Promise<void> => {
    await link.stop();
    await broker.stop();
  };
  return { link, port: () => broker.port, end };
}

const one = async (): Promise<TestIdentity> => await authority.gateway('one');
const waits = { timeout: 3_000, interval: 5 };
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

describe.for([
  { name: 'embedded broker', build: embedded, missing: false },
  { name: 'external broker (mosquitto)', build: external, missing: mosquittoIsMissing },
])('$name', ({ build, missing }) => {
  let bench: Bench;
  let link: Link;
  const clients: MqttClient[] = [];

  beforeEach(async (context) => {
    context.skip(missing, 'mosquitto is missing');
    bench = await build();
    link = bench.link;
  });
  afterEach(async () => {
    if (missing) return;
    for (const client of clients.splice(0)) client.end(true);
    await bench.end();
  });

  async function up(): Promise<void> {
    await link.start();
    await vi.waitFor(() => expect(link.stats().state).toBe('up'), waits);
  }

  async function join(clientId: string): Promise<MqttClient> {
    const joined = await connectAsync(`mqtts://127.0.0.1:${bench.port()}`, {
      ...(await one()),
      clientId,
      reconnectPeriod: 0,
    });
    clients.push(joined);
    return joined;
  }

  test('hears what clients say, byte for byte, by filter, each handler once', async () => {
    const heard: Record<string, Inbound[]> = { status: [], one: [], all: [] };
    link.onMessage('tiepoint/v1/+/+/status', (m) => heard['status']?.push(m), { qos: 0 });
    link.onMessage('tiepoint/v1/one/#', (m) => heard['one']?.push(m));
    link.onMessage('#', (m) => heard['all']?.push(m));
    await up();
    const gateway = await join('gw-one');
    const payload = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await gateway.publishAsync('tiepoint/v1/one/meter-1/status', payload, { qos: 0 });
    await gateway.publishAsync('tiepoint/v1/one/birth', Buffer.alloc(0), { qos: 1 });
    await vi.waitFor(() => expect(heard['all']?.length).toBe(2), waits);
    expect(heard['status']).toEqual([{ topic: 'tiepoint/v1/one/meter-1/status', payload, retained: false }]);
    expect(heard['one']?.map((m) => m.topic).sort()).toEqual([
      'tiepoint/v1/one/birth',
      'tiepoint/v1/one/meter-1/status',
    ]);
    expect(link.stats()).toMatchObject({ received: 2, receivedBytes: 256, handlerFailures: 0 });
  });

  test('what it publishes reaches subscribers at both levels, itself, and late ones where retained', async () => {
    const own: string[] = [];
    link.onMessage('tiepoint/v1/one/+/command', (m) => own.push(text(m.payload)));
    await up();
    const gateway = await join('gw-one');
    const got: string[] = [];
    gateway.on('message', (topic, payload, { qos, retain }) => got.push(`${topic} ${text(payload)} ${qos} ${retain}`));
    await gateway.subscribeAsync('tiepoint/v1/one/+/command', { qos: 1 });
    const topic = 'tiepoint/v1/one/meter-1/command';
    expect(await link.publish(topic, Buffer.from('a'), { qos: 0 })).toEqual({ ok: true });
    expect(await link.publish(topic, Buffer.from('b'), { qos: 1 })).toEqual({ ok: true });
    expect(await link.publish('tiepoint/v1/host', Buffer.from('here'), { qos: 1, retain: true })).toEqual({ ok: true });
    await vi.waitFor(() => expect([got.length, own.length]).toEqual([2, 2]), waits);
    expect([...got].sort()).toEqual([`${topic} a 0 false`, `${topic} b 1 false`]);
    await gateway.subscribeAsync('tiepoint/v1/host', { qos: 1 });
    await vi.waitFor(() => expect(got[2]).toBe('tiepoint/v1/host here 1 true'), waits);
    expect(link.stats()).toMatchObject({ published: 3, publishFailures: 0 });
  });

  test('says why it does not publish', async () => {
    const reason = async (topic: string, bytes = 1): Promise<string> => {
      const outcome = await link.publish(topic, Buffer.alloc(bytes), { qos: 1 });
      return outcome.ok ? 'ok' : outcome.reason;
    };
    expect(await reason('a')).toBe('link-down');
    await up();
    expect(await reason('a')).toBe('ok');
    expect(await reason('')).toBe('invalid');
    expect(await reason('a/+')).toBe('invalid');
    expect(await reason('$SYS/a')).toBe('invalid');
    expect(await reason('a/'.repeat(9))).toBe('invalid');
    expect(await reason('x'.repeat(65_536))).toBe('invalid');
    expect(await reason('a', 300_000)).toBe('too-large');
    await link.stop();
    expect(await reason('a')).toBe('link-down');
    expect(link.stats()).toMatchObject({ published: 1, publishFailures: 8 });
  });

  test('a handler that throws or rejects on malformed payloads harms nobody', async () => {
    let parsed = 0;
    link.onMessage('tiepoint/#', (m) => {
      JSON.parse(text(m.payload));
      parsed += 1;
    });
    const rejecting: (m: Inbound) => unknown = async (m) => JSON.parse(text(m.payload)) as unknown;
    link.onMessage('tiepoint/#', rejecting);
    await up();
    const gateway = await join('gw-one');
    for (const payload of [Buffer.from('{'), Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('{}')]) {
      await gateway.publishAsync('tiepoint/v1/one/meter-1/status', payload, { qos: 1 });
    }
    await vi.waitFor(() => expect(link.stats().handlerFailures).toBe(6), waits);
    await vi.waitFor(() => expect(parsed).toBe(1), waits);
  });

  test('hears the will of a client that dies, not that of one that takes its leave', async () => {
    const deaths: string[] = [];
    link.onMessage('tiepoint/v1/+/death', (m) => deaths.push(text(m.payload)));
    await up();
    const will = (payload: string): { topic: string; payload: string } => ({ topic: 'tiepoint/v1/one/death', payload });
    const leaving = await rawConnect(bench.port(), connectPacket('gw-one', 60, will('left')), await one());
    leaving.socket.end(Buffer.from([0xe0, 0]));
    leaving.socket.resume();
    await new Promise((resolve) => leaving.socket.once('close', resolve));
    const dying = await rawConnect(bench.port(), connectPacket('gw-one', 60, will('died')), await one());
    expect(dying.answer).toBe(0);
    dying.socket.resetAndDestroy();
    await vi.waitFor(() => expect(deaths).toEqual(['died']), waits);
  });

  test('a second client with the same id takes over: first the will of the old, then the birth of the new', async () => {
    const heard: string[] = [];
    link.onMessage('tiepoint/v1/one/+', (m) => heard.push(text(m.payload)));
    await up();
    const will = (boot: number): { topic: string; payload: string } => ({
      topic: 'tiepoint/v1/one/death',
      payload: `death ${boot}`,
    });
    for (const boot of [1, 2, 3]) {
      const gateway = await connectAsync(`mqtts://127.0.0.1:${bench.port()}`, {
        ...(await one()),
        clientId: 'gw-one',
        username: 'one process',
        reconnectPeriod: 0,
        will: { ...will(boot), qos: 1, retain: false },
      });
      gateway.on('error', () => undefined);
      clients.push(gateway);
      await gateway.publishAsync('tiepoint/v1/one/birth', `birth ${boot}`, { qos: 1 });
    }
    await vi.waitFor(() => expect(heard).toEqual(['birth 1', 'death 1', 'birth 2', 'death 2', 'birth 3']), waits);
    expect(clients.map(({ connected }) => connected)).toEqual([false, false, true]);
    expect(link.connections?.() ?? 1).toBe(1);
  });

  test('tells up and down once each, and hears nothing of its own stop', async () => {
    const states: string[] = [];
    const heard: string[] = [];
    link.onState((state) => states.push(state));
    link.onMessage('#', (m) => heard.push(m.topic));
    await up();
    const will = { topic: 'tiepoint/v1/one/death', payload: 'x' };
    await rawConnect(bench.port(), connectPacket('gw-one', 60, will), await one());
    await link.stop();
    await link.stop();
    expect(states).toEqual(['up', 'down']);
    expect(heard).toEqual([]);
  });
});
