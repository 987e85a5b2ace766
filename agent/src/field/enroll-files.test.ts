import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Enrolment } from '@tiepoint/protocol/field';
import { readEnrolment } from '../io/keys/enrolment-file.ts';
import { readIdentity } from '../io/keys/gateway-identity.ts';
import { makeKeyFile } from '../io/keys/key-file.ts';
import { finishEnrolment, folderState } from './enroll-files.ts';
import { runEnroll } from './enroll-run.ts';
import { fakeTerminal } from './testing/fake-terminal.ts';
import { OwnAuthority } from './testing/own-authority.ts';

const authority = new OwnAuthority();
const token = `a-secret-of-sixteen.${authority.fingerprint}`;
const enrolment: Enrolment = {
  gatewayId: 'gw-1',
  certificate: 'the certificate',
  authority: authority.ca,
  mqttUrl: 'mqtts://127.0.0.1:8883',
  configuration: [
    'gateway: { id: gw-1, dataDir: /var/lib/tiepoint }',
    'mqtt: { url: "mqtts://127.0.0.1:8883" }',
    'buses: [{ name: b, kind: tcp, host: 127.0.0.1 }]',
    'devices: [{ id: meter-1, bus: b, unit: 1, profile: eastron-sdm630 }]',
    '',
  ].join('\n'),
  profiles: [],
  trust: { revision: 1, commandKeys: ['A'.repeat(43)], recoveryKey: 'B'.repeat(43) },
  site: { id: 'home-1', title: 'Home 1' },
  open: [],
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tiepoint-enroll-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777;

/** As if the head-end had been asked: a key lies where the identity is made. */
function keyMade(): void {
  makeKeyFile(join(folder, 'identity.pending', 'key.pem'));
}

test('the files of an enrolment, each with its mode', () => {
  keyMade();
  const finished = finishEnrolment(folder, 'https://headend.example', enrolment, 1);
  expect(finished).toMatchObject({ ok: true, trouble: undefined });
  expect(modeOf('gateway.yaml')).toBe(0o640);
  for (const name of ['key.pem', 'certificate.pem', 'authority.pem']) expect(modeOf(`identity/${name}`)).toBe(0o600);
  expect(readEnrolment(join(folder, 'identity'))).toMatchObject({
    url: 'https://headend.example',
    gatewayId: 'gw-1',
    site: { id: 'home-1' },
  });
});

test('an older identity and configuration are kept aside', () => {
  writeFileSync(join(folder, 'gateway.yaml'), 'old: true\n');
  mkdirSync(join(folder, 'identity'));
  writeFileSync(join(folder, 'identity', 'key.pem'), 'old key');
  keyMade();
  finishEnrolment(folder, 'https://headend.example', enrolment, 7);
  expect(readFileSync(join(folder, 'gateway-before-7.yaml'), 'utf8')).toBe('old: true\n');
  expect(readFileSync(join(folder, 'identity-before-7', 'key.pem'), 'utf8')).toBe('old key');
  expect(readdirSync(folder).toSorted()).toEqual([
    'gateway-before-7.yaml',
    'gateway.yaml',
    'identity',
    'identity-before-7',
  ]);
});

test.each<{ what: string; over: Partial<Enrolment>; ok: boolean; says: RegExp }>([
  {
    what: 'a profile that this agent cannot use',
    over: { profiles: [{ name: 'odd.yaml', text: 'name: odd\n' }] },
    ok: false,
    says: /odd\.yaml/,
  },
  {
    what: 'a profile in the place of the configuration',
    over: { profiles: [{ name: 'Gateway.yaml', text: 'name: odd\n' }] },
    ok: false,
    says: /named Gateway\.yaml/,
  },
  {
    what: 'a configuration for another gateway',
    over: { configuration: enrolment.configuration.replaceAll('gw-1', 'gw-2') },
    ok: false,
    says: /made this gw-1.*for gw-2/,
  },
  {
    what: 'a configuration to be filled in',
    over: { configuration: 'gateway: { id: gw-1 }\n' },
    ok: true,
    says: /dataDir/,
  },
])('$what is told', ({ over, ok, says }) => {
  keyMade();
  const finished = finishEnrolment(folder, 'https://headend.example', { ...enrolment, ...over }, 1);
  expect(finished.ok).toBe(ok);
  expect(finished.ok ? finished.trouble : finished.say).toMatch(says);
  expect(existsSync(join(folder, 'gateway.yaml'))).toBe(ok);
});

test('a link or an open file in the place of a partial one takes no secret', () => {
  const stolen = join(folder, 'stolen');
  writeFileSync(stolen, 'before');
  mkdirSync(join(folder, 'identity.pending'));
  symlinkSync(stolen, join(folder, 'identity.pending', 'key.pem.part'));
  keyMade();
  expect(readFileSync(stolen, 'utf8')).toBe('before');
  writeFileSync(join(folder, 'identity.pending', 'key.pem.part'), '', { mode: 0o666 });
  chmodSync(join(folder, 'identity.pending', 'key.pem.part'), 0o666);
  keyMade();
  expect(modeOf('identity.pending/key.pem')).toBe(0o600);
});

test('a folder that is a file is told', () => {
  writeFileSync(join(folder, 'etc'), '');
  expect(folderState(join(folder, 'etc', 'tiepoint'))).toMatchObject({ ok: false });
});

describe('against a head-end', () => {
  /** Answers with these in turn; `drop`: takes the token and loses its answer on the way; `enrol`: signs what is asked for. */
  async function headEnd(
    answers: readonly (object | { enrol: Partial<Enrolment> } | 'drop' | 'enrol')[],
    its = authority,
  ): Promise<{ url: string; asked: string[]; stop(): void }> {
    const asked: string[] = [];
    const waiting = [...answers];
    const server = createServer(its.server(), (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(body);
        const next = waiting.shift() ?? {
          error: { reason: 'token', say: 'Used before: ask the operator for a new one.' },
        };
        if (next === 'drop') return request.socket.destroy();
        const { certificateRequest } = JSON.parse(body) as { certificateRequest: string };
        const certificate = authority.gateway('gw-1', certificateRequest);
        const signed = (over: object): object => ({ ...enrolment, ...over, certificate });
        const answer = next === 'enrol' ? signed({}) : 'enrol' in next ? signed(next.enrol as object) : next;
        response.writeHead('error' in answer ? 403 : 201, { 'content-type': 'application/json' });
        return response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop: () => server.close() };
  }
  const run = async (url: string, more: Record<string, string | boolean> = {}) => {
    const terminal = fakeTerminal();
    const code = await runEnroll({ values: { url, token, dir: folder, ...more }, positionals: [] }, terminal);
    return { code, said: [...terminal.printed, ...terminal.complaints].join('\n') };
  };

  test('a key is made here, its certificate comes back, and both are an identity', async () => {
    const it = await headEnd(['enrol']);
    expect(await run(it.url)).toMatchObject({ code: 0 });
    const read = readIdentity(join(folder, 'identity'), 'gw-1');
    expect(read).toMatchObject({ ok: true, identity: { gatewayId: 'gw-1' } });
    expect(it.asked[0]).not.toContain('PRIVATE');
    expect(JSON.parse(it.asked[0]!)).toMatchObject({ token: 'a-secret-of-sixteen' });
    it.stop();
  });

  test('another server than that of the token is told nothing', async () => {
    const it = await headEnd(['enrol'], new OwnAuthority());
    const tried = await run(it.url);
    expect(tried).toMatchObject({ code: 1, said: expect.stringContaining('as good as it was') as string });
    expect([it.asked, readdirSync(folder)]).toEqual([[], []]);
    it.stop();
  });

  test('where nobody listens, nothing is said of a token that may be spent; while it waits, it says so', async () => {
    const it = await headEnd(['enrol']);
    it.stop();
    const terminal = fakeTerminal();
    expect(await runEnroll({ values: { url: it.url, token, dir: folder }, positionals: [] }, terminal)).toBe(1);
    expect(terminal.complaints.join('\n')).toMatch(/nobody listens there.*the token is as good as it was/s);
    expect(terminal.complaints.join('\n')).not.toMatch(/spent/);
    expect(terminal.progressed.join('\n')).toContain(it.url);
  });

  test('a configuration that does not run as it stands is not to be commissioned next, but mended', async () => {
    const typo = enrolment.configuration.replace('eastron-sdm630', 'eastron-sdm63');
    const it = await headEnd([{ enrol: { configuration: typo } }]);
    const tried = await run(it.url);
    expect(tried.code).toBe(0);
    expect(tried.said).toMatch(/no profile 'eastron-sdm63'.*page Sites/s);
    expect(tried.said).toMatch(/Next: tiepoint-agent --config \S+ --check/);
    it.stop();
  });

  test('a certificate of another key is not taken', async () => {
    const it = await headEnd([{ ...enrolment, certificate: authority.server().cert }]);
    expect(await run(it.url)).toMatchObject({ code: 1, said: expect.stringContaining('not of its key') as string });
    expect(existsSync(join(folder, 'identity'))).toBe(false);
    it.stop();
  });

  test('an answer that was lost says what to do, and leaves nothing behind', async () => {
    const it = await headEnd(['drop']);
    const lost = await run(it.url);
    expect(lost.code).toBe(1);
    expect(lost.said).toContain('Run the same command again');
    expect(readdirSync(folder)).toEqual([]);
    const spent = await run(it.url);
    expect(spent).toMatchObject({ code: 1, said: expect.stringContaining('ask the operator') as string });
    it.stop();
  });

  test('what could not be written after the token was spent goes on without asking again', async () => {
    const it = await headEnd(['enrol']);
    // A folder in the place of a partial file: the answer is kept, and the configuration is not made.
    mkdirSync(join(folder, 'gateway.yaml.part', 'x'), { recursive: true });
    const first = await run(it.url);
    expect(first).toMatchObject({ code: 1, said: expect.stringContaining('same command') as string });
    rmSync(join(folder, 'gateway.yaml.part'), { recursive: true });
    expect(await run(it.url)).toMatchObject({ code: 0 });
    expect(it.asked).toHaveLength(1);
    expect(readdirSync(folder).toSorted()).toEqual(['gateway.yaml', 'identity']);
    expect(readdirSync(join(folder, 'identity')).toSorted()).toEqual([
      'authority.pem',
      'certificate.pem',
      'enrolment.json',
      'key.pem',
      'trust.json',
    ]);
    it.stop();
  });

  test('an identity that is there is not overwritten, and its token not spent', async () => {
    const it = await headEnd(['enrol']);
    writeFileSync(join(folder, 'gateway.yaml'), 'old: true\n');
    expect(await run(it.url)).toMatchObject({ code: 2, said: expect.stringContaining('--replace') as string });
    expect(it.asked).toHaveLength(0);
    expect(await run(it.url, { replace: true })).toMatchObject({ code: 0 });
    it.stop();
  });

  test.each([
    { values: { url: 'headend' }, says: 'no address' },
    { values: { url: 'headend:8444' }, says: 'no address' },
    { values: { url: 'ftp://headend.example' }, says: 'https' },
    { values: { url: 'http://headend.example' }, says: 'https' },
    { values: { token: '' }, says: '--token' },
  ])('$values: $says', async ({ values, says }) => {
    const tried = await run('https://127.0.0.1:9', values);
    expect(tried.code).toBe(2);
    expect(tried.said).toContain(says);
  });
});
