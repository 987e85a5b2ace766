import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { trusted } from './authority/testing/trusted.ts';
import type { ErrorBody, StreamFrame } from './api/contract.ts';
import { Crew } from './api/testing/signed-in.ts';
import type { SignedIn } from './api/testing/signed-in.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { enrolGateway } from './nms/testing/field-client.ts';
import type { GatewayTls } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth } from './nms/testing/fake-agent.ts';
import { demonstrationSettings, putInService } from './nms/testing/put-in-service.ts';

let folder: string;
let headend: RunningHeadend;
let crew: Crew;
let tls: GatewayTls;
const logged: string[] = [];
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_fields: unknown, say: string) => void logged.push(say),
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-'));
  mkdirSync(join(folder, 'console'));
  writeFileSync(join(folder, 'console/index.html'), '<title>console</title>');
  writeFileSync(join(folder, 'console/app.js'), 'app');
  const settings = parseSettings(
    `{ data: ${folder}/data, https: { port: 0, console: ${folder}/console }, broker: { port: 0 }, ${demonstrationSettings('site-1')} }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  headend = trusted(await startHeadend(settings.value, log));
  crew = new Crew(() => headend.httpsUrl, join(folder, 'data'));
});

afterEach(async () => {
  await headend.stop();
  rmSync(folder, { recursive: true });
  if (logged.length > 0) throw new Error(`logged as errors: ${logged.splice(0).join('; ')}`);
});

async function oneMeter(): Promise<FakeAgent> {
  const agent = new FakeAgent(
    headend.mqttUrl,
    'site-1',
    1,
    (tls = await enrolGateway(headend, (await admin()).ask, 'site-1')),
  );
  await agent.start();
  await agent.born(['meter-1']);
  await agent.deviceBorn('meter-1', meterBirth);
  await agent.meter('meter-1', { switchState: 'closed', control: 'none', activePowerW: 1 });
  return agent;
}

const admin = (): Promise<SignedIn> => crew.administrator();
const fetched = (path: string, init: RequestInit = {}): Promise<Response> => fetch(headend.httpsUrl + path, init);

describe('every error has the one form', () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    { method: 'GET', path: '/api/nothing', status: 404, reason: 'not-found' },
    { method: 'GET', path: '/api/devices/site-9.x', status: 404, reason: 'unknown-device' },
    { method: 'GET', path: '/api/devices/%00', status: 404, reason: 'unknown-device' },
    { method: 'GET', path: '/api/devices/__proto__', status: 404, reason: 'unknown-device' },
    { method: 'GET', path: '/api/commands/x', status: 404, reason: 'not-found' },
    { method: 'GET', path: '/api/devices/%ff', status: 400, reason: 'invalid' },
    { method: 'GET', path: `/api/devices/${'x'.repeat(5_000)}`, status: 404, reason: 'not-found' },
    { method: 'GET', path: '/api/events?limit=1&limit=2', status: 400, reason: 'invalid', at: 'querystring.limit' },
    { method: 'GET', path: '/api/events?limit=', status: 400, reason: 'invalid', at: 'querystring.limit' },
    ...[null, false, '50'].map((limitPct) => ({
      method: 'POST',
      path: '/api/devices/x.y/selections',
      headers: json,
      body: JSON.stringify({ kind: 'limit-power', parameters: { limitPct } }),
      status: 400,
      reason: 'invalid',
      at: 'body.parameters.limitPct',
    })),
    {
      method: 'POST',
      path: '/api/commands',
      headers: { ...json, 'idempotency-key': 'k' },
      body: '{"selectionId":"s","cause":"  "}',
      status: 400,
      reason: 'invalid',
      at: 'body.cause',
    },
    {
      method: 'PUT',
      path: '/api/devices/x.y/tag',
      headers: json,
      body: '{"cause":" \\t "}',
      status: 400,
      reason: 'invalid',
      at: 'body.cause',
    },
    {
      method: 'PUT',
      path: '/api/gateways/g/configuration',
      headers: json,
      body: '{"devices":[{"deviceId":"m","heartbeatMs":3600001}]}',
      status: 400,
      reason: 'invalid',
      at: 'body.devices.0.heartbeatMs',
    },
    { method: 'GET', path: '/api/events?limit=x', status: 400, reason: 'invalid', at: 'querystring.limit' },
    { method: 'GET', path: '/api/events?limit=5000', status: 400, reason: 'invalid', at: 'querystring.limit' },
    {
      method: 'POST',
      path: '/api/devices/x.y/selections',
      headers: json,
      body: '{"kind":"explode"}',
      status: 400,
      reason: 'invalid',
      at: 'body.kind',
    },
    {
      method: 'POST',
      path: '/api/devices/x.y/selections',
      headers: json,
      body: '{}',
      status: 400,
      reason: 'invalid',
      at: 'body.kind',
    },
    {
      method: 'POST',
      path: '/api/devices/x.y/selections',
      headers: json,
      body: '{nonsense',
      status: 400,
      reason: 'invalid',
    },
    {
      method: 'POST',
      path: '/api/devices/x.y/selections',
      headers: json,
      body: '{"kind":"connect"}',
      status: 404,
      reason: 'unknown-device',
    },
    {
      method: 'POST',
      path: '/api/commands',
      headers: json,
      body: '{"selectionId":"s"}',
      status: 400,
      reason: 'invalid',
      at: 'headers.idempotency-key',
    },
    {
      method: 'POST',
      path: '/api/commands',
      headers: { ...json, 'idempotency-key': 'k' },
      body: '{"selectionId":"s"}',
      status: 409,
      reason: 'not-selected',
    },
    { method: 'DELETE', path: '/api/selections/s', status: 409, reason: 'not-selected' },
    {
      method: 'PUT',
      path: '/api/devices/x.y/tag',
      headers: json,
      body: '{"cause":""}',
      status: 400,
      reason: 'invalid',
      at: 'body.cause',
    },
    {
      method: 'PUT',
      path: '/api/gateways/g/configuration',
      headers: json,
      body: '{"devices":[]}',
      status: 404,
      reason: 'unknown-device',
    },
    {
      method: 'PUT',
      path: '/api/gateways/g/configuration',
      headers: json,
      body: '{"devices":[{"deviceId":"m","periodMs":1}]}',
      status: 400,
      reason: 'invalid',
      at: 'body.devices.0.periodMs',
    },
    { method: 'POST', path: '/nothing', status: 404, reason: 'not-found' },
  ] as {
    method: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
    status: number;
    reason: string;
    at?: string;
  }[])('$method $path $body: $status $reason $at', async ({ method, path, headers = {}, body, status, reason, at }) => {
    const response = await (await admin()).ask(path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const answer = (await response.json()) as ErrorBody;
    expect([response.status, answer.error.reason, answer.error.path]).toEqual([status, reason, at]);
    expect(answer.error.say.length).toBeGreaterThan(5);
  });
});

test('a gateway that was given the address of the console is told where gateways speak', async () => {
  const response = await (await admin()).ask('/field/v1/enrolments', { method: 'POST' });
  const { error } = (await response.json()) as ErrorBody;
  expect(error).toMatchObject({ reason: 'not-found', say: expect.stringMatching(/gateways speak at https:\S+:\d+\./) });
});

test('HEAD of the live stream ends by itself and keeps no place', async () => {
  const { status } = await (await admin()).ask('/api/stream', { method: 'HEAD', signal: AbortSignal.timeout(2_000) });
  expect(status).toBe(404);
  expect(await (await (await admin()).ask('/metrics')).text()).toContain('tiepoint_stream{figure="clients"} 0');
});

test('the console: its files, and its one document for its own pages; the API keeps its errors', async () => {
  const get = async (path: string): Promise<string> =>
    (await fetched(path, { headers: { accept: 'text/html,*/*' } })).text();
  expect(await get('/')).toContain('console');
  expect(await get('/devices/site-1.pv1')).toContain('console'); // a page whose name looks like a file's
  expect(await get('/api/nothing')).toContain('not-found');
  expect(await get('/app.js')).toBe('app');
  expect((await fetched('/missing.js')).status).toBe(404);
  expect((await fetched('/../data/operations.db')).status).not.toBe(200);
});

test.each([
  { host: 'evil.example', is: 404 },
  { host: 'localhost.evil.example', is: 404 },
  { host: 'LocalHost:8080', is: 200 },
  { host: 'localhost.', is: 200 },
])('a name that leads here by a foreign page’s doing is refused: $host: $is', async ({ host, is }) => {
  const status = await new Promise<number | undefined>((resolve) => {
    const { authority: ca } = headend;
    request(`${headend.httpsUrl}/api/sign-in`, { headers: { host }, ca, servername: 'localhost' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(is);
});

test.each(['/', '/api/fleet', '/api/stream', '/metrics'])(
  '%s may not be framed, nor load from elsewhere',
  async (path) => {
    const aborted = new AbortController();
    const { headers } = await fetched(path, { signal: aborted.signal });
    aborted.abort();
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'self';.*frame-ancestors 'none'/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  },
);

test('metrics can be scraped, health is told', async () => {
  const { ask } = await admin();
  const text = await (await ask('/metrics')).text();
  for (const name of [
    'tiepoint_devices{liveness="live"}',
    'tiepoint_command_transitions_total{state="confirmed"} 0',
    'tiepoint_broker{figure="up"} 1',
    'process_cpu_seconds_total',
  ])
    expect(text).toContain(name);
  expect(await (await ask('/api/health')).json()).toMatchObject({
    state: 'ok',
    broker: 'up',
    gateways: { online: 0 },
  });
});

describe('the live stream over a real socket', () => {
  type Stream = { frames: StreamFrame[]; lastId: () => string | undefined; close: () => void; ended: Promise<void> };
  async function stream(lastEventId?: string): Promise<Stream> {
    const aborted = new AbortController();
    const response = await (
      await admin()
    ).ask('/api/stream', {
      signal: aborted.signal,
      ...(lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const frames: StreamFrame[] = [];
    let lastId: string | undefined;
    const read = async (): Promise<void> => {
      let text = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          lastId = /^id: (.*)$/m.exec(part)?.[1] ?? lastId;
          const data = /^data: (.*)$/m.exec(part)?.[1];
          if (data !== undefined) frames.push(JSON.parse(data) as StreamFrame);
        }
      }
    };
    return { frames, lastId: () => lastId, close: () => aborted.abort(), ended: read().catch(() => undefined) };
  }

  test('a snapshot, changes, a command at once; then, come back, only what was missed; at the stop a goodbye', async () => {
    const agent = await oneMeter();
    const { ask } = await admin();
    await putInService(await admin(), headend.fieldUrl, { gatewayId: 'site-1', tls, deviceIds: ['meter-1'] });
    const first = await stream();
    await vi.waitFor(() =>
      expect(first.frames).toMatchObject([
        { type: 'snapshot', rows: [{ id: 'site-1.meter-1' }], gateways: [{ id: 'site-1', state: 'online' }] },
      ]),
    );
    await agent.meter('meter-1', { switchState: 'closed', control: 'none', activePowerW: 77 });
    await vi.waitFor(
      () =>
        expect(first.frames.at(-1)).toMatchObject({
          type: 'delta',
          rows: [{ id: 'site-1.meter-1', activePowerW: 77 }],
        }),
      { timeout: 3_000 },
    );
    const post = (path: string, body: object): Promise<Response> =>
      ask(path, {
        method: 'POST',
        headers: { 'idempotency-key': 'k', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const selected = (await (await post('/api/devices/site-1.meter-1/selections', { kind: 'disconnect' })).json()) as {
      id: string;
    };
    await post('/api/commands', { selectionId: selected.id });
    await vi.waitFor(
      () =>
        expect(first.frames.flatMap((frame) => (frame.type === 'command' ? [frame.transition.state] : []))).toEqual([
          'requested',
          'sent',
        ]),
      { timeout: 400 },
    );
    const seen = first.lastId();
    first.close();
    await first.ended;
    await agent.meter('meter-1', { switchState: 'closed', control: 'none', activePowerW: 78 });
    const second = await stream(seen);
    await vi.waitFor(
      () =>
        expect(
          second.frames.some(
            (frame) => frame.type === 'delta' && frame.rows.some(({ activePowerW }) => activePowerW === 78),
          ),
        ).toBe(true),
      { timeout: 3_000 },
    );
    expect(second.frames.some(({ type }) => type === 'snapshot')).toBe(false);
    await agent.stop();
    await headend.stop();
    await second.ended;
    expect(second.frames.at(-1)).toMatchObject({ type: 'goodbye', reason: 'stopping' });
  });
});
