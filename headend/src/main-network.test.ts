import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AuditResponse } from './api/audit-contract.ts';
import type { ErrorBody } from './api/contract.ts';
import type {
  CircuitResponse,
  NetworkFindingsResponse,
  NetworkMapResponse,
  NetworkResponse,
  SwitchRecordResponse,
} from './api/network-contract.ts';
import { networkCommand } from './main-network-command.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import { aSwitch, line, networkOf, poleTransformer, source } from './network/connectivity/sample-network.fixture.ts';
import { exportCim } from './network/cim/export-cim.ts';
import { changesBetween } from './network/model/network-change.ts';
import { emptyNetwork } from './network/model/network-draft.ts';
import { editRecord } from './network/network-register.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const drawnAtMs = 1_700_000_000_000;
const town = networkOf(
  [source('s', 'a'), aSwitch('w', 'a', 'b'), line('l', 'b', 'c'), poleTransformer('t', 'c', 'A', 'house')],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c1', name: 'Circuit 1', head: { equipment: 'w', terminal: 1 } });
    draft.put({
      kind: 'UsagePoint',
      id: 'p1',
      name: 'p1',
      node: 'house',
      phases: ['s1', 's2'],
      position: { x: 1, y: 2 },
    });
  },
);

let sites: SitesUnderTest;
beforeAll(async () => {
  sites = new SitesUnderTest();
  const store = new SqliteStore(sites.folder);
  store.start();
  const audit = { atMs: 1, who: 'ada', identity: 'system', action: 'network-edited', say: 'drawn' } as const;
  const recording = { recordedAtMs: 1, who: 'ada', cause: 'drawing' };
  store.network.append(editRecord(changesBetween(emptyNetwork(), town), drawnAtMs, recording), audit);
  store.stop();
  await sites.start();
}, 60_000);
afterAll(async () => await sites.end());

const circuit = async (query = ''): Promise<CircuitResponse> =>
  (await sites.call<CircuitResponse>('GET', `/api/network/circuits/c1${query}`)).body;
const switched = async (json: object, id = 'w') =>
  await sites.call<SwitchRecordResponse & ErrorBody>('POST', `/api/network/switches/${id}/operations`, { json });

test('the network with its circuits, a circuit with its switches, the map, and what is wrong', async () => {
  expect((await sites.call<NetworkResponse>('GET', '/api/network')).body).toMatchObject({
    circuits: [{ id: 'c1', customers: 1 }],
    counts: { switches: 1, transformers: 1 },
    revision: 1,
  });
  expect(await circuit()).toMatchObject({ root: 'after:w', switches: [{ id: 'w', state: 'closed' }] });
  const map = (await sites.call<NetworkMapResponse>('GET', '/api/network/map')).body;
  expect(map.features.map(({ id }) => id)).toEqual(['p1']);
  const { errors, findings } = (await sites.call<NetworkFindingsResponse>('GET', '/api/network/findings')).body;
  expect(findings.length).toBeGreaterThanOrEqual(errors);
});

test('before it was drawn there was none', async () => {
  const { body } = await sites.call<NetworkResponse>('GET', `/api/network?atMs=${drawnAtMs - 1}`);
  expect(body).toMatchObject({ circuits: [], firstMs: drawnAtMs });
  const refused = await sites.call<ErrorBody>('GET', `/api/network/circuits/c1?atMs=${drawnAtMs - 1}`);
  expect(refused.status).toBe(404);
  expect(refused.body.error.say).toMatch(
    /No network is known as of .*: the first holds from 2023-11-14T22:13:20.000Z on/,
  );
  expect((await sites.call('GET', `/api/network/cim?atMs=${drawnAtMs - 1}`)).status).toBe(404);
});

test('as CIM it goes out, as of an instant, piece by piece', async () => {
  const { body, headers, status } = await sites.call<string>('GET', `/api/network/cim?atMs=${drawnAtMs}`);
  expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="network.xml"']);
  const lines = (text: string): readonly string[] => text.split('\n').toSorted();
  expect(lines(body)).toEqual(lines(exportCim(town)));
});

test('a switch that was operated stands so from then on, with who and why, over a restart', async () => {
  const atMs = Date.now() - 60_000;
  expect(await switched({ open: true, atMs, cause: 'order 7' })).toMatchObject({
    status: 201,
    body: { state: 'open' },
  });
  expect((await circuit(`?atMs=${atMs - 1}`)).switches[0]?.state).toBe('closed');
  expect((await circuit()).switches[0]?.state).toBe('open');
  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?subject=w')).body;
  expect(rows[0]).toMatchObject({ who: 'ada', action: 'switch-recorded', why: 'order 7' });
  await sites.stop();
  await sites.start();
  expect((await circuit()).switches[0]?.state).toBe('open');
  expect((await switched({ open: false, cause: 'order 8' })).body.state).toBe('closed');
});

test('a file is imported while the head-end runs, and is there at once', async () => {
  const file = join(sites.folder, 'more.dss');
  writeFileSync(
    file,
    'clear\nnew circuit.town basekv=12.47 bus1=bus\nnew linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 units=km normamps=400\nnew line.breaker bus1=bus bus2=a switch=y normamps=600\nnew line.main bus1=a bus2=b length=1 units=km linecode=c\n',
  );
  for (const stream of ['log', 'error'] as const) vi.spyOn(console, stream).mockImplementation(() => undefined);
  const before = (await sites.call<NetworkResponse>('GET', '/api/network')).body;
  const code = await networkCommand(['import', file, '--data', sites.folder, '--by', 'ada', '--accept-errors']);
  expect(code).toBe(0);
  const after = (await sites.call<NetworkResponse>('GET', '/api/network')).body;
  expect(after.revision).toBe(before.revision + 1);
  expect(readdirSync(join(sites.folder, 'keys')).filter((name) => name.startsWith('network-edit'))).toEqual([]);
  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?subject=network')).body;
  expect(rows[0]).toMatchObject({ who: 'ada', action: 'network-edited' });
});

describe('refused', () => {
  test.each([
    ['a switch that is not there', { open: true, cause: 'x' }, 'nowhere', 404],
    ['a line', { open: true, cause: 'x' }, 'l', 404],
    ['what is yet to come', { open: true, cause: 'x', atMs: 4_000_000_000_000 }, 'w', 400],
    ['before it was there', { open: true, cause: 'x', atMs: 5 }, 'w', 404],
    ['without a cause', { open: true }, 'w', 400],
  ])('%s', async (_, json, id, status) => {
    expect((await switched(json, id)).status).toBe(status);
  });
});
