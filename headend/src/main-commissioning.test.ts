import { assignmentShape, reportAnswerShape, seenShape } from '@tiepoint/protocol/field';
import { TestAuthority } from './authority/testing/test-authority.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ErrorBody, EventsResponse, SelectionView } from './api/contract.ts';
import { homeFile, homeReport, SitesUnderTest } from './main-sites.fixture.ts';
import { meterBirth } from './nms/testing/fake-agent.ts';
import type { FakeAgent } from './nms/testing/fake-agent.ts';

let sites: SitesUnderTest;
beforeEach(async () => {
  sites = new SitesUnderTest();
  await sites.start();
});
afterEach(() => sites.end());

describe('a gateway and its technician', () => {
  test('ask with the certificate of the gateway, and not at any speed with others', async () => {
    await sites.imported();
    const { tls } = await sites.enrolled();
    const other = await (await TestAuthority.make()).gateway('gw-1');
    for (const shown of [undefined, { ...other, ca: tls.ca }]) {
      const answer = await sites.field<ErrorBody>('/field/v1/assignment', shown === undefined ? {} : { tls: shown });
      expect([answer.status, answer.body.error.reason]).toEqual([401, 'unauthenticated']);
    }
    const statuses: number[] = [];
    for (let count = 0; count < 9; count += 1) statuses.push((await sites.field('/field/v1/assignment')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401, 401, 429]);
    sites.aheadMs = 60_000;
    expect((await sites.field('/field/v1/assignment', { tls })).status).toBe(200);
  });

  test('are told what was ordered, and what was seen since they asked', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const { tls } = gateway;
    const assignment = await sites.field('/field/v1/assignment', { tls });
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
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    await agent.event('meter-1', { kind: 'health-changed' });
    await agent.raw('tiepoint/v1/gw-1/meter-1/status', new Uint8Array([1, 2, 3]));
    await agent.meter('meter-1', { activePowerW: 5 });
    await vi.waitFor(async () => {
      const seen = seenShape((await sites.field('/field/v1/devices/meter-1/seen?sinceMs=0', { tls })).body, '');
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
    expect((await sites.field('/field/v1/devices/nothing/seen', { tls })).status).toBe(404);
  });
});

describe('into service and out of it', () => {
  test('only by a passed report that says what the births say; then commands go, until anything has changed', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    expect(await sites.mayDisconnect()).toContain('not-in-service: Site home is provisioned');
    const failed = homeReport({
      verdict: 'failed',
      items: homeReport().items.map((item) => ({ ...item, outcome: 'failed' as const })),
    });
    expect((await sites.deliver(gateway, failed)).body).toMatchObject({ accepted: false, siteState: 'provisioned' });
    const emulated = (await sites.deliver(gateway, homeReport({ emulated: true }))).body;
    expect(emulated).toMatchObject({
      accepted: false,
      against: [expect.stringContaining('not started for demonstration')],
    });
    const passed = homeReport();
    const answer = await sites.deliver(gateway, passed, '<script>alert(1)</script><h1>Home</h1>');
    expect(reportAnswerShape(answer.body, '')).toMatchObject({
      ok: true,
      value: { accepted: true, siteState: 'in-service', against: [] },
    });
    expect((await sites.site()).site).toMatchObject({
      state: 'in-service',
      missing: [],
      withoutContract: [],
      emulated: false,
    });
    expect(await sites.mayDisconnect()).toBe('yes');
    const asked = async (operator: string): Promise<SelectionView> =>
      (
        await sites.call<SelectionView>('POST', '/api/devices/gw-1.pv-1/selections', {
          json: { kind: 'disconnect' },
          operator,
        })
      ).body;
    const stranger = await asked('bob');
    expect(stranger.verdict).toMatchObject({ ok: false, reason: 'no-contract' });
    await sites.call('DELETE', `/api/selections/${stranger.id}`, { operator: 'bob' });
    expect((await asked('ada')).verdict).toEqual({ ok: true });

    // The head-end starts again: what was accepted still holds.
    await sites.stop();
    await sites.start();
    expect((await sites.site()).site.state).toBe('in-service');
    const back = await sites.agentOf(gateway, 2);
    await sites.born(back);
    expect((await sites.site()).site.state).toBe('in-service');
    const exchanged = await sites.agentOf(gateway, 3);
    await sites.born(exchanged, { serialNumber: 'S-2' });
    await vi.waitFor(async () => expect((await sites.site()).site.state).toBe('provisioned'));
    expect((await sites.site()).site.missing[0]).toContain(
      'meter-1 has serial number S-2 now, and had serial number S-1',
    );
    expect(await sites.mayDisconnect()).toContain('not-in-service');
    await vi.waitFor(async () => {
      const { events } = (await sites.call<EventsResponse>('GET', '/api/events')).body;
      expect(events.find(({ kind }) => kind === 'site-changed')?.say).toContain(
        'in service → provisioned. gw-1: meter-1 has serial number S-2',
      );
    });
    const audit = (await sites.call<{ rows: { action: string; say: string }[] }>('GET', '/api/audit?subject=site:home'))
      .body.rows;
    expect(audit[0]).toMatchObject({ action: 'site-state', say: expect.stringContaining('in service → provisioned') });
    // It is as it was before, and is commissioned again all the same.
    const again = await sites.agentOf(gateway, 4);
    await sites.born(again);
    expect((await sites.site()).site.state).toBe('provisioned');
    expect((await sites.deliver(gateway, homeReport())).body).toMatchObject({
      accepted: true,
      siteState: 'in-service',
    });
  });

  test.each([
    {
      name: 'another configuration',
      change: async (agent: FakeAgent) => await agent.born(['meter-1', 'pv-1'], { configurationHash: 'beef' }),
      says: 'configuration is beef',
    },
    {
      name: 'another device ordered',
      change: async () =>
        void (await sites.call('PUT', '/api/orders/gw-1.new', { json: { siteId: 'home', profile: 'p' } })),
      says: 'new was entered after report',
    },
    {
      name: 'another profile',
      change: async (agent: FakeAgent) =>
        await agent.deviceBorn('meter-1', { ...meterBirth, serialNumber: 'S-1', profileHash: 'y' }),
      says: 'runs profile test/meter (y)',
    },
  ])('$name takes it out of service', async ({ change, says }) => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    expect((await sites.deliver(gateway, homeReport())).body).toMatchObject({ accepted: true });
    await change(agent);
    await vi.waitFor(async () => expect((await sites.site()).site.state).toBe('provisioned'));
    expect((await sites.site()).site.missing[0]).toContain(says);
  });

  test('a report is kept as it came, once, and shown where it can do nothing', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    const told = homeReport({ finishedAtMs: 2 });
    const page = '<script>alert(1)</script><h1>Home</h1>';
    expect((await sites.deliver(gateway, told, page)).status).toBe(201);
    expect((await sites.deliver(gateway, told, page)).body).toMatchObject({ reportId: told.id, accepted: true });
    expect((await sites.deliver(gateway, { ...told, finishedAtMs: 3 }, page)).body.error.reason).toBe('conflict');
    expect((await sites.site()).reports).toMatchObject([
      { id: told.id, verdict: 'passed', accepted: true, technician: 'Ted Technician' },
    ]);
    expect((await sites.call('GET', `/api/reports/${told.id}`)).body).toEqual(told);
    const shown = await sites.call<string>('GET', `/api/reports/${told.id}/page?download=true`);
    expect(shown.body).toBe(page);
    expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(shown.headers.get('content-disposition')).toContain('commissioning-home-gw-1-1970-01-01.html');
    expect((await sites.call('GET', '/api/reports/nothing')).status).toBe(404);
  });

  test.each([
    { name: 'no report', body: { html: 'x' }, says: 'report' },
    { name: 'no page', body: { report: homeReport() }, says: 'html' },
    {
      name: 'a verdict that its items do not give',
      body: { report: homeReport({ verdict: 'failed' }), html: 'x' },
      says: 'report.verdict',
    },
  ])('$name is refused, with the place', async ({ body, says }) => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const answer = await sites.field<ErrorBody>('/field/v1/reports', { method: 'POST', json: body, tls: gateway.tls });
    expect(answer.status).toBe(400);
    expect(answer.body.error.say).toContain(says);
  });

  test('a report of nothing but brackets keeps nobody waiting', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const report = { ...homeReport(), more: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown };
    const answer = await sites.deliver(gateway, report);
    expect(answer).toMatchObject({ status: 400, body: { error: { say: expect.stringContaining('nests deeper') } } });
    expect((await sites.deliver(gateway, 'x'.repeat(100))).body.error.say.length).toBeLessThan(120);
  });

  test('a report that is too large is refused; one with large photographs is taken', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const large = `<img src="data:image/jpeg;base64,${'A'.repeat(16 * 1024 * 1024)}">`;
    expect((await sites.deliver(gateway, homeReport(), large)).status).toBe(201);
    const tooLarge = await sites
      .deliver(gateway, homeReport(), 'A'.repeat(33 * 1024 * 1024))
      .catch(() => ({ status: 413 }));
    expect(tooLarge.status).toBe(413);
  });

  test('a retired site takes no command and no gateway, and comes back to be commissioned anew', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    await sites.deliver(gateway, homeReport());
    expect((await sites.call('PUT', '/api/sites/home/retirement', { json: { cause: 'sold' } })).body).toMatchObject({
      state: 'retired',
    });
    expect(await sites.mayDisconnect()).toContain('Site home is retired');
    expect((await sites.call('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).status).toBe(409);
    expect((await sites.deliver(gateway, homeReport())).body).toMatchObject({ accepted: false, siteState: 'retired' });
    expect((await sites.call('DELETE', '/api/sites/home/retirement')).body).toMatchObject({ state: 'provisioned' });
  });

  test('an old report does not bring it back: not as it was, nor with another id, nor after a retirement', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    await sites.born(await sites.agentOf(gateway));
    const old = homeReport();
    expect((await sites.deliver(gateway, old)).body).toMatchObject({ accepted: true });
    await sites.born(await sites.agentOf(gateway, 2), { serialNumber: 'S-2' });
    await vi.waitFor(async () => expect((await sites.site()).site.state).toBe('provisioned'));
    await sites.born(await sites.agentOf(gateway, 3));
    expect((await sites.deliver(gateway, old)).body).toMatchObject({ accepted: false, siteState: 'provisioned' });
    const renamed = { ...old, id: 'another-report', finishedAtMs: Date.now() + 60_000 };
    expect((await sites.deliver(gateway, renamed)).body).toMatchObject({ accepted: false, siteState: 'provisioned' });
    const fresh = homeReport();
    expect((await sites.deliver(gateway, fresh)).body).toMatchObject({ accepted: true, siteState: 'in-service' });
    await sites.call('PUT', '/api/sites/home/retirement', { json: { cause: 'sold' } });
    await sites.call('DELETE', '/api/sites/home/retirement');
    expect((await sites.deliver(gateway, { ...fresh, id: 'a-third-report' })).body).toMatchObject({
      accepted: false,
      siteState: 'provisioned',
    });
  });

  test('a gateway that is entered at another site takes no service with it', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    await sites.born(await sites.agentOf(gateway));
    await sites.deliver(gateway, homeReport());
    expect(await sites.mayDisconnect()).toBe('yes');
    await sites.imported(homeFile.replaceAll('home,Home', 'works,Works'));
    expect((await sites.call('GET', '/api/sites/works')).body).toMatchObject({ site: { state: 'provisioned' } });
    expect(await sites.mayDisconnect()).toContain('not-in-service');
  });
});

test('gateways and technicians have a server of their own, where nothing else is found', async () => {
  await sites.stop();
  await sites.start(", enrolment: { url: 'https://field.example', mqttUrl: 'mqtts://mqtt.example' }");
  await sites.imported();
  const issued = await sites.token();
  expect(issued.line).toBe(`tiepoint-agent enroll https://field.example ${issued.token}`);
  const enrolled = await sites.enrol(issued.token);
  expect([enrolled.status, enrolled.body.mqttUrl]).toEqual([201, 'mqtts://mqtt.example']);
  for (const path of ['/api/sites', '/api/fleet', '/metrics', '/']) expect((await sites.field(path)).status).toBe(404);
  expect((await sites.call('GET', '/field/v1/assignment')).status).toBe(404);
});
