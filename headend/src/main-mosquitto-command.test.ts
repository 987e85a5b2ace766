import { chownSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayUri } from '@tiepoint/protocol';
import { connectAsync } from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CertificateAuthority, dayMs, newKeyPair } from './authority/certificate-authority.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { clientIdentity } from './authority/own-certificates.ts';
import { TestAuthority } from './authority/testing/test-authority.ts';
import { headendCommand } from './main-commands.ts';
import { freePort } from './nms/link/free-port.ts';
import { mosquittoIsMissing, startMosquittoFile } from './nms/link/mosquitto.ts';
import type { Mosquitto } from './nms/link/mosquitto.ts';
import { connectPacket, rawConnect } from './nms/link/raw-client.ts';
import type { CertificateRecord } from './store/provisioning-store.ts';
import { SqliteStore } from './store/sqlite-store.ts';

type Shown = { key: string; cert: string; serial: string };

let folder: string;
let port: number;
let broker: Mosquitto | undefined;
let authority: CertificateAuthority;
const clients: MqttClient[] = [];
const said: string[] = [];

const at = (name: string): string => join(folder, name);
const written = async (): Promise<number> =>
  await headendCommand(['mosquitto', at('mosquitto'), '--config', at('headend.yaml')]);
const started = async (): Promise<Mosquitto> => await startMosquittoFile(at('mosquitto/mosquitto.conf'), port);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mosquitto-command-'));
  port = await freePort();
  said.length = 0;
  for (const stream of ['log', 'error'] as const)
    vi.spyOn(console, stream).mockImplementation((text: string) => void said.push(text));
  writeFileSync(at('headend.yaml'), `{ data: ${at('data')}, broker: { url: 'mqtts://127.0.0.1:${port}' } }`);
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const client of clients.splice(0)) client.end(true);
  await broker?.stop();
  broker = undefined;
  rmSync(folder, { recursive: true });
});

async function gateway(gatewayId: string): Promise<Shown> {
  const { publicKey, keyPem } = await newKeyPair();
  const altNames = [{ type: 'url' as const, value: gatewayUri(gatewayId) }];
  const order = { publicKey, commonName: gatewayId, altNames, usages: ['client' as const], validMs: 30 * dayMs };
  const { chainPem, serial } = await authority.issue(order, Date.now());
  return { key: keyPem, cert: chainPem, serial };
}

/** As the head-end records them, also while it runs. */
function enter(gatewayId: string, serial: string, revoked?: CertificateRecord['revoked']): void {
  const store = new SqliteStore(at('data'));
  store.start();
  const times = { issuedAtMs: 0, notBeforeMs: 0, notAfterMs: Date.now() + dayMs };
  const record: CertificateRecord = {
    serial,
    gatewayId,
    ...times,
    by: 'enrolment',
    ...(revoked === undefined ? {} : { revoked }),
  };
  store.provisioning.change([{ kind: 'certificate', id: serial, record }], []);
  store.stop();
}

const revoke = (gatewayId: string, serial: string): void => enter(gatewayId, serial, { atMs: 1, cause: 'stolen' });

async function comes({ key, cert }: Pick<Shown, 'key' | 'cert'>, more: IClientOptions = {}): Promise<MqttClient> {
  const tls = { key, cert, ca: authority.certificatesPem };
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { reconnectPeriod: 0, ...tls, ...more });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

/** Of a session by hand: the answer to CONNECT, or that there was none. */
async function answered({ key, cert, serial }: Shown): Promise<number | 'closed'> {
  const identity = { key, cert, serial, ca: authority.certificatesPem };
  const joined = await rawConnect(port, connectPacket('gw-one'), identity).catch(() => undefined);
  joined?.socket.destroy();
  return joined?.answer ?? 'closed';
}

