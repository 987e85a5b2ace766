import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { type ClientLimits, ExternalBroker, type ExternalBrokerSettings } from './external-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { type LinkLog, type LinkState, type Published, silentLog } from './link.ts';
import { freePort } from './free-port.ts';
import { mosquittoIsMissing, startMosquitto } from './mosquitto.ts';

let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.make();
});
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const waits = { timeout: 5_000, interval: 5 };
const quick: Partial<ClientLimits> = { backOff: { firstMs: 20, maxMs: 50 }, publishTimeoutMs: 150, stopTimeoutMs: 200 };

type Seen = { link: ExternalBroker; states: LinkState[]; heard: string[]; warnings: Record<string, unknown>[] };

function linkTo(
  port: number,
  limits: Partial<ClientLimits> = {},
  clientId = 'headend',
  tls: ExternalBrokerSettings['tls'] = authority.headEnd,
  will?: ExternalBrokerSettings['will'],
): Seen {
  const warnings: Record<string, unknown>[] = [];
  const log: LinkLog = { info: () => undefined, warn: (fields) => warnings.push(fields) };
  const { key, cert, ca } = tls;
  const url = `mqtts://127.0.0.1:${port}`;
  const settings = { url, clientId, limits: { ...quick, ...limits }, tls: { key, cert, ca }, ...(will && { will }) };
  const link = new ExternalBroker(settings, log);
  const states: LinkState[] = [];
  const heard: string[] = [];
  link.onState((state) => states.push(state));
  link.onMessage('t/#', (m) => heard.push(Buffer.from(m.payload).toString()));
  endings.push(() => link.stop());
  return { link, states, heard, warnings };
}

const reasonOf = (outcome: Published): string => (outcome.ok ? 'ok' : outcome.reason);

test.skipIf(mosquittoIsMissing)(
  'mosquitto restarts: down, up again, subscribed again, and nothing comes late',
  async () => {
    const first = await startMosquitto(authority.server);
    endings.push(() => first.stop());
    const { link, states, heard } = linkTo(first.port);
    await link.start();
    await vi.waitFor(() => expect(states).toEqual(['up']), waits);

    first.freeze();
    const lost = link.publish('t/a', Buffer.from('lost'), { qos: 1 });
    await first.stop();
    expect(await lost).toMatchObject({ ok: false, reason: 'timeout' });
    await vi.waitFor(() => expect(states).toEqual(['up', 'down']), waits);
    expect(reasonOf(await link.publish('t/a', Buffer.from('refused'), { qos: 1 }))).toBe('link-down');

    const second = await startMosquitto(authority.server, { port: first.port });
    endings.push(() => second.stop());
    await vi.waitFor(() => expect(states).toEqual(['up', 'down', 'up']), waits);
    expect(await link.publish('t/a', Buffer.from('new'), { qos: 1 })).toEqual({ ok: true });
    const other = await connectAsync(second.url, { ...(await authority.gateway('one')), reconnectPeriod: 0 });
    endings.push(() => other.endAsync(true));
    await other.publishAsync('t/b', 'other', { qos: 1 });
    await vi.waitFor(() => expect(heard).toEqual(['new', 'other']), waits);
    expect(link.stats()).toMatchObject({ state: 'up', connectionsLost: 1, published: 1, publishFailures: 2 });
  },
);

/** What stands between, so that a line can be cut without a word. */
async function lineTo(port: number): Promise<{ port: number; cut(): void }> {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on('error', () => undefined).pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => ends.forEach((end) => end.destroy());
  endings.push(async () => void (cut(), server.close()));
  return { port: (server.address() as AddressInfo).port, cut };
}

test.skipIf(mosquittoIsMissing)(
  'a will that is another by now: the line is made anew, nothing is said of a death, and at the death the new one is said',
  async () => {
    const broker = await startMosquitto(authority.server);
    endings.push(() => broker.stop());
    const line = await lineTo(broker.port);
    let payload = 'signed with the old key';
    const { link, states } = linkTo(line.port, {}, 'headend', authority.headEnd, {
      topic: 't/host',
      payload: () => Buffer.from(payload),
      qos: 1,
      retain: false,
    });
    const other = await connectAsync(broker.url, { ...(await authority.gateway('one')), reconnectPeriod: 0 });
    endings.push(() => other.endAsync(true));
    const heard: string[] = [];
    other.on('message', (_topic, message) => heard.push(message.toString()));
    await other.subscribeAsync('t/#', { qos: 1 });
    await link.start();
    await vi.waitFor(() => expect(states).toEqual(['up']), waits);
    await link.renewWill();
    expect(states).toEqual(['up']);
    payload = 'signed with the new key';
    const underWay = link.publish('t/under-way', Buffer.from('taken before'), { qos: 1 });
    await link.renewWill();
    expect(await underWay).toEqual({ ok: true });
    await vi.waitFor(() => expect(states).toEqual(['up', 'down', 'up']), waits);
    expect(link.stats().connectionsLost).toBe(0);
    expect(heard).toEqual(['taken before']);
    line.cut();
    await vi.waitFor(() => expect(heard).toEqual(['taken before', 'signed with the new key']), waits);
  },
);

