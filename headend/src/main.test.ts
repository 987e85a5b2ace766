import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trusted } from './authority/testing/trusted.ts';
import type { CommandDetail, SelectionView } from './api/contract.ts';
import { Crew } from './api/testing/signed-in.ts';
import type { SignedIn } from './api/testing/signed-in.ts';
import { enrolGateway } from './nms/testing/field-client.ts';
import type { GatewayTls } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth } from './nms/testing/fake-agent.ts';
import { demonstrationSettings, putInService } from './nms/testing/put-in-service.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
type Ready = { child: ChildProcess; httpsUrl: string; mqttUrl: string; fieldUrl: string; authority: string };

let folder: string;
let children: ChildProcess[];
let agents: FakeAgent[];
let tls: GatewayTls | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  children = [];
  agents = [];
  tls = undefined;
  crew = undefined;
});
afterEach(async () => {
  for (const agent of agents) agent.cut();
  for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[] = []): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      program,
      '--data',
      join(folder, 'data'),
      ...['https', 'mqtt', 'field'].flatMap((of) => [`--${of}-port`, '0']),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  return child;
}

async function ready(): Promise<Ready> {
  const config = join(folder, 'headend.yaml');
  writeFileSync(config, `{ ${demonstrationSettings('site-1')} }`);
  const child = run(['--config', config]);
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { msg: string } & Omit<Ready, 'child'>;
    if (said.msg !== 'ready') continue;
    child.stdout.resume();
    return { ...trusted(said), child };
  }
  throw new Error('it ended before it was ready');
}

/** The same people, wherever the head-end is after its next start. */
let crew: Crew | undefined;
const crewAt = (httpsUrl: string): Crew => (crew ??= new Crew(() => httpsUrl, join(folder, 'data')));

async function failure(args: readonly string[] = []): Promise<{ code: unknown; say: string }> {
  const child = run(args);
  let say = '';
  child.stderr?.on('data', (chunk: Buffer) => (say += chunk.toString()));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, say };
}

describe('the program', () => {
  test('says that it is ready, and stops cleanly at SIGTERM with a stream open', async () => {
    const { child, httpsUrl } = await ready();
    const { ask } = await crewAt(httpsUrl).as('ada');
    const stream = await ask('/api/stream');
    expect(await (await ask('/api/health')).json()).toMatchObject({ state: 'ok' });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stream.text()).toContain('"goodbye"');
  });

  test('a wrong configuration: what, where, and exit code 2', async () => {
    const path = join(folder, 'headend.yaml');
    writeFileSync(path, 'https:\n  port: many\n');
    const { code, say } = await failure(['--config', path]);
    expect(code).toBe(2);
    expect(say).toMatch(/headend\.yaml:2 {2}https\.port: /);
  });

  test('a port in use, and a store in use: a sentence and exit code 1', async () => {
    const { mqttUrl } = await ready();
    const store = await failure();
    expect(store).toMatchObject({ code: 1 });
    expect(store.say).toMatch(/data is in use by another process.*--data/);
    const port = await failure(['--data', join(folder, 'other'), '--mqtt-port', new URL(mqttUrl).port]);
    expect(port.code).toBe(1);
    expect(port.say).toMatch(/cannot listen on 127\.0\.0\.1:\d+: another program listens there/);
  });

  test('what it keeps is for its user and group alone, also in a folder that is open to all', async () => {
    mkdirSync(join(folder, 'data'));
    chmodSync(join(folder, 'data'), 0o755);
    await ready();
    const files = readdirSync(join(folder, 'data'));
    expect(files).toEqual(expect.arrayContaining(['operations.db', 'operations.db-wal', 'telemetry.db']));
    const open = files.filter((name) => (statSync(join(folder, 'data', name)).mode & 0o007) !== 0);
    expect(open).toEqual([]);
  });

  test.each([
    { args: ['--help'], says: ['--tags-checked', 'audit verify', 'restore DIR'] },
    { args: ['audit', 'verify', '--help'], says: ['audit verify'] },
    { args: ['operator', '-h'], says: ['operator reset NAME'] },
  ])('$args tells how it is used, and that is no fault', async ({ args, says }) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [code] = (await once(child, 'close')) as [unknown];
    expect([code, err]).toEqual([0, '']);
    for (const say of says) expect(out).toContain(say);
  });

  test('a store of a newer program is refused', async () => {
    const { child } = await ready();
    child.kill('SIGTERM');
    await once(child, 'exit');
    const db = new DatabaseSync(join(folder, 'data/telemetry.db'));
    db.exec('PRAGMA user_version = 50');
    db.close();
    expect(await failure()).toMatchObject({
      code: 1,
      say: expect.stringMatching(/telemetry\.db has schema 50, written by a newer program/),
    });
  });
});

