import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assignmentShape, enrolmentShape, reportAnswerShape, seenShape } from '@tiepoint/protocol/field';
import type { CommissioningReport, Enrolment, ReportAnswer } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeviceDetail, ErrorBody, EventsResponse, SelectionView } from './api/contract.ts';
import type { ImportDone, ImportPreview, SiteDetail, TokenIssued } from './api/site-contract.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { FakeAgent, meterBirth, pvBirth } from './nms/testing/fake-agent.ts';

const hourMs = 3_600_000;
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: unknown, say: string) => console.error(say, fields),
};
const file = [
  'site,site_title,gateway,device,profile,serial_number,switched_by,connection,unit,contract,contract_power_kw,may_command,from',
  'home,Home,gw-1,meter-1,test/meter,S-1,,rtu /dev/ttyUSB0 9600 8N1,1,,,,',
  'home,Home,gw-1,pv-1,test/pv,,meter-1,,,C-1,3,ada,1970-01-01',
].join('\n');

let folder: string;
let headend: RunningHeadend;
let agents: FakeAgent[];
let aheadMs: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sites-'));
  agents = [];
  aheadMs = 0;
  headend = await start();
});

afterEach(async () => {
  for (const agent of agents) agent.cut();
  await headend.stop();
  rmSync(folder, { recursive: true });
});

async function start(more = ''): Promise<RunningHeadend> {
  const settings = parseSettings(`{ data: ${folder}, http: { port: 0 }, broker: { port: 0 } ${more} }`, 'test');
  if (!settings.ok) throw new Error(settings.say.join());
  return await startHeadend(settings.value, quiet, () => Date.now() + aheadMs);
}

