import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { meterStatus } from '@tiepoint/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trusted } from './authority/testing/trusted.ts';
import type { CommandDetail, DeviceDetail, SelectionView } from './api/contract.ts';
import { Crew } from './api/testing/signed-in.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { enrolGateway } from './nms/testing/field-client.ts';
import type { GatewayTls } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth, pvBirth } from './nms/testing/fake-agent.ts';
import { demonstrationSettings, putInService } from './nms/testing/put-in-service.ts';

const closed = {
  switchState: 'closed',
  loadSideVoltage: 'present',
  activePowerW: 1_800,
  currentA: 7.5,
  control: 'none',
  health: 'ok',
} as const;
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: unknown, say: string) => console.error(say, fields),
};

let folder: string;
let headend: RunningHeadend;
let agents: FakeAgent[];
let crew: Crew;
let tls: GatewayTls | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headend-'));
  agents = [];
  tls = undefined;
  headend = await start();
  crew = new Crew(() => headend.httpsUrl, folder);
});

afterEach(async () => {
  for (const agent of agents) await agent.stop();
  await headend.stop();
  rmSync(folder, { recursive: true });
});

async function start(now?: () => number): Promise<RunningHeadend> {
  const settings = parseSettings(
    `{ data: ${folder}, https: { port: 0 }, broker: { port: 0 }, ${demonstrationSettings('site-1')} }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  return trusted(await startHeadend(settings.value, quiet, now));
}

async function agentOnLine(session: number, birth = meterBirth): Promise<FakeAgent> {
  tls ??= await enrolGateway(headend, (await crew.as('ada')).ask, 'site-1');
  const agent = new FakeAgent(headend.mqttUrl, 'site-1', session, tls);
  agents.push(agent);
  await agent.start();
  await agent.born(['meter-1', 'pv-1']);
  await agent.deviceBorn('meter-1', birth);
  await agent.deviceBorn('pv-1', pvBirth);
  await agent.meter('meter-1', closed);
  await agent.aas('pv-1', { activePowerW: 3_200, control: 'none' });
  if (session === 1)
    await putInService(await crew.as('ada'), headend.fieldUrl, {
      gatewayId: 'site-1',
      tls,
      deviceIds: ['meter-1', 'pv-1'],
    });
  return agent;
}

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  operator = 'ada',
): Promise<{ status: number; body: T }> {
  const { ask } = await crew.as(operator);
  const response = await ask(path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

const detail = async (id: string): Promise<DeviceDetail> =>
  (await call<DeviceDetail>('GET', `/api/devices/${id}`)).body;
const commandNow = async (id: string): Promise<CommandDetail> =>
  (await call<CommandDetail>('GET', `/api/commands/${id}`)).body;
const liveness = (id: string, wanted: string): Promise<void> =>
  vi.waitFor(async () => expect((await detail(id)).row?.liveness).toBe(wanted), { timeout: 5_000, interval: 20 });
const stateOf = (id: string, wanted: string): Promise<void> =>
  vi.waitFor(async () => expect((await commandNow(id)).state).toBe(wanted), { timeout: 5_000, interval: 20 });

let keys = 0;
async function disconnect(id: string): Promise<{ commandId: string; selection: SelectionView; key: string }> {
  const selected = await call<SelectionView>('POST', `/api/devices/${id}/selections`, { kind: 'disconnect' });
  expect(selected.status).toBe(201);
  const key = `key-${(keys += 1)}`;
  const operated = await call<CommandDetail>(
    'POST',
    '/api/commands',
    { selectionId: selected.body.id, cause: 'test' },
    { 'idempotency-key': key },
  );
  expect(operated.status).toBe(202);
  return { commandId: operated.body.id, selection: selected.body, key };
}

describe('command paths', () => {
  test('a PV under 200 kW is disconnected by its meter, confirmed by what the agent measured', async () => {
    const agent = await agentOnLine(1);
    await liveness('site-1.pv-1', 'live');
    const { commandId, selection, key } = await disconnect('site-1.pv-1');
    expect(selection.route).toMatchObject({ id: 'site-1.meter-1', by: 'meter-switch' });
    expect(selection.impact.say).toEqual([
      'Opens the service switch of meter-1; 1.8 kW flows through it now.',
      'The premises behind it lose supply.',
      'Also takes pv-1 (3.2 kW) off the grid.',
    ]);
    await vi.waitFor(() => expect(agent.commands).toHaveLength(1));
    expect(agent.commands[0]).toMatchObject({
      id: commandId,
      deviceId: 'meter-1',
      kind: 'disconnect',
      operator: 'ada',
      cause: 'test',
    });
    // Both the AAS and the meter are taken.
    for (const id of ['site-1.pv-1', 'site-1.meter-1']) {
      const offer = (await detail(id)).commands.find(({ kind }) => kind === 'disconnect');
      expect(offer?.may).toMatchObject({ ok: false, reason: 'busy' });
    }
    const again = await call<CommandDetail>(
      'POST',
      '/api/commands',
      { selectionId: selection.id, cause: 'test' },
      { 'idempotency-key': key },
    );
    expect(again.body.id).toBe(commandId);
    await agent.ack('meter-1', { commandId, state: 'accepted', ordinal: 0 });
    await agent.ack('meter-1', { commandId, state: 'executing', ordinal: 1 });
    const measured = [
      { point: 'switchState', word: 'open', met: 'yes' as const },
      { point: 'currentA', value: 0, unit: 'A', met: 'yes' as const },
    ];
    const done = { commandId, state: 'confirmed' as const, ordinal: 2, measured, deviceMs: 140 };
    await agent.ack('meter-1', done);
    await agent.ack('meter-1', done); // the broker may deliver twice
    await agent.ack('meter-1', { commandId, state: 'executing', ordinal: 1 });
    await stateOf(commandId, 'confirmed');
    await agent.meter('meter-1', { ...closed, switchState: 'open', currentA: 0, activePowerW: 0 });
    const command = await commandNow(commandId);
    expect(command.transitions.map(({ state, by }) => `${state} ${by}`)).toEqual([
      'requested operator',
      'sent head-end',
      'accepted agent',
      'executing agent',
      'confirmed agent',
    ]);
    expect(command.measured).toEqual(measured);
    expect(agent.commands).toHaveLength(1);
    const audit = await call<{ rows: { say: string; identity: string }[] }>('GET', '/api/audit?subject=site-1.pv-1');
    expect(audit.body.rows.map(({ say }) => say)[0]).toBe(
      'Disconnect by site-1.meter-1 confirmed; measured: switchState open, currentA 0 A',
    );
    expect(audit.body.rows.map(({ identity }) => identity)).toEqual([
      'agent',
      'agent',
      'agent',
      'system',
      'account',
      'account',
    ]);
  });

  test('a tag of one operator stops another, and only its owner lifts it', async () => {
    await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    expect((await call('PUT', '/api/devices/site-1.meter-1/tag', { cause: 'crew on the line' })).status).toBe(200);
    const selected = await call<SelectionView>('POST', '/api/devices/site-1.pv-1/selections', { kind: 'disconnect' });
    expect(selected.body.verdict).toMatchObject({ ok: false, reason: 'tagged' });
    const operated = await call(
      'POST',
      '/api/commands',
      { selectionId: selected.body.id },
      { 'idempotency-key': 'tagged' },
    );
    expect(operated).toMatchObject({ status: 409, body: { error: { reason: 'tagged' } } });
    const stranger = await call('DELETE', '/api/devices/site-1.meter-1/tag', undefined, {}, 'bob');
    expect(stranger).toMatchObject({ status: 409, body: { error: { reason: 'tagged' } } });
    expect((await call('DELETE', '/api/devices/site-1.meter-1/tag')).status).toBe(204);
    expect((await detail('site-1.meter-1')).tag).toBeUndefined();
  });
});

test('a switch is not closed onto a device that is tagged behind it; opening it tells of the tag', async () => {
  const agent = await agentOnLine(1);
  await agent.meter('meter-1', { ...closed, switchState: 'open', loadSideVoltage: 'absent', activePowerW: 0 });
  await vi.waitFor(async () => expect((await detail('site-1.meter-1')).row?.switchState).toBe('open'));
  const cause = 'crew at the inverter';
  const tagged = await call<object>('PUT', '/api/devices/site-1.pv-1/tag', { cause: ` ${cause} ` }, {}, 'bert');
  expect(tagged).toMatchObject({ status: 200, body: { owner: 'bert', cause } });
  const offer = (await detail('site-1.meter-1')).commands.find(({ kind }) => kind === 'connect');
  expect(offer?.may).toMatchObject({ ok: false, reason: 'tagged' });
  const selected = await call<SelectionView>('POST', '/api/devices/site-1.meter-1/selections', { kind: 'connect' });
  expect(selected.body.verdict).toMatchObject({ ok: false, reason: 'tagged' });
  expect(selected.body.impact.say.at(-1)).toContain('pv-1 is tagged by bert (crew at the inverter)');
});

describe('a restart of the head-end', () => {
  const lateClock = (): number => Date.now() + 40_000;

  test.each([
    { before: [], answer: { state: 'refused', reason: 'unknown-to-agent', ordinal: 0 }, after: 'refused' },
    { before: ['accepted'], answer: { state: 'confirmed', ordinal: 5 }, after: 'confirmed' },
    {
      before: ['accepted', 'executing'],
      answer: { state: 'unconfirmed', reason: 'not-moved', ordinal: 5 },
      after: 'unconfirmed',
    },
  ] as const)('with agent words $before: asked, never sent again, ends $after', async ({ before, answer, after }) => {
    const agent = await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    const { commandId } = await disconnect('site-1.meter-1');
    for (const [ordinal, state] of before.entries()) await agent.ack('meter-1', { commandId, state, ordinal });
    await stateOf(commandId, before.at(-1) ?? 'sent');
    agent.cut();
    await headend.stop();
    // Its clock is beyond the expiry: what was never acknowledged is unknown at once, and only asked about.
    headend = await start(lateClock);
    const back = await agentOnLine(2);
    await vi.waitFor(
      () => expect(back.inquiries.some(({ commands }) => commands?.some(({ id }) => id === commandId))).toBe(true),
      { timeout: 5_000 },
    );
    await back.ack('meter-1', { commandId, ...answer });
    await stateOf(commandId, after);
    expect(back.commands).toEqual([]);
  });
});

describe('what comes from the field', () => {
  test('the late death of an old session ends nothing; the death of this one makes all stale', async () => {
    const first = await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    const second = await agentOnLine(2); // takes the client id over: the broker sends the will of the first
    await liveness('site-1.meter-1', 'live');
    await first.stop().catch(() => undefined);
    await second.meter('meter-1', { ...closed, activePowerW: 1_900 });
    await vi.waitFor(async () =>
      expect((await detail('site-1.meter-1')).row).toMatchObject({
        liveness: 'live',
        activePowerW: 1_900,
        stale: false,
      }),
    );
    second.cut();
    await liveness('site-1.meter-1', 'lost');
    expect((await detail('site-1.meter-1')).row).toMatchObject({
      stale: true,
      activePowerW: 1_900,
      deathCause: 'line-lost',
    });
    const { body } = await call<{ gateways: { state: string }[] }>('GET', '/api/gateways');
    expect(body.gateways[0]?.state).toBe('offline');
  });

  test('a storm of malformed messages is counted, and harms nothing else', async () => {
    const agent = await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    const rubbish = Array.from({ length: 200 }, (_, index) =>
      Uint8Array.from({ length: index % 40 }, (__, at) => (index * 31 + at * 7) % 256),
    );
    for (const message of ['birth', 'status', 'event', 'ack', 'history', 'death']) {
      await Promise.all(rubbish.map((bytes) => agent.raw(`tiepoint/v1/site-1/meter-1/${message}`, bytes)));
    }
    await agent.aas('meter-1', { activePowerW: 1 }); // the wrong kind, well formed
    await agent.meter('meter-1', { ...closed, activePowerW: 2_000 });
    await vi.waitFor(async () => expect((await detail('site-1.meter-1')).row.activePowerW).toBe(2_000));
    const metrics = await (await (await crew.as('ada')).ask('/metrics')).text();
    expect(metrics).toMatch(/tiepoint_messages_refused\{reason="malformed"\} 1[12]\d\d/);
    expect(metrics).toMatch(/tiepoint_messages_refused\{reason="kind-mismatch"\} 1/);
  });

  test('a gap leads to one request for a birth, and history fills the plot without becoming live', async () => {
    const agent = await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    const nowMs = Date.now();
    const stamp = (seq: number) => ({
      session: 1,
      seq,
      timeMs: nowMs - 60_000 + seq,
      timeQuality: 'synchronised' as const,
    });
    await agent.raw(
      'tiepoint/v1/site-1/meter-1/status',
      meterStatus.encode({ ...closed, ...stamp(9), timeMs: nowMs }).bytes,
    );
    await vi.waitFor(() => expect(agent.inquiries.filter(({ rebirth }) => rebirth === true)).toHaveLength(1));
    expect((await detail('site-1.meter-1')).line.lostMessages).toBe(8);
    const missed = [2, 3, 4].map((seq) => ({ ...stamp(seq), activePowerW: 1_000 + seq }));
    await agent.history('meter-1', missed);
    await agent.history('meter-1', missed);
    await vi.waitFor(async () => {
      const { body } = await call<{ timesMs: number[]; points: { mean: number[] }[] }>(
        'GET',
        `/api/devices/site-1.meter-1/history?fromMs=${nowMs - 100_000}&toMs=${nowMs - 30_000}&points=activePowerW`,
      );
      expect(body.points[0]?.mean).toEqual([1_002, 1_003, 1_004]);
    });
    expect((await detail('site-1.meter-1')).row.activePowerW).toBe(1_800);
  });

  test('a configuration is sent, pending, and sent again at a birth that lacks it', async () => {
    const agent = await agentOnLine(1);
    await liveness('site-1.meter-1', 'live');
    const set = await call<{ configuration: object }>('PUT', '/api/gateways/site-1/configuration', {
      devices: [{ deviceId: 'meter-1', periodMs: 10_000 }],
    });
    expect(set.body.configuration).toMatchObject({ state: 'pending', wantedRevision: 1, appliedRevision: 0 });
    await vi.waitFor(() =>
      expect(agent.configurations).toEqual([{ revision: 1, devices: [{ deviceId: 'meter-1', periodMs: 10_000 }] }]),
    );
    await agent.born(['meter-1', 'pv-1']);
    await vi.waitFor(() => expect(agent.configurations).toHaveLength(2));
    await agent.born(['meter-1', 'pv-1'], { configurationRevision: 1 });
    await vi.waitFor(async () => {
      const { body } = await call<{ gateways: { configuration: { state: string } }[] }>('GET', '/api/gateways');
      expect(body.gateways[0]?.configuration.state).toBe('applied');
    });
    expect(agent.hostStates.at(-1)).toMatchObject({ online: true });
    const audit = await call<{ rows: { say: string }[] }>('GET', '/api/audit?subject=site-1');
    expect(audit.body.rows[0]?.say).toBe('Configuration 1 for meter-1: period 10 s');
  });
});
