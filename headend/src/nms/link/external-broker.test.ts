import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, expect, test, vi } from 'vitest';
import { EmbeddedBroker } from './embedded-broker.ts';
import { type ClientLimits, ExternalBroker, type ExternalBrokerSettings } from './external-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { type LinkLog, type LinkState, type Published, silentLog } from './link.ts';
import { freePort, mosquittoIsMissing, startMosquitto } from './mosquitto.ts';

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
  tls?: ExternalBrokerSettings['tls'],
): Seen {
  const warnings: Record<string, unknown>[] = [];
  const log: LinkLog = { info: () => undefined, warn: (fields) => warnings.push(fields) };
  const url = `${tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`;
  const settings = { url, clientId, limits: { ...quick, ...limits }, ...(tls === undefined ? {} : { tls }) };
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
    const first = await startMosquitto();
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

    const second = await startMosquitto({ port: first.port });
    endings.push(() => second.stop());
    await vi.waitFor(() => expect(states).toEqual(['up', 'down', 'up']), waits);
    expect(await link.publish('t/a', Buffer.from('new'), { qos: 1 })).toEqual({ ok: true });
    const other = await connectAsync({ host: '127.0.0.1', port: second.port, reconnectPeriod: 0 });
    endings.push(() => other.endAsync(true));
    await other.publishAsync('t/b', 'other', { qos: 1 });
    await vi.waitFor(() => expect(heard).toEqual(['new', 'other']), waits);
    expect(link.stats()).toMatchObject({ state: 'up', connectionsLost: 1, published: 1, publishFailures: 2 });
  },
);

test.skipIf(mosquittoIsMissing)(
  'mosquitto hangs: publishing ends in time, and is bounded by what is in flight',
  async () => {
    const broker = await startMosquitto();
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
  'a broker that refuses the password is tried again, with a reason in the log',
  async () => {
    const broker = await startMosquitto({ lines: ['per_listener_settings false', 'allow_anonymous false'] });
    endings.push(() => broker.stop());
    const { link, states, warnings } = linkTo(broker.port);
    await link.start();
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(2), waits);
    expect(warnings[0]?.['why']).toMatch(/not authorized/i);
    expect(warnings.map(({ attempt }) => attempt).slice(0, 3)).toEqual([1, 2, 3]);
    expect(states).toEqual([]);
  },
);

const opensslIsMissing = spawnSync('openssl', ['version']).status !== 0;

test.skipIf(mosquittoIsMissing || opensslIsMissing)(
  'TLS: a broker that proves itself is talked to, no other',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tiepoint-tls-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const newCert = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    expect(spawnSync('openssl', [...newCert, '-keyout', key, '-out', cert, ...subject]).status).toBe(0);
    await Promise.all([chmod(folder, 0o755), chmod(key, 0o644)]); // mosquitto gives up root before it reads them
    const broker = await startMosquitto({ lines: [`certfile ${cert}`, `keyfile ${key}`] });
    endings.push(() => broker.stop());

    const trusting = linkTo(broker.port, {}, 'trusting', { ca: await readFile(cert, 'utf8') });
    await trusting.link.start();
    await vi.waitFor(() => expect(trusting.states).toEqual(['up']), waits);
    expect(await trusting.link.publish('t/a', Buffer.from('x'), { qos: 1 })).toEqual({ ok: true });

    const wary = linkTo(broker.port, {}, 'wary', {});
    await wary.link.start();
    await vi.waitFor(() => expect(wary.warnings.length).toBeGreaterThan(1), waits);
    expect(wary.warnings[0]?.['why']).toContain('self-signed');
    expect(wary.states).toEqual([]);
  },
);

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
  const broker = new EmbeddedBroker({ port: 0 }, gatewayAccess(), silentLog);
  endings.push(() => broker.stop());
  await broker.start();
  const { link, states, warnings } = linkTo(broker.port ?? 0, {}, 'gw-one');
  await link.start();
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(1), waits);
  expect(warnings[0]?.['why']).toContain('refuses to let gw-one subscribe');
  expect(states).toEqual([]);
});

test.each(['http://127.0.0.1', 'mqtt://', '127.0.0.1:1883'])('the address %s can never work', async (url) => {
  const link = new ExternalBroker({ url, clientId: 'headend' }, silentLog);
  await expect(link.start()).rejects.toThrow('begins with mqtt:// or mqtts://');
});
