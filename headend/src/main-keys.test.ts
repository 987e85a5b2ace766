import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { dayMs, newKeyPair } from './authority/certificate-authority.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { headendCommand } from './main-commands.ts';
import { keysFault, openKeys } from './main-keys.ts';
import type { OpenKeys } from './main-keys.ts';
import type { GatewaysResponse } from './api/contract.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import { parseSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { Audit } from './operators/audit.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const noPeople = { directory: { accounts: () => [] } };
let base: string;
let data: string;
let logged: string[];
/** Two head-ends as they were left, with a gateway and an account each. */
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'keys-lost-'));
  for (const name of ['ours', 'other']) {
    data = join(base, name);
    const store = new SqliteStore(data);
    store.start();
    await makeUse(await openedBy(store), store);
    store.stop();
  }
});
afterAll(() => rmSync(base, { recursive: true }));
beforeEach(() => {
  data = mkdtempSync(join(base, 'case-'));
  logged = [];
  for (const stream of ['log', 'error'] as const) vi.spyOn(console, stream).mockImplementation(() => undefined);
  cpSync(join(base, 'ours'), data, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(data, { recursive: true });
});

const log = { warn: (_fields: object, say: string) => void logged.push(say) };
const fileOf = (name: string): string => join(data, 'keys', name);
const settingsOf = (more: Partial<Settings>): Settings => {
  const read = parseSettings(`{ data: ${data} }`, 'test');
  if (!read.ok) throw new Error(read.say.join());
  return { ...read.value, ...more };
};
async function openedBy(store: SqliteStore, more: Partial<Settings> = {}): Promise<OpenKeys> {
  const opened = await openKeys(settingsOf(more), store, { log, now: Date.now });
  for (const own of ['server', 'client'] as const) await opened.identity[own](Date.now());
  return opened;
}

/** A gateway is enrolled, somebody has an authenticator, and the head-end has run: its audit was signed. */
async function makeUse({ identity, vault, checkpoints, keys }: OpenKeys, store: SqliteStore): Promise<void> {
  const { publicKey } = await newKeyPair();
  const order = { publicKey, commonName: 'gw-1', altNames: [], usages: ['client' as const], validMs: dayMs };
  const { serial, authority, notBeforeMs, notAfterMs } = await identity.authority.issue(order, Date.now());
  const known = { gatewayId: 'gw-1', enrolledAtMs: 1, enrolledBy: 'ted', configurationHash: '' };
  const certificate = { serial, authority, gatewayId: 'gw-1', issuedAtMs: 1, notBeforeMs, notAfterMs };
  const token = { id: 't', tokenHash: '', gatewayId: 'gw-1', issuedAtMs: 1, issuedBy: 'ada', expiresAtMs: 9e15 };
  store.provisioning.change(
    [
      { kind: 'identity', id: 'gw-1', record: known },
      { kind: 'certificate', id: serial, record: { ...certificate, by: 'enrolment' } },
      { kind: 'token', id: 't', record: token },
    ],
    [],
  );
  const totp = { sealed: vault.seal('secret', 'ada'), lastStep: 0 };
  const account = { name: 'ada', title: '', grants: [], createdAtMs: 1, createdBy: 'head-end', totp };
  store.people.change([{ kind: 'account', id: 'ada', record: account }], []);
  new Audit(store.operations).system('started', 'Started', 1);
  checkpoints.sign(store.operations.auditHead(), keys.signer, 1);
}

/** What a start says that stops; else what was told and goes on. */
async function start(more: Partial<Settings> = {}): Promise<{ stops?: string; told: readonly string[] }> {
  const store = new SqliteStore(data);
  store.start();
  try {
    await openedBy(store, more);
    const audited = store.operations.audit({ action: 'keys-anew', limit: 10 }).map(({ say }) => say);
    return { told: audited };
  } catch (error) {
    return { stops: error instanceof Error ? error.message : String(error), told: logged };
  } finally {
    store.stop();
  }
}

const commandKey = (folder = join(data, 'keys')): string =>
  readdirSync(folder).find((name) => /^command-[0-9a-f]+\.pem$/.test(name)) ?? '';
const damages: Readonly<Record<string, (name: string) => void>> = {
  gone: (name) => rmSync(fileOf(name)),
  empty: (name) => writeFileSync(fileOf(name), ''),
  garbage: (name) => writeFileSync(fileOf(name), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
  another: (name) => {
    const other = join(base, 'other', 'keys');
    cpSync(join(other, name.startsWith('command-') && name.endsWith('.pem') ? commandKey(other) : name), fileOf(name));
  },
  readable: (name) => chmodSync(fileOf(name), 0o644),
};

test('as it was left, it goes on', async () => {
  expect(await start()).toEqual({ told: [] });
});

test('the whole folder is lost: it stops, says what is gone, who relies on it and what to do, and makes nothing', async () => {
  rmSync(join(data, 'keys'), { recursive: true });
  const { stops } = await start();
  expect(stops).toMatch(
    /keys: authority\.pem, authority-key\.pem, command-keys\.json and operators\.key are missing, and 1 gateway \(gw-1\) was enrolled .* 1 account \(ada\) was sealed .* from a backup.*--new-keys/,
  );
  expect(readdirSync(join(data, 'keys'))).toEqual([]);
});

const lost = / (is|are) missing, and .*--new-keys/;
const readable = /can be read by others \(mode 644\): chmod 600/;
const authority: [string, RegExp][] = [
  ['gone', lost],
  ['empty', /authority\.pem|no private key/],
  ['garbage', /damaged|no private key/],
  ['another', /do not belong together/],
  ['readable', readable],
];
test.each<[file: string, damage: string, says: RegExp]>([
  ...authority.map(([damage, says]): [string, string, RegExp] => ['authority.pem', damage, says]),
  ...authority.map(([damage, says]): [string, string, RegExp] => ['authority-key.pem', damage, says]),
  ['command-keys.json', 'gone', /command-keys\.json is missing, .*`keys recover FILE`.*--new-keys/],
  ['command-keys.json', 'empty', /command-keys\.json is damaged.*from a backup/],
  ['command-keys.json', 'garbage', /command-keys\.json is damaged/],
  ['command-keys.json', 'another', /the command key .* is missing/],
  ['command-keys.json', 'readable', readable],
  ['COMMAND', 'gone', /the command key .* is missing, so that nothing can be signed/],
  ['COMMAND', 'empty', /command-.*\.pem is damaged/],
  ['COMMAND', 'garbage', /command-.*\.pem is damaged/],
  ['COMMAND', 'another', /command-.*\.pem holds another key than it is named after/],
  ['COMMAND', 'readable', readable],
  ['recovery-key.pem', 'empty', /recovery-key\.pem is damaged/],
  ['recovery-key.pem', 'garbage', /recovery-key\.pem is damaged/],
  ['recovery-key.pem', 'another', /is the recovery key of another head-end/],
  ['recovery-key.pem', 'readable', readable],
  ['operators.key', 'gone', /operators\.key is missing, and 1 account \(ada\) was sealed.*every password/],
  ['operators.key', 'empty', /operators\.key is damaged \(0 bytes, not 32\)/],
  ['operators.key', 'garbage', /operators\.key is damaged/],
  ['operators.key', 'another', /operators\.key is the key of another head-end: no password fits/],
  ['operators.key', 'readable', readable],
  ['audit-checkpoints.json', 'empty', /audit-checkpoints\.json is damaged/],
  ['audit-checkpoints.json', 'garbage', /audit-checkpoints\.json is damaged/],
  ['audit-checkpoints.json', 'readable', readable],
  ['server-key.pem', 'readable', readable],
  ['client.pem', 'readable', readable],
])('%s %s: it stops, says so, and changes nothing', async (file, damage, says) => {
  const name = file === 'COMMAND' ? commandKey() : file;
  damages[damage]?.(name);
  const before = [existsSync(fileOf(name)) && readFileSync(fileOf(name)), readdirSync(join(data, 'keys')).length];
  expect((await start()).stops).toMatch(says);
  expect([existsSync(fileOf(name)) && readFileSync(fileOf(name)), readdirSync(join(data, 'keys')).length]).toEqual(
    before,
  );
});

test.each([
  ['server.pem', 'gone'],
  ['server.pem', 'empty'],
  ['server-key.pem', 'garbage'],
  ['server-key.pem', 'another'],
  ['client-key.pem', 'gone'],
])('%s %s: it is made anew, for nobody keeps it, and that is told', async (name, damage) => {
  damages[damage]?.(name);
  expect(await start()).toEqual({ told: [expect.stringMatching(/no whole pair of certificate and key/)] });
  expect(await start()).toMatchObject({ told: [expect.anything()] });
});

test('signed heads of the audit that are gone are told in the audit', async () => {
  damages['gone']?.('audit-checkpoints.json');
  expect(await start()).toEqual({ told: [expect.stringMatching(/signed heads of the audit are gone/)] });
});

test('the recovery key is missed where nobody exported it', async () => {
  damages['gone']?.('recovery-key.pem');
  const store = new SqliteStore(data);
  store.start();
  expect((await openedBy(store)).keys.isRecoveryKeyLost).toBe(true);
  store.stop();
});

test('another authority, whole: none of the gateways could connect', async () => {
  for (const name of ['authority.pem', 'authority-key.pem']) damages['another']?.(name);
  expect((await start()).stops).toMatch(
    /authority\.pem is not the authority by which 1 gateway \(gw-1\) was enrolled.*--new-keys/,
  );
  const imported = { certFile: join(data, 'ca.pem'), keyFile: join(data, 'ca-key.pem') };
  cpSync(fileOf('authority.pem'), imported.certFile);
  cpSync(fileOf('authority-key.pem'), imported.keyFile);
  expect((await start({ authority: imported })).stops).toMatch(/ca\.pem is not the authority by which 1 gateway/);
});

describe('--new-keys', () => {
  const standing = (): { identities: number; certificates: number; tokens: number } => {
    const store = new SqliteStore(data);
    store.start();
    const { provisioning } = store;
    const unrevoked = ({ revoked }: { revoked?: object }): boolean => revoked === undefined;
    const of = (kind: 'identity' | 'certificate' | 'token'): number => provisioning.all(kind).filter(unrevoked).length;
    const counts = { identities: of('identity'), certificates: of('certificate'), tokens: of('token') };
    store.stop();
    return counts;
  };

  test.each([
    ['the whole folder', () => rmSync(join(data, 'keys'), { recursive: true })],
    ['the key of the authority', () => rmSync(fileOf('authority-key.pem'))],
    [
      'another authority',
      () => {
        for (const name of ['authority.pem', 'authority-key.pem']) damages['another']?.(name);
      },
    ],
  ])(
    '%s: gateways and tokens of before are void, which the audit tells, and the next start needs it no more',
    async (_what, spoil) => {
      spoil();
      const { told } = await start({ newKeys: true });
      expect(told).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/Keys are begun anew \(--new-keys\).*to be enrolled again: gw-1$/),
        ]),
      );
      expect(standing()).toEqual({ identities: 0, certificates: 0, tokens: 0 });
      expect(await start()).toEqual({ told });
      for (const name of readdirSync(join(data, 'keys'))) expect(statSync(fileOf(name)).mode & 0o077).toBe(0);
    },
  );

  test('of command keys alone: gateways stay connected, and are known not to obey', async () => {
    rmSync(fileOf('command-keys.json'));
    await start({ newKeys: true });
    expect(standing()).toEqual({ identities: 1, certificates: 1, tokens: 1 });
    const store = new SqliteStore(data);
    store.start();
    const { keys } = await openedBy(store);
    expect([keys.isObeyedAt(1), keys.isObeyedAt(keys.trust.revision)]).toEqual([false, true]);
    store.stop();
  });

  test('of the key of passwords: they are reset on the machine', async () => {
    rmSync(fileOf('operators.key'));
    expect(await headendCommand(['operator', 'reset', 'ada', '--data', data])).toBe(1);
    expect(existsSync(fileOf('operators.key'))).toBe(false);
    expect((await start({ newKeys: true })).stops).toBeUndefined();
    expect(await headendCommand(['operator', 'reset', 'ada', '--data', data])).toBe(0);
    expect((await start()).stops).toBeUndefined();
  });

  test('changes nothing where nothing is lost', async () => {
    expect(await start({ newKeys: true })).toEqual({ told: [] });
    expect(standing()).toEqual({ identities: 1, certificates: 1, tokens: 1 });
  });
});

