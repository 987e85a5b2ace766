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
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Enrolment } from '@tiepoint/protocol/field';
import { finishEnrolment, folderState, keepPending, pendingFor } from './enroll-files.ts';
import { runEnroll } from './enroll-run.ts';
import { readEnrolment } from './enrolment-file.ts';
import { fakeTerminal } from './testing/fake-terminal.ts';

const enrolment: Enrolment = {
  gatewayId: 'gw-1',
  password: 'correct horse battery',
  mqttUrl: 'mqtt://127.0.0.1:1883',
  configuration: [
    'gateway: { id: gw-1, dataDir: /var/lib/tiepoint }',
    'mqtt: { url: "mqtt://127.0.0.1:1883", username: gw-1, password: correct horse battery }',
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

test('the files of an enrolment, each with its mode', () => {
  const finished = finishEnrolment(folder, 'https://headend.example', enrolment, 1);
  expect(finished).toMatchObject({ ok: true, trouble: undefined });
  expect(modeOf('gateway.yaml')).toBe(0o600);
  expect(readEnrolment(folder)).toMatchObject({
    url: 'https://headend.example',
    gatewayId: 'gw-1',
    site: { id: 'home-1' },
  });
  expect(readFileSync(join(folder, 'enrolment.json'), 'utf8')).not.toContain(enrolment.password);
});

test('an older identity is kept aside, and its loose mode does not remain', () => {
  writeFileSync(join(folder, 'gateway.yaml'), 'old: true\n');
  chmodSync(join(folder, 'gateway.yaml'), 0o644);
  finishEnrolment(folder, 'https://headend.example', enrolment, 7);
  expect(readFileSync(join(folder, 'gateway-before-7.yaml'), 'utf8')).toBe('old: true\n');
  expect(modeOf('gateway.yaml')).toBe(0o600);
  // Repeated, it changes nothing.
  finishEnrolment(folder, 'https://headend.example', enrolment, 8);
  expect(existsSync(join(folder, 'gateway-before-8.yaml'))).toBe(false);
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
  const finished = finishEnrolment(folder, 'https://headend.example', { ...enrolment, ...over }, 1);
  expect(finished.ok).toBe(ok);
  expect(finished.ok ? finished.trouble : finished.say).toMatch(says);
  expect(existsSync(join(folder, 'gateway.yaml'))).toBe(ok);
});

test('an answer that was kept goes on only with its own token', () => {
  expect(keepPending(folder, 'token-1', enrolment)).toBeUndefined();
  expect(modeOf('.enrolment-pending.json')).toBe(0o600);
  expect(pendingFor(folder, 'token-1')).toMatchObject({ gatewayId: 'gw-1' });
  expect(pendingFor(folder, 'token-2')).toBeUndefined();
  expect(readFileSync(join(folder, '.enrolment-pending.json'), 'utf8')).not.toContain('token-1');
});

test('a link or an open file in the place of a partial one takes no secret', () => {
  const stolen = join(folder, 'stolen');
  writeFileSync(stolen, 'before');
  symlinkSync(stolen, join(folder, '.enrolment-pending.json.part'));
  expect(keepPending(folder, 'token-1', enrolment)).toBeUndefined();
  expect(readFileSync(stolen, 'utf8')).toBe('before');
  writeFileSync(join(folder, '.enrolment-pending.json.part'), '', { mode: 0o666 });
  chmodSync(join(folder, '.enrolment-pending.json.part'), 0o666);
  keepPending(folder, 'token-1', enrolment);
  expect(modeOf('.enrolment-pending.json')).toBe(0o600);
});

test('a folder that is a file is told', () => {
  writeFileSync(join(folder, 'etc'), '');
  expect(folderState(join(folder, 'etc', 'tiepoint'))).toMatchObject({ ok: false });
});

describe('against a head-end', () => {
  /** Answers with these in turn; `drop`: takes the token and loses its answer on the way. */
  async function headEnd(
    answers: readonly (object | 'drop')[],
  ): Promise<{ url: string; asked: string[]; stop(): void }> {
    const asked: string[] = [];
    const waiting = [...answers];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(body);
        const answer = waiting.shift() ?? { error: { reason: 'token', say: 'This enrolment token was used before.' } };
        if (answer === 'drop') return request.socket.destroy();
        response.writeHead('error' in answer ? 403 : 201, { 'content-type': 'application/json' });
        return response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop: () => server.close() };
  }
  const run = async (url: string, more: Record<string, string | boolean> = {}) => {
    const terminal = fakeTerminal();
    const code = await runEnroll(
      { values: { url, token: 'token-1', dir: folder, ...more }, positionals: [] },
      terminal,
    );
    return { code, said: [...terminal.printed, ...terminal.complaints].join('\n') };
  };

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
    const it = await headEnd([enrolment]);
    // A folder in the place of the file: the answer is kept, and its files are not made.
    mkdirSync(join(folder, 'enrolment.json', 'x'), { recursive: true });
    const first = await run(it.url);
    expect(first).toMatchObject({ code: 1, said: expect.stringContaining('same command') as string });
    rmSync(join(folder, 'enrolment.json'), { recursive: true });
    expect(await run(it.url)).toMatchObject({ code: 0 });
    expect(it.asked).toHaveLength(1);
    expect(readdirSync(folder).toSorted()).toEqual(['enrolment.json', 'gateway.yaml', 'trust.json']);
    it.stop();
  });

  test('an identity that is there is not overwritten, and its token not spent', async () => {
    const it = await headEnd([enrolment]);
    writeFileSync(join(folder, 'gateway.yaml'), 'old: true\n');
    expect(await run(it.url)).toMatchObject({ code: 2, said: expect.stringContaining('--replace') as string });
    expect(it.asked).toHaveLength(0);
    expect(await run(it.url, { replace: true })).toMatchObject({ code: 0 });
    it.stop();
  });

  test.each([
    { values: { url: 'headend' }, says: 'no address' },
    { values: { url: 'ftp://headend.example' }, says: 'https' },
    { values: { token: '' }, says: '--token' },
  ])('$values: $says', async ({ values, says }) => {
    const tried = await run('http://127.0.0.1:9', values);
    expect(tried.code).toBe(2);
    expect(tried.said).toContain(says);
  });
});