describe.skipIf(mosquittoIsMissing)('a real mosquitto by the configuration that is written', () => {
  beforeEach(async () => {
    if ((await written()) !== 0) throw new Error(said.join());
    broker = await started();
    authority = await CertificateAuthority.open(new KeyFolder(at('data/keys')), Date.now());
  });

  test('each gateway speaks and hears below its own name alone, the head-end everywhere', async () => {
    const headEnd = await comes(await clientIdentity(authority, new KeyFolder(at('data/keys')), { nowMs: Date.now() }));
    const heard: string[] = [];
    headEnd.on('message', (topic) => heard.push(topic));
    await headEnd.subscribeAsync('tiepoint/v1/#', { qos: 1 });
    const [one, two] = [await comes(await gateway('one')), await comes(await gateway('two'))];
    const got: string[] = [];
    for (const [name, client] of Object.entries({ one, two })) {
      client.on('message', (topic) => got.push(`${name} ${topic}`));
      await client.subscribeAsync(['tiepoint/v1/one/#', 'tiepoint/v1/host', '#'], { qos: 1 }).catch(() => undefined);
    }
    for (const topic of [
      'tiepoint/v1/one/birth',
      'tiepoint/v1/one/meter-1/status',
      'tiepoint/v1/two/birth',
      'tiepoint/v1/two/meter-1/status',
      'tiepoint/v1/one/meter-1/command',
      'tiepoint/v1/one/trust',
      'tiepoint/v1/host',
    ])
      await one.publishAsync(topic, 'x', { qos: 1 });
    for (const topic of ['one/meter-1/command', 'one/inquiry', 'two/meter-1/command', 'host'])
      await headEnd.publishAsync(`tiepoint/v1/${topic}`, 'x', { qos: 1 });
    await vi.waitFor(() => expect(heard).toContain('tiepoint/v1/host'));
    // It was sent last, and a broker keeps the order for each of them.
    for (const name of ['one', 'two']) await vi.waitFor(() => expect(got).toContain(`${name} tiepoint/v1/host`));
    const own = ['one/meter-1/command', 'one/inquiry', 'two/meter-1/command', 'host'];
    expect(heard.filter((topic) => !own.includes(topic.slice('tiepoint/v1/'.length)))).toEqual([
      'tiepoint/v1/one/birth',
      'tiepoint/v1/one/meter-1/status',
    ]);
    expect([...new Set(got)].toSorted()).toEqual([
      'one tiepoint/v1/host',
      'one tiepoint/v1/one/inquiry',
      'one tiepoint/v1/one/meter-1/command',
      'two tiepoint/v1/host',
      'two tiepoint/v1/two/meter-1/command',
    ]);
  });

  test('the certificate is the name: another client id takes nobody’s place', async () => {
    const two = await comes(await gateway('two'), { clientId: 'gw-two' });
    await comes(await gateway('one'), { clientId: 'gw-two' });
    await comes(await gateway('one'), { clientId: 'two', username: 'two' });
    await new Promise((done) => setTimeout(done, 100));
    expect(two.connected).toBe(true);
  });

  test('who shows no certificate, or one of another authority, is not let in', async () => {
    expect(await answered(await gateway('one'))).toBe(0);
    expect(await answered({ key: '', cert: '', serial: '' })).toBe('closed');
    expect(await answered(await (await TestAuthority.make()).gateway('one'))).toBe('closed');
  });

  test('what is revoked is over once mosquitto was told, also on a connection that stands, until the gateway is enrolled anew', async () => {
    const headEnd = await comes(await clientIdentity(authority, new KeyFolder(at('data/keys')), { nowMs: Date.now() }));
    const heard: string[] = [];
    headEnd.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await headEnd.subscribeAsync(['tiepoint/v1/+/birth'], { qos: 1 });
    // Of another one, for who comes takes the place of who is there by the same name.
    const [stolen, alike] = [await gateway('one'), await gateway('three')];
    const [thief, two] = [await comes(stolen), await comes(await gateway('two'))];
    const got: string[] = [];
    thief.on('message', (topic) => got.push(topic));
    await thief.subscribeAsync('tiepoint/v1/one/inquiry', { qos: 1 });
    revoke('one', stolen.serial);
    revoke('three', alike.serial);
    expect(await written(), said.join()).toBe(0);
    expect(said.join()).toContain('2 certificates of gateways revoked');
    broker?.reload();
    await vi.waitFor(async () => expect(await answered(alike)).toBe('closed'));
    await thief.publishAsync('tiepoint/v1/one/birth', 'thief', { qos: 1 });
    await headEnd.publishAsync('tiepoint/v1/one/inquiry', 'x', { qos: 1 });
    await two.publishAsync('tiepoint/v1/two/birth', 'two', { qos: 1 });
    await vi.waitFor(() => expect(heard).toEqual(['tiepoint/v1/two/birth two']));
    expect(await answered(stolen)).toBe('closed');
    const anew = await gateway('one');
    enter('one', anew.serial);
    expect(await written(), said.join()).toBe(0);
    broker?.reload();
    const back = await comes(anew);
    await vi.waitFor(async () => {
      await back.publishAsync('tiepoint/v1/one/birth', 'one', { qos: 1 });
      expect(heard).toContain('tiepoint/v1/one/birth one');
    });
    expect([got, thief.connected]).toEqual([[], false]);
  });
});

test('the folder is for its user alone, and the same certificate is used again', async () => {
  expect(await written(), said.join()).toBe(0);
  const mode = (name: string): number => statSync(at(name)).mode & 0o777;
  expect([mode('mosquitto'), mode('mosquitto/server-key.pem')]).toEqual([0o700, 0o600]);
});

test.skipIf(process.getuid?.() !== 0)(
  'what root writes again belongs to whom the folder does: mosquitto goes on reading it',
  async () => {
    await written();
    chownSync(at('mosquitto'), 12_345, 12_346);
    expect(await written(), said.join()).toBe(0);
    const owners = readdirSync(at('mosquitto')).map((name) => {
      const { uid, gid } = statSync(at(`mosquitto/${name}`));
      return [uid, gid];
    });
    expect(owners).toEqual(owners.map(() => [12_345, 12_346]));
  },
);

test.each([
  { config: '{}', args: ['DIR'], says: 'broker.url is missing' },
  { config: '{}', args: [], says: 'Name one folder' },
  { config: '{}', args: ['DIR', '--port', '1'], says: '--port' },
])('$args with $config: $says', async ({ config, args, says }) => {
  writeFileSync(at('headend.yaml'), config);
  expect(await headendCommand(['mosquitto', ...args, '--config', at('headend.yaml')])).toBe(2);
  expect(said.join()).toContain(says);
});