test('the running head-end: what goes under it is told, it does not start again, and with --new-keys its gateways are enrolled anew', async () => {
  const sites = new SitesUnderTest();
  try {
    await sites.start();
    await sites.imported();
    const gateway = await sites.enrolled();
    const keys = join(sites.folder, 'keys');
    const away = join(base, 'away');
    renameSync(keys, away);
    const { register, people } = {
      register: { of: () => new Map([['gw-1', { gatewayId: 'gw-1' }]]) },
      people: noPeople,
    };
    const fault = keysFault({ data: sites.folder, authority: undefined }, { register, people } as never);
    expect(fault).toMatch(/have gone under this head-end \(authority\.pem, .*before it is stopped/);
    await sites.stop();
    await expect(sites.start()).rejects.toThrow(/1 gateway \(gw-1\) was enrolled/);
    rmSync(keys, { recursive: true });
    cpSync(away, keys, { recursive: true });
    await sites.start();
    expect((await sites.field('/field/v1/certificate', { tls: gateway.tls })).status).toBe(200);
    await sites.stop();
    for (const name of ['authority.pem', 'authority-key.pem']) rmSync(join(keys, name));
    await sites.start('', { newKeys: true });
    expect((await sites.site()).site.state).toBe('planned');
    const { body } = await sites.call<GatewaysResponse>('GET', '/api/gateways');
    expect(body.gateways.flatMap(({ certificate }) => certificate ?? [])).toEqual([]);
    const anew = await sites.enrolled();
    expect((await sites.field('/field/v1/certificate', { tls: anew.tls })).status).toBe(200);
  } finally {
    await sites.end();
  }
});

test('a configuration of mosquitto is not written by an authority that is made for it, where one is lost', async () => {
  rmSync(fileOf('authority-key.pem'));
  writeFileSync(join(data, 'headend.yaml'), `{ data: ${data}, broker: { url: 'mqtts://127.0.0.1:1' } }`);
  const folder = new KeyFolder(join(data, 'mosquitto'));
  expect(await headendCommand(['mosquitto', folder.path, '--config', join(data, 'headend.yaml')])).toBe(1);
  expect([existsSync(folder.path), existsSync(fileOf('authority-key.pem'))]).toEqual([false, false]);
});
