import { expect, onTestFinished, test } from 'vitest';
import type {
  AccountView,
  BearerTokenIssued,
  OperatorsResponse,
  TokensResponse,
  TotpOffer,
} from './api/operator-contract.ts';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import { codeOf } from './api/testing/signed-in.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import { setAudit } from './store/testing/failing-audit.ts';

const viewer = { role: 'viewer', areas: 'all' } as const;

test('no account, factor, token or session comes to be, or changes, while the audit takes no rows', async () => {
  const sites = new SitesUnderTest();
  onTestFinished(() => sites.end());
  await sites.start();
  const admin = await sites.crew.administrator();
  const owner = await admin.invite('owner', 'viewer');
  const other = await owner.again();
  const offer = await owner.call<TotpOffer>('POST', '/api/account/totp', {});
  await owner.call('PUT', '/api/account/totp', { code: codeOf(offer) });
  const next = await owner.call<TotpOffer>('POST', '/api/account/totp', {});
  const asked = { title: 'x', grants: [viewer], validDays: 1 };
  const token = await owner.call<BearerTokenIssued>('POST', '/api/tokens', asked);
  const shown = async (): Promise<unknown> => [
    await admin.call<OperatorsResponse>('GET', '/api/operators'),
    await admin.call<TokensResponse>('GET', '/api/tokens'),
    { ...(await owner.call<AccountView>('GET', '/api/account')), sessions: undefined },
  ];
  const tries: [typeof admin, string, string, object?][] = [
    [owner, 'PUT', '/api/account/password', { current: owner.password, next: 'another one of mine' }],
    [owner, 'PUT', '/api/account/totp', { code: codeOf(next) }],
    [owner, 'POST', '/api/account/recovery-codes', {}],
    [owner, 'DELETE', '/api/account/totp'],
    [owner, 'POST', '/api/tokens', asked],
    [owner, 'DELETE', `/api/tokens/${token.id}`],
    [admin, 'POST', '/api/operators', { name: 'fresh', grants: [viewer] }],
    [admin, 'PUT', '/api/operators/owner', { grants: [] }],
    [admin, 'POST', '/api/operators/owner/reset', {}],
    [admin, 'DELETE', '/api/operators/owner/sessions'],
  ];
  const before = await shown();
  setAudit(sites.folder, true);
  for (const [who, method, path, body] of tries) {
    const json =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await who.ask(path, { method, ...json });
    expect([method, path, answer.status, await reasonOf(answer)]).toEqual([method, path, 503, 'not-recorded']);
  }
  const signIn = {
    method: 'POST',
    body: { name: 'owner', password: owner.password, code: codeOf(offer, Date.now() + 30_000) },
  };
  expect(await reasonOf(await rawRequest(`${sites.headend.httpsUrl}/api/session`, signIn))).toBe('not-recorded');
  expect(await shown()).toEqual(before);
  // Only what takes rights away happens all the same: a disk that is full keeps nobody signed in.
  expect((await other.ask('/api/session', { method: 'DELETE' })).status).toBe(204);
  expect(await reasonOf(await other.ask('/api/account'))).toBe('unauthenticated');
  setAudit(sites.folder, false);
});
