import { parseEnrolmentToken } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CommandDetail, ErrorBody, SelectionView } from './api/contract.ts';
import type { EditMadeResponse } from './api/interval-contract.ts';
import type { ModeOrderView } from './api/mode-contract.ts';
import type { TokenIssued } from './api/site-contract.ts';
import { parseSettings } from './main-settings.ts';
import { formOf, homeReport, SitesUnderTest } from './main-sites.fixture.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { numberMeters } from './mdw/requests.ts';
import { aSwitch, line, networkOf, source } from './network/connectivity/sample-network.fixture.ts';
import { changesBetween } from './network/model/network-change.ts';
import { emptyNetwork } from './network/model/network-draft.ts';
import { editRecord } from './network/network-register.ts';
import { newRequest } from './nms/testing/field-client.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import { setAudit } from './store/testing/failing-audit.ts';

// What cannot be audited is not carried out: here the audit alone takes no rows, by a trigger set from outside.
let sites: SitesUnderTest;
beforeEach(async () => {
  sites = new SitesUnderTest();
  drawSwitch(sites.folder);
  await sites.start();
});
afterEach(async () => await sites.end());

/** A circuit with one switch. */
function drawSwitch(folder: string): void {
  const drawing = networkOf([source('s', 'a'), aSwitch('w', 'a', 'b'), line('l', 'b', 'c')], (draft) =>
    draft.put({ kind: 'Circuit', id: 'c1', name: 'c1', head: { equipment: 'w', terminal: 1 } }),
  );
  const store = new SqliteStore(folder);
  store.start();
  const record = editRecord(changesBetween(emptyNetwork(), drawing), 1_000, {
    recordedAtMs: 1,
    who: 'ada',
    cause: 'x',
  });
  store.network.append(record, { atMs: 1, who: 'ada', identity: 'system', action: 'network-edited', say: 'drawn' });
  store.stop();
}

const townScript = `new circuit.town basekv=12.47 bus1=bus
new linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 c1=9 c0=4 units=km normamps=400
new line.main bus1=bus bus2=b length=1 units=km linecode=c
`;
const editedS = Date.parse('2026-03-31T20:00:00Z') / 1_000;

/** A meter of the warehouse with one interval that a person told. */
async function edited(): Promise<number> {
  const settings = parseSettings(`{ data: ${sites.folder} }`, 'test');
  if (!settings.ok) throw new Error(settings.say.join());
  await withWarehouse(settings.value, async (ask) => await ask(numberMeters, [{ name: 'm' }]));
  const json = { meter: 'm', cause: 'x', changes: [{ startS: editedS, lengthS: 3_600, importWh: 5 }] };
  return (await sites.call<EditMadeResponse>('POST', '/api/intervals/edits', { json })).body.edit;
}

/** Tried by `main-unrecorded-people.test.ts` and `main-approvals.test.ts`. */
const isOfPeople = (path: string): boolean =>
  /^\/api\/(session|account|operators|tokens|approvals|group-selections|group-commands)(\/|$)/.test(path);

/** They look, ask and compute; nothing is otherwise by them. */
const changesNothing = new Set([
  '/api/audit/verification',
  '/api/imports/preview',
  '/api/reads',
  '/api/night-read',
  '/api/load/runs',
]);

type Try = {
  route: string;
  method: string;
  path: string;
  json?: unknown;
  csv?: string;
  form?: FormData;
  operator?: string;
};