describe('kill -9', () => {
  async function agentOn(headend: Ready, session: number): Promise<FakeAgent> {
    tls ??= await enrolGateway(headend, (await crewAt(headend.httpsUrl).as('ada')).ask, 'site-1');
    const agent = new FakeAgent(headend.mqttUrl, 'site-1', session, tls);
    agents.push(agent);
    await agent.start();
    await agent.born(['meter-1']);
    await agent.deviceBorn('meter-1', meterBirth);
    await agent.meter('meter-1', { switchState: 'closed', control: 'none' });
    return agent;
  }

  const post = async <T>(ada: SignedIn, path: string, body: object): Promise<T> =>
    await ada.call<T>('POST', path, body, { 'idempotency-key': 'k' });

  test.each(['sent', 'accepted', 'executing'] as const)(
    'while %s: nothing is lost, nothing is sent again',
    { timeout: 60_000 },
    async (state) => {
      const first = await ready();
      const agent = await agentOn(first, 1);
      const device = '/api/devices/site-1.meter-1';
      const ada = await crewAt(first.httpsUrl).as('ada');
      await vi.waitFor(
        async () => expect(await (await ada.ask(device)).json()).toMatchObject({ row: { liveness: 'live' } }),
        { timeout: 5_000 },
      );
      await putInService(ada, first.fieldUrl, { gatewayId: 'site-1', tls: tls!, deviceIds: ['meter-1'] });
      const selection = await post<SelectionView>(ada, `${device}/selections`, { kind: 'disconnect' });
      const { id } = await post<CommandDetail>(ada, '/api/commands', { selectionId: selection.id });
      await vi.waitFor(() => expect(agent.commands).toHaveLength(1));
      const commandOf = async ({ httpsUrl }: Ready): Promise<CommandDetail> =>
        await ada.at(httpsUrl).call<CommandDetail>('GET', `/api/commands/${id}`);
      if (state !== 'sent') await agent.ack('meter-1', { commandId: id, state, ordinal: 1 });
      await vi.waitFor(async () => expect((await commandOf(first)).state).toBe(state));
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');
      const second = await ready();
      expect((await commandOf(second)).state).toBe(state);
      const back = await agentOn(second, 2);
      // Where the agent had spoken it is asked at once; else only after the expiry, and its word counts whenever it comes.
      const asked = (): boolean => back.inquiries.some(({ commands }) => commands?.[0]?.id === id);
      await vi.waitFor(() => expect(asked()).toBe(state !== 'sent'), { timeout: 3_000 });
      await back.ack('meter-1', { commandId: id, state: 'confirmed', ordinal: 2 });
      await vi.waitFor(async () => expect((await commandOf(second)).state).toBe('confirmed'), { timeout: 3_000 });
      expect(back.commands).toEqual([]);
      // The same order again, after the restart, is the same command.
      expect(
        await post<CommandDetail>(ada.at(second.httpsUrl), '/api/commands', { selectionId: selection.id }),
      ).toMatchObject({
        id,
        state: 'confirmed',
      });
    },
  );
});
