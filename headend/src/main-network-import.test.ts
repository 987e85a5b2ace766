import { once } from 'node:events';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AuditResponse } from './api/audit-contract.ts';
import type { ErrorBody } from './api/contract.ts';
import type { ImportsResponse } from './api/interval-contract.ts';
import type { NetworkImportResponse, NetworkResponse } from './api/network-contract.ts';
import { formOf, SitesUnderTest } from './main-sites.fixture.ts';
import type { FormParts } from './main-sites.fixture.ts';

let sites: SitesUnderTest;
beforeAll(async () => {
  sites = new SitesUnderTest();
  await sites.start();
}, 60_000);
afterAll(async () => await sites.end());

const master = `clear
new circuit.town basekv=12.47 bus1=bus
redirect parts\\Lines.dss
new xfmrcode.ct phases=1 windings=3 kvs=[7.2 .12 .12] kvas=[25 25 25] %rs=[.6 1.2 1.2] xhl=2.04 xht=2.04 xlt=1.36
new transformer.t1 xfmrcode=ct buses=[b.1 x.1.0 x.0.2]
`;
const lines = `new linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 c1=9 c0=4 units=km normamps=400
new line.breaker bus1=bus bus2=a switch=y normamps=600
new line.main bus1=a bus2=b length=1 units=km linecode=c
`;
const customers = 'customer,transformer,meter,kind\n7,t1,M7,residential\n';
const town: FormParts = [
  ['network', 'Master.dss', master],
  ['include', 'lines.dss', lines],
  ['customers', 'customers.csv', customers],
];

const take = async (parts: FormParts, query = '', operator = 'ada') =>
  await sites.call<NetworkImportResponse & ErrorBody>('POST', `/api/network/imports${query}`, {
    form: formOf(parts),
    operator,
  });
const network = async (): Promise<NetworkResponse> => (await sites.call<NetworkResponse>('GET', '/api/network')).body;
const imports = async (): Promise<ImportsResponse['imports']> =>
  (await sites.call<ImportsResponse>('GET', '/api/network/imports')).body.imports;

test('a set of files is looked through, refused by file and line, and then taken', async () => {
  const atFault = town.map(
    ([part, name, text]) => [part, name, name === 'lines.dss' ? `${text}new windmill.w` : text] as const,
  );
  const refused = await take(atFault);
  expect(refused).toMatchObject({
    status: 400,
    body: {
      error: { reason: 'invalid', faults: [{ file: 'lines.dss', line: 4, say: expect.stringMatching(/^windmill/) }] },
    },
  });
  expect(refused.body.error.say).toMatch(/^Master\.dss: 1 error; nothing is recorded\..* lines\.dss, line 4: windmill/);

  const looked = await take(town, '?dryRun=true&file=Master.dss');
  expect(looked.status).toBe(200);
  expect(looked.body.say).toMatch(/^Master\.dss: could be imported, as of .*: 14 elements new or changed, 0 removed/);
  expect((await network()).circuits).toEqual([]);

  const taken = await take(town, '?file=Master.dss');
  expect(taken.body.say).toMatch(/^Master\.dss imported, as of .*: 14 elements new or changed/);
  expect(await network()).toMatchObject({ name: 'town', counts: { usagePoints: 1, transformers: 1 } });
  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?subject=network')).body;
  expect(rows).toMatchObject([{ who: 'ada', identity: 'account', action: 'network-edited', say: taken.body.say }]);
  expect((await imports()).map(({ file, who, dryRun, state }) => [file, who, dryRun, state])).toEqual([
    ['Master.dss', 'ada', false, 'done'],
    ['Master.dss', 'ada', true, 'done'],
    ['the network', 'ada', false, 'refused'],
  ]);
  expect((await take(town)).body.say).toMatch(/is what is known already; nothing is recorded$/);
});

test('what went out as CIM comes in again, and its faults are told as those of the form', async () => {
  const { body } = await sites.call<string>('GET', '/api/network/cim');
  expect((await take([['network', 'town.xml', body]])).body.say).toBe(
    'town.xml: is what is known already; nothing is recorded',
  );
  expect(await take([['network', 'town.xml', body.slice(0, 2_000)]])).toMatchObject({
    status: 400,
    body: {
      error: { faults: [{ file: 'town.xml', line: 25 }, { say: 'the network has no source of supply in service' }] },
    },
  });
});

test('one at a time, and how far it is can be asked meanwhile', async () => {
  const first = take(town, '?file=first.dss&dryRun=true');
  const seen = await vi.waitUntil(async () => (await imports()).find(({ file }) => file === 'first.dss'));
  expect(seen.endedAtMs).toBeUndefined();
  expect(await take(town)).toMatchObject({ status: 409, body: { error: { reason: 'busy' } } });
  expect((await first).status).toBe(200);
});

test('while the files of one come, no others are taken into memory; who goes away in the midst keeps nobody waiting', async () => {
  const ada = await sites.crew.as('ada');
  const headers = {
    ...ada.headers('POST'),
    'content-type': 'multipart/form-data; boundary=b',
    'transfer-encoding': 'chunked',
    // Answered when its head is there.
    expect: '100-continue',
  };
  const leaves = request(`${sites.headend.httpsUrl}/api/network/imports`, { method: 'POST', headers });
  const gone = once(leaves, 'error');
  leaves.flushHeaders();
  await once(leaves, 'continue');
  leaves.write('--b\r\n');
  expect((await take(town, '?dryRun=true')).status).toBe(409);
  leaves.destroy(new Error('away'));
  expect(String(await gone)).toContain('away');
  await vi.waitFor(async () => expect((await take(town, '?dryRun=true')).status).toBe(200), 20_000);
});

test('a script reads nothing of this machine', async () => {
  const { body } = await take([['network', 'a.dss', 'new circuit.town basekv=12.47 bus1=a\nredirect /etc/hostname\n']]);
  expect(body.error.faults).toContainEqual({ file: 'a.dss', line: 2, say: 'etc/hostname cannot be read' });
});

test.each([
  [
    'not as a form',
    async () => await sites.call<ErrorBody>('POST', '/api/network/imports', { csv: 'a' }),
    400,
    /multipart/,
  ],
  ['without a beginning', async () => await take([['include', 'a.dss', 'x']]), 400, /no part network/],
  ['of nothing', async () => await take([['network', 'a.dss', '']]), 400, /no circuit is defined here/],
  ['of who may not', async () => await take(town, '', 'admin'), 403, /may not import networks: engineer may/],
])('a network is refused %s', async (_, ask, status, say) => {
  const answer = await ask();
  expect(answer.body.error.say).toMatch(say);
  expect(answer.status).toBe(status);
});