test('every route that changes anything changes nothing while the audit takes no rows', async () => {
  await sites.imported();
  const gateway = await sites.enrolled();
  const agent = await sites.agentOf(gateway);
  await sites.born(agent);
  await sites.deliver(gateway, homeReport());
  const select = async (): Promise<SelectionView> =>
    (await sites.call<SelectionView>('POST', '/api/devices/gw-1.pv-1/selections', { json: { kind: 'disconnect' } }))
      .body;
  const tag = { cause: 'work' };
  const profile = { text: '{}', fileName: 'own.yaml' };
  expect((await sites.call('PUT', '/api/profiles/own', { json: profile })).status).toBe(204);
  await sites.call('PUT', '/api/sites/other', { json: { title: 'Other' } });
  await sites.call('PUT', '/api/orders/gw-2.meter-1', { json: { siteId: 'other', profile: 'test/meter' } });
  await sites.call('PUT', '/api/sites/other/retirement', { json: { cause: 'gone' } });
  await sites.call('PUT', '/api/sites/empty', { json: { title: 'Empty' } });
  const issued = (await sites.call<TokenIssued>('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).body;
  const selection = await select();
  const edit = await edited();
  const mode = (
    await sites.call<ModeOrderView>('POST', '/api/modes', {
      json: { mode: 'storm', areas: 'all', untilMs: Date.now() + 3_600_000, cause: 'gale' },
    })
  ).body;

  const all = async (): Promise<unknown> => {
    const paths = [
      '/api/sites/home',
      '/api/sites',
      '/api/gateways',
      '/api/commands',
      '/api/exports/sites.csv',
      '/api/audit',
      '/api/command-keys',
      '/api/modes',
      '/api/network',
      '/api/network/circuits/c1',
      '/api/intervals?meter=m&from=2026-03-31&to=2026-04-01',
      '/api/intervals/edits',
      '/api/intervals/retention',
    ];
    const shown = await Promise.all(paths.map(async (path) => (await sites.call<unknown>('GET', path)).body));
    return JSON.parse(
      JSON.stringify(shown, (key, value: unknown) => (key === 'lastHeardAtMs' || key === 'atMs' ? undefined : value)),
    );
  };
  const device = { profile: 'test/pv' };
  const removal = {
    operator: 'bob',
    route: 'POST /api/devices/{id}/tag/removal',
    method: 'POST',
    path: '/api/devices/gw-1.pv-1/tag/removal',
    json: { verified: 'the gate was asked', tried: 'called' },
  };
  const untag = { route: 'DELETE /api/devices/{id}/tag', method: 'DELETE', path: '/api/devices/gw-1.pv-1/tag' };
  const tries: Try[] = [
    { route: 'DELETE /api/contracts/{id}', method: 'DELETE', path: '/api/contracts/C-1' },
    { route: 'DELETE /api/enrolment-tokens/{id}', method: 'DELETE', path: `/api/enrolment-tokens/${issued.id}` },
    { route: 'DELETE /api/modes/{id}', method: 'DELETE', path: `/api/modes/${mode.id}` },
    { route: 'DELETE /api/orders/{id}', method: 'DELETE', path: '/api/orders/gw-2.meter-1' },
    { route: 'DELETE /api/profiles/{id}', method: 'DELETE', path: '/api/profiles/own' },
    { route: 'DELETE /api/selections/{id}', method: 'DELETE', path: `/api/selections/${selection.id}` },
    { route: 'DELETE /api/sites/{id}', method: 'DELETE', path: '/api/sites/empty' },
    { route: 'DELETE /api/sites/{id}/retirement', method: 'DELETE', path: '/api/sites/other/retirement' },
    {
      operator: 'admin',
      route: 'POST /api/command-keys/rotation',
      method: 'POST',
      path: '/api/command-keys/rotation',
      json: { wish: 'announce' },
    },
    { route: 'POST /api/commands', method: 'POST', path: '/api/commands', json: { selectionId: selection.id } },
    {
      route: 'POST /api/devices/{id}/selections',
      method: 'POST',
      path: '/api/devices/gw-1.meter-1/selections',
      json: { kind: 'disconnect' },
    },
    {
      route: 'POST /api/gateways/{id}/enrolment-tokens',
      method: 'POST',
      path: '/api/gateways/gw-1/enrolment-tokens',
      json: {},
    },
    {
      route: 'POST /api/gateways/{id}/revocation',
      method: 'POST',
      path: '/api/gateways/gw-1/revocation',
      json: { cause: 'x' },
    },
    {
      route: 'POST /api/intervals/edits',
      method: 'POST',
      path: '/api/intervals/edits',
      json: { meter: 'm', cause: 'x', changes: [{ startS: editedS, importWh: 9 }] },
    },
    {
      route: 'POST /api/intervals/edits/{id}/withdrawal',
      method: 'POST',
      path: `/api/intervals/edits/${edit}/withdrawal`,
      json: { cause: 'x' },
    },
    {
      route: 'POST /api/intervals/estimates',
      method: 'POST',
      path: '/api/intervals/estimates',
      json: { from: '2026-03-31', to: '2026-04-01' },
    },
    {
      route: 'POST /api/intervals/imports',
      method: 'POST',
      path: '/api/intervals/imports',
      csv: 'meter,start,minutes,wh\nm,2026-03-31T21:00Z,60,8',
    },
    {
      operator: 'admin',
      route: 'PUT /api/intervals/retention',
      method: 'PUT',
      path: '/api/intervals/retention',
      json: { keepDays: 400, cause: 'x' },
    },
    {
      route: 'PUT /api/intervals/profiles',
      method: 'PUT',
      path: '/api/intervals/profiles',
      csv: [
        'profile,hour,weekday,saturday,sunday',
        ...Array.from({ length: 24 }, (_, hour) => `own,${hour},1,1,1`),
      ].join('\n'),
    },
    { route: 'DELETE /api/intervals/profiles/{id}', method: 'DELETE', path: '/api/intervals/profiles/own' },
    {
      route: 'PUT /api/intervals/annual',
      method: 'PUT',
      path: '/api/intervals/annual',
      csv: 'meter,annual_kwh,profile\nm,5000,residential',
    },
    {
      route: 'POST /api/modes',
      method: 'POST',
      path: '/api/modes',
      json: { mode: 'safe', areas: 'all', untilMs: Date.now() + 3_600_000, cause: 'x' },
    },
    {
      route: 'POST /api/network/imports',
      method: 'POST',
      path: '/api/network/imports',
      form: formOf([['network', 'town.dss', townScript]]),
    },
    {
      route: 'POST /api/network/switches/{id}/operations',
      method: 'POST',
      path: '/api/network/switches/w/operations',
      json: { open: true, cause: 'x' },
    },
    { route: 'POST /api/imports', method: 'POST', path: '/api/imports', csv: 'site,site_title\nthird,Third' },
    {
      route: 'PUT /api/contracts/{id}',
      method: 'PUT',
      path: '/api/contracts/C-2',
      json: { deviceId: 'gw-1.pv-1', operators: ['eve'], fromDay: '2020-01-01', ratedPowerW: 3_000 },
    },
    { route: 'PUT /api/devices/{id}/tag', method: 'PUT', path: '/api/devices/gw-1.pv-1/tag', json: tag },
    {
      route: 'PUT /api/gateways/{id}/configuration',
      method: 'PUT',
      path: '/api/gateways/gw-1/configuration',
      json: { devices: [{ deviceId: 'pv-1', periodMs: 8_000 }] },
    },
    {
      route: 'PUT /api/orders/{id}',
      method: 'PUT',
      path: '/api/orders/gw-1.pv-2',
      json: { siteId: 'home', ...device },
    },
    { route: 'PUT /api/profiles/{id}', method: 'PUT', path: '/api/profiles/own', json: profile },
    { route: 'PUT /api/sites/{id}', method: 'PUT', path: '/api/sites/home', json: { title: 'Renamed' } },
    {
      route: 'PUT /api/sites/{id}/retirement',
      method: 'PUT',
      path: '/api/sites/home/retirement',
      json: { cause: 'gone' },
    },
  ];
  const document = (await sites.call<{ paths: Record<string, object> }>('GET', '/api/openapi.json')).body;
  const changing = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'get' && !changesNothing.has(path) && !isOfPeople(path))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...tries, removal, untag].map(({ route }) => route).toSorted()).toEqual(changing.toSorted());

  const refusedUnrecorded = async ({ route, method, path, ...sent }: Try): Promise<void> => {
    const { status, body } = await sites.call<{ error?: { reason: string } }>(method, path, sent);
    expect([route, status, body.error?.reason]).toEqual([route, 503, 'not-recorded']);
  };
  await sites.crew.as('bob');
  const before = await all();
  setAudit(sites.folder, true);
  for (const each of tries) await refusedUnrecorded(each);
  const { certificateRequest } = await newRequest();
  const secret = parseEnrolmentToken(issued.token)?.secret;
  for (const [path, json] of [
    ['/field/v1/enrolments', { token: secret, name: 'Ted', certificateRequest }],
    ['/field/v1/reports', { report: homeReport(), html: '<p>x</p>' }],
    ['/field/v1/renewals', { certificateRequest }],
  ] as const) {
    const { status, body } = await sites.field<ErrorBody>(path, { method: 'POST', json, tls: gateway.tls });
    expect([path, status, body.error?.reason]).toEqual([path, 503, 'not-recorded']);
  }
  expect(await all()).toEqual(before);
  expect(agent.commands).toEqual([]);
  expect(agent.configurations).toEqual([]);

  setAudit(sites.folder, false);
  expect((await sites.call('POST', '/api/commands', { json: { selectionId: selection.id } })).status).toBe(202);
  await vi.waitFor(() => expect(agent.commands).toHaveLength(1));

  await sites.call('PUT', '/api/devices/gw-1.pv-1/tag', { json: tag });
  setAudit(sites.folder, true);
  await refusedUnrecorded(untag);
  await refusedUnrecorded(removal);
  expect(await sites.mayDisconnect()).toMatch(/^tagged: /);
});

test('an agent’s word that the audit does not take changes nothing, and counts when it comes again', async () => {
  await sites.imported();
  const gateway = await sites.enrolled();
  const agent = await sites.agentOf(gateway);
  await sites.born(agent);
  await sites.deliver(gateway, homeReport());
  const { body: selection } = await sites.call<SelectionView>('POST', '/api/devices/gw-1.pv-1/selections', {
    json: { kind: 'disconnect' },
  });
  const { body: command } = await sites.call<CommandDetail>('POST', '/api/commands', {
    json: { selectionId: selection.id },
  });
  const state = async (): Promise<string> =>
    (await sites.call<CommandDetail>('GET', `/api/commands/${command.id}`)).body.state;
  await vi.waitFor(async () => expect(await state()).toBe('sent'));
  setAudit(sites.folder, true);
  await agent.ack('meter-1', { commandId: command.id, state: 'executing', ordinal: 2 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await state()).toBe('sent');
  setAudit(sites.folder, false);
  await agent.ack('meter-1', { commandId: command.id, state: 'executing', ordinal: 2 });
  await vi.waitFor(async () => expect(await state()).toBe('executing'));
});
