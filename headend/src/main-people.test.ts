import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AuditResponse, ErrorBody, EventsResponse } from './api/contract.ts';
import type {
  BearerTokenIssued,
  OneTimePassword,
  OperatorCreated,
  SessionView,
  TotpOffer,
} from './api/operator-contract.ts';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import { codeOf, SignedIn } from './api/testing/signed-in.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';

// One head-end with two factors required, as it is unless for demonstration; each test has accounts of its own.
let sites: SitesUnderTest;
let admin: SignedIn;
beforeAll(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  admin = await sites.crew.administrator();
});
afterAll(async () => await sites.end());

/** By the head-end's clock; then it is as before. */
async function later(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    sites.aheadMs = 0;
    admin = await admin.again();
  }
}

const raw = async (path: string, sent: Parameters<typeof rawRequest>[1] = {}): Promise<Response> =>
  await rawRequest(sites.headend.httpsUrl + path, sent);
const signIn = async (body: object): Promise<Response> => await raw('/api/session', { method: 'POST', body });
const auditOf = async (subject: string): Promise<readonly string[]> =>
  (await admin.call<AuditResponse>('GET', `/api/audit?subject=${subject}`)).rows.map(
    ({ action, identity, who }) => `${action} ${identity} ${who}`,
  );

describe('the first sign-in', () => {
  test('a one-time password opens nothing but the choice of a password, then of a second factor, and is good once', async () => {
    const { oneTime } = await admin.call<OperatorCreated>('POST', '/api/operators', {
      name: 'Fresh',
      grants: [{ role: 'switching-operator', areas: 'all' }],
    });
    const password = oneTime?.password ?? '';
    const opened = await signIn({ name: 'fresh', password });
    const { step, csrfToken } = (await opened.json()) as SessionView;
    expect([opened.status, step]).toEqual([201, 'new-password']);
    const [setCookie = ''] = opened.headers.getSetCookie();
    expect(setCookie).toMatch(/^__Host-tiepoint-session-\d+=[\w-]{32}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: setCookie.split(';')[0] ?? '', 'x-csrf-token': csrfToken };
    for (const path of ['/api/fleet', '/api/stream', '/api/roles', '/api/tokens'])
      expect(await reasonOf(await raw(path, { headers }))).toBe('sign-in-unfinished');
    const weak = { method: 'PUT', body: { current: password, next: 'fresh is my name' }, headers };
    expect(await reasonOf(await raw('/api/account/password', weak))).toBe('invalid');
    const own = await raw('/api/account/password', {
      ...weak,
      body: { current: password, next: 'four words that do' },
    });
    expect(((await own.json()) as SessionView).step).toBe('second-factor');
    // The session from before the change is over.
    expect(await reasonOf(await raw('/api/account', { headers }))).toBe('unauthenticated');
    expect(await reasonOf(await signIn({ name: 'fresh', password }))).toBe('unauthenticated');
    expect(statSync(join(sites.folder, 'keys')).mode & 0o777).toBe(0o700);
    expect(statSync(join(sites.folder, 'keys/operators.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(sites.folder, 'first-sign-in.json')).mode & 0o777).toBe(0o600);
  });

  test('nothing secret is in the database', async () => {
    const eve = await admin.invite('secretive', 'dr-operator');
    const token = await eve.call<BearerTokenIssued>('POST', '/api/tokens', {
      title: 'x',
      grants: [{ role: 'dr-operator', areas: 'all' }],
      validDays: 1,
    });
    const files = ['operations.db', 'operations.db-wal'].map((name) =>
      readFileSync(join(sites.folder, name), 'latin1'),
    );
    const secrets = [eve.password, token.token, eve.headers()['cookie']?.split('=')[1] ?? '', ...eve.recoveryCodes];
    for (const secret of secrets) for (const text of files) expect(text.includes(secret)).toBe(false);
  });
});

describe('second factors', () => {
  test('without a code the right password is not enough; a code is good once, a recovery code, too', async () => {
    const { oneTime } = await admin.call<OperatorCreated>('POST', '/api/operators', {
      name: 'twofold',
      grants: [{ role: 'engineer', areas: 'all' }],
    });
    const owner = await SignedIn.first(sites.headend.httpsUrl, { name: 'twofold', password: oneTime?.password ?? '' });
    const { name, password } = owner;
    expect(await reasonOf(await signIn({ name, password }))).toBe('code-needed');
    expect(await reasonOf(await signIn({ name, password: 'not it, certainly' }))).toBe('unauthenticated');
    expect(await reasonOf(await signIn({ name, password, code: '000000' }))).toBe('unauthenticated');
    const offer = await owner.call<TotpOffer>('POST', '/api/account/totp', {});
    const nowMs = Date.now();
    const { codes } = await owner.call<{ codes: string[] }>('PUT', '/api/account/totp', { code: codeOf(offer, nowMs) });
    // The code that confirmed it is used up; the next one is good, once.
    expect(await reasonOf(await signIn({ name, password, code: codeOf(offer, nowMs) }))).toBe('unauthenticated');
    const next = codeOf(offer, nowMs + 30_000);
    expect((await signIn({ name, password, code: next })).status).toBe(201);
    expect(await reasonOf(await signIn({ name, password, code: next }))).toBe('unauthenticated');
    expect((await signIn({ name, password, code: codes[0]?.toUpperCase() })).status).toBe(201);
    expect(await reasonOf(await signIn({ name, password, code: codes[0] }))).toBe('unauthenticated');
    // Recovery codes of the authenticator before are void.
    expect(await reasonOf(await signIn({ name, password, code: owner.recoveryCodes[0] }))).toBe('unauthenticated');
    const last = await owner.ask('/api/account/totp', { method: 'DELETE' });
    expect(await reasonOf(last)).toBe('conflict');
  });

  test('what opens doors for later wants a fresh sign-in', async () => {
    const stale = await admin.invite('stale', 'engineer');
    const tries: [string, string, object?][] = [
      ['POST', '/api/account/totp', {}],
      ['POST', '/api/account/passkeys/options', {}],
      ['POST', '/api/account/recovery-codes', {}],
      ['POST', '/api/tokens', { title: 'x', grants: [{ role: 'engineer', areas: 'all' }], validDays: 1 }],
    ];
    await later(async () => {
      sites.aheadMs = 16 * 60_000;
      for (const [method, path, body] of tries) {
        const answer = await stale.ask(path, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect([path, await reasonOf(answer)]).toEqual([path, 'sign-in-again']);
      }
    });
  });
});

describe('who guesses', () => {
  test('learns nothing of which accounts there are: same words, same time, same waits', async () => {
    await admin.invite('present', 'viewer');
    const seen: string[][] = [];
    const timesMs: number[][] = [];
    for (const name of ['present', 'absent', '', '../../etc/passwd', "' OR 1=1 --", '__proto__', 'x'.repeat(120)]) {
      const [says, took]: [string[], number[]] = [[], []];
      for (let count = 0; count < (name.endsWith('sent') ? 6 : 1); count += 1) {
        const startedMs = performance.now();
        const answer = await signIn({ name, password: 'a guess at it' });
        took.push(performance.now() - startedMs);
        const { error } = (await answer.json()) as ErrorBody;
        says.push(`${answer.status} ${error.reason} ${error.say}`);
      }
      seen.push(says);
      timesMs.push(took.slice(1, 5));
    }
    for (const says of seen.slice(1, 2)) expect(says).toEqual(seen[0]);
    for (const says of seen) expect(says[0]).toBe('401 unauthenticated Name, password or code is wrong.');
    const median = (values: number[]): number => values.toSorted((a, b) => a - b)[2] ?? 0;
    const [present = 0, absent = 0] = timesMs.map(median);
    expect(absent / present).toBeGreaterThan(0.3);
    expect(absent / present).toBeLessThan(3);
  });

  test('waits, and that is told in the audit and as an event; the owner signs in from elsewhere meanwhile', async () => {
    const target = await admin.invite('target', 'viewer');
    for (let count = 0; count < 5; count += 1) await signIn({ name: 'target', password: `guess number ${count}` });
    const held = await signIn({ name: 'target', password: target.password });
    expect([held.status, Number(held.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await auditOf('account:target')).toContain('locked-out system head-end');
    await vi.waitFor(async () => {
      const { events } = await admin.call<EventsResponse>('GET', '/api/events');
      expect(events.some(({ kind, say }) => kind === 'sign-ins-failing' && say.includes('target'))).toBe(true);
    });
    // Who is signed in goes on.
    expect((await target.ask('/api/fleet')).status).toBe(200);
    sites.aheadMs += 3_000;
    expect((await signIn({ name: 'target', password: target.password })).status).toBe(201);
  });
});

describe('a session', () => {
  test('that was signed out is worth nothing, whoever kept its cookie; its stream ends', async () => {
    const leaver = await admin.invite('leaver', 'viewer');
    const stream = await leaver.ask('/api/stream');
    const kept = leaver.headers('POST');
    expect((await leaver.ask('/api/session', { method: 'DELETE' })).status).toBe(204);
    expect(await reasonOf(await raw('/api/fleet', { headers: kept }))).toBe('unauthenticated');
    expect(await stream.text()).toContain('"signed-out"');
    expect(await auditOf('account:leaver')).toContain('signed-out account leaver');
  });

  test.each([
    { after: 'half an hour without a request', aheadMs: 31 * 60_000 },
    { after: 'twelve hours of work', aheadMs: 12 * 3_600_000 + 1 },
  ])('ends after $after', async ({ aheadMs }) => {
    const name = `idler-${aheadMs}`;
    const idler = await admin.invite(name, 'viewer');
    const step = 25 * 60_000;
    await later(async () => {
      const worked: number[] = [];
      for (let passed = step; passed < aheadMs && aheadMs > 3_600_000; passed += step) {
        sites.aheadMs += step;
        worked.push((await idler.ask('/api/roles')).status);
      }
      expect(new Set(worked)).toEqual(new Set(aheadMs > 3_600_000 ? [200] : []));
      // What the console asks by itself is no work.
      for (let count = 0; count < 2; count += 1) {
        sites.aheadMs += 20 * 60_000;
        await idler.ask('/api/health');
        await idler.ask('/api/fleet', { headers: { 'x-by-itself': 'yes' } });
      }
      expect(await reasonOf(await idler.ask('/api/fleet'))).toBe('unauthenticated');
    });
  });

  test('and its stream end with the rights that it had', async () => {
    const demoted = await admin.invite('demoted', 'switching-operator');
    const stream = await demoted.ask('/api/stream');
    await admin.call('PUT', '/api/operators/demoted', { grants: [{ role: 'viewer', areas: 'all' }] });
    expect(await stream.text()).toMatch(/"(signed-out|rights-changed)"/);
    expect(await reasonOf(await demoted.ask('/api/fleet'))).toBe('unauthenticated');
    const reset = await admin.call<OneTimePassword>('POST', '/api/operators/demoted/reset', {});
    expect(await reasonOf(await signIn({ name: 'demoted', password: demoted.password }))).toBe('unauthenticated');
    expect((await signIn({ name: 'demoted', password: reset.password })).status).toBe(201);
  });

  test('is not ridden by a foreign page', async () => {
    const rider = await admin.invite('rider', 'dispatcher');
    const own = sites.headend.httpsUrl;
    const { cookie = '', 'x-csrf-token': csrf = '' } = rider.headers('POST');
    const tries: { headers: Record<string, string>; is: string }[] = [
      { headers: { cookie }, is: 'foreign-page' },
      { headers: { cookie, 'x-csrf-token': 'guess' }, is: 'foreign-page' },
      { headers: { cookie, 'x-csrf-token': csrf, origin: 'https://evil.example' }, is: 'foreign-page' },
      { headers: { cookie, 'x-csrf-token': csrf, origin: 'null' }, is: 'foreign-page' },
      { headers: { cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' }, is: 'foreign-page' },
      { headers: { cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' }, is: 'foreign-page' },
      { headers: { cookie: `${cookie}; ${cookie}`, 'x-csrf-token': csrf }, is: 'unauthenticated' },
      { headers: { cookie, 'x-csrf-token': csrf, origin: own, 'sec-fetch-site': 'same-origin' }, is: 'unknown-device' },
    ];
    for (const { headers, is } of tries) {
      const sent = { method: 'PUT', body: { cause: 'x' }, headers };
      expect([headers, await reasonOf(await raw('/api/devices/gw-1.none/tag', sent))]).toEqual([headers, is]);
    }
    const { rows } = await admin.call<AuditResponse>('GET', '/api/audit?operator=rider&limit=100');
    const told = rows.filter(({ action }) => action === 'access-refused');
    expect(told).toHaveLength(tries.filter(({ is }) => is === 'foreign-page').length);
    // Nor is anybody signed in as somebody else by one.
    const asOther = { method: 'POST', body: { name: 'rider', password: rider.password } };
    const foreign = await raw('/api/session', { ...asOther, headers: { origin: 'https://evil.example' } });
    expect(await reasonOf(foreign)).toBe('foreign-page');
  });
});

// Last, for the address of all these tests has to wait then.
describe('who guesses', () => {
  test('in a flood keeps neither the field nor those who are at work waiting', async () => {
    const busy = await admin.invite('busy', 'viewer');
    const flood = Array.from({ length: 150 }, (_, index) =>
      signIn({ name: `flood-${index}`, password: 'a guess at it' }).then(({ status }) => status),
    );
    const tookMs: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const startedMs = performance.now();
      expect((await busy.ask('/api/fleet')).status).toBe(200);
      tookMs.push(performance.now() - startedMs);
    }
    const statuses = await Promise.all(flood);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(60);
    expect(tookMs.toSorted((a, b) => a - b)[10]).toBeLessThan(250);
  });
});