test.skipIf(mosquittoIsMissing)(
  'mosquitto hangs: publishing ends in time, and is bounded by what is in flight',
  async () => {
    const broker = await startMosquitto(authority.server);
    endings.push(() => broker.stop());
    const { link, states, heard } = linkTo(broker.port, { maxInFlight: 3 });
    await link.start();
    await vi.waitFor(() => expect(states).toEqual(['up']), waits);
    broker.freeze();
    const publish = (word: string): Promise<Published> => link.publish('t/a', Buffer.from(word), { qos: 1 });
    const begunMs = performance.now();
    expect((await Promise.all(['1', '2', '3', '4'].map(publish))).map(reasonOf)).toEqual([
      'timeout',
      'timeout',
      'timeout',
      'busy',
    ]);
    expect(performance.now() - begunMs).toBeLessThan(1_000);
    expect(reasonOf(await publish('5'))).toBe('busy'); // what timed out is in flight still
    broker.thaw();
    await vi.waitFor(() => expect(heard).toEqual(['1', '2', '3']), waits); // "it may have been sent": it was
    expect(await publish('6')).toEqual({ ok: true });
  },
);

test.skipIf(mosquittoIsMissing)(
  'a broker that refuses the connection is tried again, with a reason in the log',
  async () => {
    const lines = ['per_listener_settings false', 'allow_anonymous false'];
    const broker = await startMosquitto(authority.server, { lines });
    endings.push(() => broker.stop());
    const { link, states, warnings } = linkTo(broker.port);
    await link.start();
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(2), waits);
    expect(warnings[0]?.['why']).toMatch(/not authorized/i);
    expect(warnings.map(({ attempt }) => attempt).slice(0, 3)).toEqual([1, 2, 3]);
    expect(states).toEqual([]);
  },
);

test.skipIf(mosquittoIsMissing)('both ends prove themselves, or nothing is said', async () => {
  const broker = await startMosquitto(authority.server);
  endings.push(() => broker.stop());
  const stranger = (await TestAuthority.make()).headEnd;
  const { ca, key, cert } = authority.headEnd;
  for (const [tls, why] of [
    [{ key, cert, ca: stranger.ca }, /self-signed|unable to verify|unable to get/],
    [{ ...stranger, ca }, /alert|unknown ca|closed/],
  ] as const) {
    const { link, states, warnings } = linkTo(broker.port, {}, 'headend', tls);
    await link.start();
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(1), waits);
    expect(warnings[0]?.['why']).toMatch(why);
    expect(states).toEqual([]);
    await link.stop();
  }
});

test('no broker at all: the start returns, the link stays down and keeps trying', async () => {
  const { link, states, warnings } = linkTo(await freePort());
  await link.start();
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(2), waits);
  expect(warnings[0]?.['why']).toContain('ECONNREFUSED');
  await link.stop();
  const attempts = warnings.length;
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect([warnings.length, states.length]).toEqual([attempts, 0]);
});

test('a broker that refuses a subscription is not "up": a deaf link would look like a quiet grid', async () => {
  const broker = new EmbeddedBroker(
    { port: 0, tls: authority.server },
    gatewayAccess({ stands: () => true }),
    silentLog,
  );
  endings.push(() => broker.stop());
  await broker.start();
  const { link, states, warnings } = linkTo(broker.port ?? 0, {}, 'gw-one', await authority.gateway('one'));
  await link.start();
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(1), waits);
  expect(warnings[0]?.['why']).toContain('refuses to let gw-one subscribe');
  expect(states).toEqual([]);
});

test.each(['http://127.0.0.1', 'mqtts://', '127.0.0.1:8883', 'mqtt://127.0.0.1'])(
  'the address %s can never work',
  async (url) => {
    const link = new ExternalBroker({ url, clientId: 'headend', tls: authority.headEnd }, silentLog);
    await expect(link.start()).rejects.toThrow('begins with mqtts://');
  },
);