type Answer<T> = { status: number; body: T; headers: Headers };
async function call<T>(
  method: string,
  path: string,
  {
    json,
    csv,
    as,
    operator = 'ada',
  }: { json?: unknown; csv?: string; as?: readonly [string, string]; operator?: string } = {},
): Promise<Answer<T>> {
  const type = json !== undefined ? 'application/json' : csv === undefined ? undefined : 'text/csv';
  const body = json === undefined ? csv : JSON.stringify(json);
  const response = await fetch(headend.httpUrl + path, {
    method,
    headers: {
      'x-operator': operator,
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(as === undefined ? {} : { authorization: `Basic ${Buffer.from(as.join(':')).toString('base64')}` }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

const imported = async (text = file): Promise<void> =>
  expect((await call('POST', '/api/imports', { csv: text })).body).toMatchObject({ ok: true });
const site = async (): Promise<SiteDetail> => (await call<SiteDetail>('GET', '/api/sites/home')).body;
const token = async (): Promise<TokenIssued> =>
  (await call<TokenIssued>('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).body;
const enrol = (text: string): Promise<Answer<Enrolment & ErrorBody>> =>
  call('POST', '/field/v1/enrolments', { json: { token: text, name: 'Ted Technician' } });
const enrolled = async (): Promise<Enrolment> => (await enrol((await token()).token)).body;

async function agentOf(password: string, session = 1): Promise<FakeAgent> {
  const agent = new FakeAgent(headend.mqttUrl, 'gw-1', session, password);
  agents.push(agent);
  await agent.start();
  return agent;
}

async function born(agent: FakeAgent, { serialNumber = 'S-1', configurationHash = 'c0ffee' } = {}): Promise<void> {
  await agent.born(['meter-1', 'pv-1'], { configurationHash });
  await agent.deviceBorn('meter-1', { ...meterBirth, serialNumber });
  await agent.deviceBorn('pv-1', pvBirth);
  await agent.meter('meter-1', { switchState: 'closed', control: 'none', loadSideVoltage: 'present' });
  await agent.aas('pv-1', { activePowerW: 3_200, control: 'none' });
  await vi.waitFor(async () => expect((await site()).site.devicesBorn).toBe(2));
}

const report = (changes: Partial<CommissioningReport> = {}): CommissioningReport => ({
  version: 1,
  id: randomUUID(),
  site: { id: 'home', title: 'Home' },
  gateway: { id: 'gw-1', firmware: 'fake', readOnly: false, configurationHash: 'c0ffee' },
  technician: { name: 'Ted Technician' },
  devices: [
    { id: 'meter-1', profile: 'test/meter', profileHash: 'x', serialNumber: 'S-1' },
    { id: 'pv-1', profile: 'test/pv', profileHash: 'x' },
  ],
  items: ['meter-1', 'pv-1'].map((deviceId) => ({
    id: `${deviceId}/ident`,
    title: 'Ident',
    deviceId,
    required: true,
    outcome: 'passed' as const,
    say: 'as ordered',
    measured: [],
    atMs: 1,
    tookMs: 1,
    attempts: 1,
  })),
  photographs: [],
  startedAtMs: 1,
  finishedAtMs: 2,
  verdict: 'passed',
  reservations: [],
  ...changes,
});
const deliver = (password: string, told: unknown, html = '<p>report</p>'): Promise<Answer<ReportAnswer & ErrorBody>> =>
  call('POST', '/field/v1/reports', { json: { report: told, html }, as: ['gw-1', password] });
const mayDisconnect = async (): Promise<string> => {
  const { commands } = (await call<DeviceDetail>('GET', '/api/devices/gw-1.pv-1')).body;
  const may = commands.find(({ kind }) => kind === 'disconnect')?.may;
  return may === undefined ? 'not offered' : may.ok ? 'yes' : `${may.reason}: ${may.say}`;
};

describe('entering', () => {
  test('a file is shown, taken as it was shown, taken again without a change, and told in the audit', async () => {
    const preview = (await call<ImportPreview>('POST', '/api/imports/preview', { csv: file })).body as ImportDone;
    expect(preview.records.map(({ kind, id, change }) => `${kind} ${id} ${change}`)).toEqual([
      'site home new',
      'device gw-1.meter-1 new',
      'device gw-1.pv-1 new',
      'contract C-1 new',
    ]);
    expect((await call<{ sites: unknown[] }>('GET', '/api/sites')).body.sites).toEqual([]);
    await call('PUT', '/api/sites/home', { json: { title: 'House' } });
    const late = await call<ErrorBody>('POST', `/api/imports?expect=${preview.digest}`, { csv: file });
    expect([late.status, late.body.error.reason]).toEqual([409, 'conflict']);
    await imported();
    expect((await site()).site).toMatchObject({ title: 'Home', state: 'planned', devices: 2, devicesBorn: 0 });
    const again = (await call<ImportDone>('POST', '/api/imports', { csv: file })).body;
    expect(again.records.every(({ change }) => change === 'same')).toBe(true);
    const exported = (await call<string>('GET', '/api/exports/sites.csv')).body;
    expect(
      (await call<ImportDone>('POST', '/api/imports', { csv: exported })).body.records.every(
        ({ change }) => change === 'same',
      ),
    ).toBe(true);
    const audit = (await call<{ rows: { action: string; who: string }[] }>('GET', '/api/audit?subject=site:home')).body;
    expect(audit.rows.map(({ action, who }) => `${action} ${who}`)).toEqual([
      'import ada',
      'site-state head-end',
      'site-set ada',
    ]);
  });

  test('a file with a fault changes nothing, and says where', async () => {
    const refused = await call<ErrorBody>('POST', '/api/imports', { csv: `${file}\nworks,Works,gw-1,d,p,,,,,,,,` });
    expect(refused.status).toBe(400);
    expect(refused.body.error.faults?.map(({ line, column }) => `${line} ${column}`)).toEqual([
      '2 gateway',
      '3 gateway',
      '4 gateway',
    ]);
    expect((await call<{ sites: unknown[] }>('GET', '/api/sites')).body.sites).toEqual([]);
    const latin = await fetch(`${headend.httpUrl}/api/imports/preview`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Buffer.from('site,site_title\nhome,Caf\xe9\n', 'latin1'),
    });
    expect(await latin.json()).toMatchObject({ ok: false, faults: [{ line: 2, column: 'site_title' }] });
  });

  test.each([
    { put: '/api/sites/Home%20St', json: { title: 'x' }, status: 400, says: 'is no name' },
    { put: '/api/sites/a', json: {}, status: 400, says: 'title' },
    {
      put: '/api/orders/gw-9.d',
      json: { siteId: 'nowhere', profile: 'p' },
      status: 400,
      says: 'there is no site nowhere',
    },
    { put: '/api/orders/gw-9', json: { siteId: 'home', profile: 'p' }, status: 400, says: 'is no device' },
    {
      put: '/api/contracts/C-9',
      json: { deviceId: 'gw-1.x', operators: ['any'], fromDay: '2026-01-01' },
      status: 400,
      says: 'there is no device gw-1.x',
    },
    {
      put: '/api/contracts/C-9',
      json: { deviceId: 'gw-1.pv-1', operators: [], fromDay: '2026-01-01' },
      status: 400,
      says: 'fewer than 1',
    },
  ])('$put with $json: $says', async ({ put, json, status, says }) => {
    await imported();
    const answer = await call<ErrorBody>('PUT', put, { json });
    expect(answer.status).toBe(status);
    expect(answer.body.error.say).toContain(says);
  });

  test('what others hang on is not removed; a person removes from the leaves on', async () => {
    await imported();
    const remove = async (path: string): Promise<number> => (await call('DELETE', path)).status;
    expect(await remove('/api/sites/home')).toBe(400);
    expect(await remove('/api/orders/gw-1.pv-1')).toBe(400);
    for (const path of ['contracts/C-1', 'orders/gw-1.pv-1', 'orders/gw-1.meter-1', 'sites/home'])
      expect(await remove(`/api/${path}`)).toBe(204);
    expect(await remove('/api/sites/home')).toBe(404);
  });
});

describe('enrolment', () => {
  test('a token becomes an identity that the broker takes at once; neither is kept in clear', async () => {
    await imported();
    expect((await site()).site.missing).toEqual([
      'gw-1 has no identity yet: issue an enrolment token, and enrol it on site.',
    ]);
    const issued = await token();
    expect(issued.line).toBe(`tiepoint-agent enroll ${headend.httpUrl} ${issued.token}`);
    const answer = await enrol(issued.token);
    expect(answer.status).toBe(201);
    expect(enrolmentShape(answer.body, '')).toMatchObject({ ok: true });
    const { password, configuration, open, mqttUrl } = answer.body;
    expect(mqttUrl).toBe(headend.mqttUrl);
    expect(configuration).toContain(password);
    expect(open).toEqual([expect.stringContaining('pv-1: its connection is not known')]);
    await agentOf(password);
    await expect(agentOf('another password', 2)).rejects.toThrow(/not authorized/i);
    expect((await site()).site.state).toBe('provisioned');
    expect((await site()).gateways[0]?.tokens).toMatchObject([{ state: 'used', overBy: 'Ted Technician' }]);
    await headend.stop();
    const kept = ['operations.db', 'operations.db-wal'].map((name) => {
      try {
        return readFileSync(join(folder, name)).toString('latin1');
      } catch {
        return '';
      }
    });
    expect(kept.join().includes('passwordHash')).toBe(true);
    for (const secret of [password, issued.token]) expect(kept.join().includes(secret)).toBe(false);
    headend = await start();
    await agentOf(password, 3);
  });

  test('enrolled again, only the newest password counts', async () => {
    await imported();
    const first = await enrolled();
    const second = await enrolled();
    await expect(agentOf(first.password)).rejects.toThrow(/not authorized/i);
    await agentOf(second.password);
    expect((await call('GET', '/field/v1/assignment', { as: ['gw-1', first.password] })).status).toBe(401);
  });

  test('a token that is used, revoked, expired or none is refused, and why is said', async () => {
    await imported();
    const used = await token();
    expect((await enrol(used.token)).status).toBe(201);
    const revoked = await token();
    expect((await call('DELETE', `/api/enrolment-tokens/${revoked.id}`)).status).toBe(204);
    const expired = await token();
    aheadMs = 73 * hourMs;
    for (const [text, says] of [
      [used.token, 'was used before, by Ted Technician'],
      [revoked.token, 'was revoked'],
      [expired.token, 'has expired'],
      ['never-issued', 'There is no such enrolment token'],
      [`${used.token} `, 'There is no such enrolment token'],
    ] as const) {
      const answer = await enrol(text);
      expect([answer.status, answer.body.error.reason]).toEqual([403, 'token']);
      expect(answer.body.error.say).toContain(says);
    }
    expect((await call<ErrorBody>('DELETE', `/api/enrolment-tokens/${used.id}`)).body.error.say).toContain(
      'used already',
    );
    const audit = (await call<{ rows: { action: string }[] }>('GET', '/api/audit?subject=site:home')).body.rows;
    expect(audit.filter(({ action }) => action === 'enrolment-refused')).toHaveLength(3);
  });

  test('tokens cannot be guessed at any speed, nor strewn about', async () => {
    await imported();
    for (let count = 0; count < 5; count += 1) expect((await token()).state).toBe('open');
    expect((await call<ErrorBody>('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).body.error.reason).toBe(
      'conflict',
    );
    expect((await call<ErrorBody>('POST', '/api/gateways/gw-7/enrolment-tokens', { json: {} })).status).toBe(404);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await enrol('guess')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
    const last = await enrol('guess');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    aheadMs = 11_000;
    expect((await enrol('guess')).status).toBe(403);
  });
});

describe('a gateway and its technician', () => {
  test('ask with the password of the gateway, and not at any speed with others', async () => {
    await imported();
    const { password } = await enrolled();
    for (const as of [undefined, ['gw-1', 'wrong'], ['gw-2', password], ['gw-1', '']] as const) {
      const answer = await call<ErrorBody>('GET', '/field/v1/assignment', as === undefined ? {} : { as });
      expect([answer.status, answer.body.error.reason]).toEqual([401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1)
      statuses.push((await call('GET', '/field/v1/assignment', { as: ['gw-1', 'wrong'] })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
    aheadMs = 60_000;
    expect((await call('GET', '/field/v1/assignment', { as: ['gw-1', password] })).status).toBe(200);
  });

  test('are told what was ordered, and what was seen since they asked', async () => {
    await imported();
    const { password } = await enrolled();
    const as = ['gw-1', password] as const;
    const assignment = await call('GET', '/field/v1/assignment', { as });
    expect(assignmentShape(assignment.body, '')).toMatchObject({
      ok: true,
      value: {
        site: { id: 'home' },
        siteState: 'provisioned',
        devices: [
          { ordered: { deviceId: 'meter-1', serialNumber: 'S-1' }, contracts: [] },
          {
            ordered: { deviceId: 'pv-1', switchedBy: 'meter-1' },
            contracts: [{ id: 'C-1', ratedPowerW: 3_000, operators: ['ada'] }],
          },
        ],
      },
    });
    const agent = await agentOf(password);
    await born(agent);
    await agent.event('meter-1', { kind: 'health-changed' });
    await agent.raw('tiepoint/v1/gw-1/meter-1/status', new Uint8Array([1, 2, 3]));
    await agent.meter('meter-1', { activePowerW: 5 });
    await vi.waitFor(async () => {
      const seen = seenShape((await call('GET', '/field/v1/devices/meter-1/seen?sinceMs=0', { as })).body, '');
      expect(seen).toMatchObject({
        ok: true,
        value: {
          liveness: 'live',
          gatewayOnline: true,
          birth: { profileHash: 'x', serialNumber: 'S-1' },
          statuses: [{ seq: 0 }, { seq: 2 }],
          missedSeqs: [],
        },
      });
      expect(seen.ok && seen.value.events.some(({ kind, seq }) => kind === 'health-changed' && seq === 1)).toBe(true);
    });
    expect((await call('GET', '/field/v1/devices/nothing/seen', { as })).status).toBe(404);
  });
});

describe('into service and out of it', () => {
  test('only by a passed report that says what the births say; then commands go, until anything has changed', async () => {
    await imported();
    const { password } = await enrolled();
    const agent = await agentOf(password);
    await born(agent);
    expect(await mayDisconnect()).toContain('not-in-service: Site home is provisioned');
    const failed = report({
      verdict: 'failed',
      items: report().items.map((item) => ({ ...item, outcome: 'failed' as const })),
    });
    expect((await deliver(password, failed)).body).toMatchObject({ accepted: false, siteState: 'provisioned' });
    const emulated = (await deliver(password, report({ emulated: true }))).body;
    expect(emulated).toMatchObject({
      accepted: false,
      against: [expect.stringContaining('not started for demonstration')],
    });
    const passed = report();
    const answer = await deliver(password, passed, '<script>alert(1)</script><h1>Home</h1>');
    expect(reportAnswerShape(answer.body, '')).toMatchObject({
      ok: true,
      value: { accepted: true, siteState: 'in-service', against: [] },
    });
    expect((await site()).site).toMatchObject({
      state: 'in-service',
      missing: [],
      withoutContract: [],
      emulated: false,
    });
    expect(await mayDisconnect()).toBe('yes');
    const asked = async (operator: string): Promise<SelectionView> =>
      (
        await call<SelectionView>('POST', '/api/devices/gw-1.pv-1/selections', {
          json: { kind: 'disconnect' },
          operator,
        })
      ).body;
    const stranger = await asked('bob');
    expect(stranger.verdict).toMatchObject({ ok: false, reason: 'no-contract' });
    await call('DELETE', `/api/selections/${stranger.id}`, { operator: 'bob' });
    expect((await asked('ada')).verdict).toEqual({ ok: true });

    // The head-end starts again: what was accepted still holds.
    await headend.stop();
    headend = await start();
    expect((await site()).site.state).toBe('in-service');
    const back = await agentOf(password, 2);
    await born(back);
    expect((await site()).site.state).toBe('in-service');
    const exchanged = await agentOf(password, 3);
    await born(exchanged, { serialNumber: 'S-2' });
    await vi.waitFor(async () => expect((await site()).site.state).toBe('provisioned'));
    expect((await site()).site.missing[0]).toContain('meter-1 has serial number S-2 now, and had serial number S-1');
    expect(await mayDisconnect()).toContain('not-in-service');
    await vi.waitFor(async () => {
      const { events } = (await call<EventsResponse>('GET', '/api/events')).body;
      expect(events.find(({ kind }) => kind === 'site-changed')?.say).toContain(
        'in-service → provisioned. gw-1: meter-1 has serial number S-2',
      );
    });
    const audit = (await call<{ rows: { action: string; say: string }[] }>('GET', '/api/audit?subject=site:home')).body
      .rows;
    expect(audit[0]).toMatchObject({ action: 'site-state', say: expect.stringContaining('in-service → provisioned') });
    // It is as it was before, and is commissioned again all the same.
    const again = await agentOf(password, 4);
    await born(again);
    expect((await site()).site.state).toBe('provisioned');
    expect((await deliver(password, report())).body).toMatchObject({ accepted: true, siteState: 'in-service' });
  });

  test.each([
    {
      name: 'another configuration',
      change: async (agent: FakeAgent) => await agent.born(['meter-1', 'pv-1'], { configurationHash: 'beef' }),
      says: 'configuration is beef',
    },
    {
      name: 'another device ordered',
      change: async () => void (await call('PUT', '/api/orders/gw-1.new', { json: { siteId: 'home', profile: 'p' } })),
      says: 'new was entered after report',
    },
    {
      name: 'another profile',
      change: async (agent: FakeAgent) =>
        await agent.deviceBorn('meter-1', { ...meterBirth, serialNumber: 'S-1', profileHash: 'y' }),
      says: 'runs profile test/meter (y)',
    },
  ])('$name takes it out of service', async ({ change, says }) => {
    await imported();
    const { password } = await enrolled();
    const agent = await agentOf(password);
    await born(agent);
    expect((await deliver(password, report())).body).toMatchObject({ accepted: true });
    await change(agent);
    await vi.waitFor(async () => expect((await site()).site.state).toBe('provisioned'));
    expect((await site()).site.missing[0]).toContain(says);
  });

  test('a report is kept as it came, once, and shown where it can do nothing', async () => {
    await imported();
    const { password } = await enrolled();
    const agent = await agentOf(password);
    await born(agent);
    const told = report();
    const page = '<script>alert(1)</script><h1>Home</h1>';
    expect((await deliver(password, told, page)).status).toBe(201);
    expect((await deliver(password, told, page)).body).toMatchObject({ reportId: told.id, accepted: true });
    expect((await deliver(password, { ...told, finishedAtMs: 3 }, page)).body.error.reason).toBe('conflict');
    expect((await site()).reports).toMatchObject([
      { id: told.id, verdict: 'passed', accepted: true, technician: 'Ted Technician' },
    ]);
    expect((await call('GET', `/api/reports/${told.id}`)).body).toEqual(told);
    const shown = await call<string>('GET', `/api/reports/${told.id}/page?download=true`);
    expect(shown.body).toBe(page);
    expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(shown.headers.get('content-disposition')).toContain('commissioning-home-gw-1-1970-01-01.html');
    expect((await call('GET', '/api/reports/nothing')).status).toBe(404);
  });

  test.each([
    { name: 'no report', body: { html: 'x' }, says: 'report' },
    { name: 'no page', body: { report: report() }, says: 'html' },
    {
      name: 'a verdict that its items do not give',
      body: { report: report({ verdict: 'failed' }), html: 'x' },
      says: 'report.verdict',
    },
  ])('$name is refused, with the place', async ({ body, says }) => {
    await imported();
    const { password } = await enrolled();
    const answer = await call<ErrorBody>('POST', '/field/v1/reports', { json: body, as: ['gw-1', password] });
    expect(answer.status).toBe(400);
    expect(answer.body.error.say).toContain(says);
  });

  test('a report that is too large is refused; one with large photographs is taken', async () => {
    await imported();
    const { password } = await enrolled();
    const large = `<img src="data:image/jpeg;base64,${'A'.repeat(16 * 1024 * 1024)}">`;
    expect((await deliver(password, report(), large)).status).toBe(201);
    const tooLarge = await deliver(password, report(), 'A'.repeat(33 * 1024 * 1024)).catch(() => ({ status: 413 }));
    expect(tooLarge.status).toBe(413);
  });

  test('a retired site takes no command and no gateway, and comes back to be commissioned anew', async () => {
    await imported();
    const { password } = await enrolled();
    const agent = await agentOf(password);
    await born(agent);
    await deliver(password, report());
    expect((await call('PUT', '/api/sites/home/retirement', { json: { cause: 'sold' } })).body).toMatchObject({
      state: 'retired',
    });
    expect(await mayDisconnect()).toContain('Site home is retired');
    expect((await call('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).status).toBe(409);
    expect((await deliver(password, report())).body).toMatchObject({ accepted: false, siteState: 'retired' });
    expect((await call('DELETE', '/api/sites/home/retirement')).body).toMatchObject({ state: 'provisioned' });
  });
});

test('a profile file of one’s own goes with the enrolment of the gateways that need it', async () => {
  await imported();
  const put = (name: string, fileName: string): Promise<Answer<ErrorBody>> =>
    call('PUT', `/api/profiles/${name}`, { json: { fileName, text: 'name: own' } });
  expect((await put('own', '../own.yaml')).status).toBe(400);
  expect((await put('own', 'own.yaml')).status).toBe(204);
  expect((await call('PUT', '/api/orders/gw-1.pv-1', { json: { siteId: 'home', profile: 'own' } })).status).toBe(204);
  const { profiles, configuration } = await enrolled();
  expect(profiles).toEqual([{ name: 'own.yaml', text: 'name: own' }]);
  expect(configuration).toContain('- ./own.yaml');
});
