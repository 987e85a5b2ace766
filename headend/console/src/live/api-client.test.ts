import { expect, test } from 'vitest';
import { ApiClient } from './api-client.ts';
import { Asking } from './asking.ts';
import type { AskingSession } from './asking.ts';

const session: AskingSession = {
  csrfToken: () => 'c5rf',
  ended: () => undefined,
  signInAgain: async () => false,
  takeUp: async () => false,
  isAtWork: () => true,
};

function client(answer: () => Response | Promise<Response>, parts: Partial<AskingSession> = {}) {
  const asked: { url: string; init: RequestInit }[] = [];
  const asking = new Asking({ ...session, ...parts }, async (input, init) => {
    asked.push({ url: typeof input === 'string' ? input : '', init: init ?? {} });
    return answer();
  });
  return { api: new ApiClient(asking), asking, asked };
}
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const refused = (reason: string, path?: string): Response =>
  json({ error: { reason, say: 'No.', ...(path === undefined ? {} : { path }) } }, 403);

test('what acts tells the token of its session and its key, what reads does not', async () => {
  const { api, asked } = client(() => json({}));
  await api.operate('s1', 'planned work', 'k1');
  await api.device('gw.a b');
  expect(asked[0]).toMatchObject({
    url: '/api/commands',
    init: {
      method: 'POST',
      headers: { 'x-csrf-token': 'c5rf', 'idempotency-key': 'k1' },
      body: '{"selectionId":"s1","cause":"planned work"}',
    },
  });
  expect(asked[1]?.url).toBe('/api/devices/gw.a%20b');
  expect(asked[1]?.init.headers).toEqual({});
});

test('what the page reads while nobody is at work keeps no session alive; what acts was pressed', async () => {
  const { api, asked } = client(() => json({}), { isAtWork: () => false });
  await api.device('gw.a');
  await api.setTag('gw.a', 'crew on site');
  expect(asked[0]?.init.headers).toEqual({ 'x-by-itself': 'yes' });
  expect(asked[1]?.init.headers).not.toHaveProperty('x-by-itself');
});

test.each([
  [() => json({ id: 's' }, 201), { ok: true, value: { id: 's' } }],
  [() => new Response(null, { status: 204 }), { ok: true, value: undefined }],
  [
    () => json({ error: { reason: 'tagged', say: 'Tagged by Ben.', path: 'body.kind' } }, 409),
    { ok: false, reason: 'tagged', say: 'Tagged by Ben.', path: 'body.kind' },
  ],
  [() => new Response('<html>', { status: 502 }), { ok: false, reason: 'unreadable' }],
  [() => new Response('<html>', { status: 200 }), { ok: false, reason: 'unreadable' }],
  [() => Promise.reject(new TypeError('failed to fetch')), { ok: false, reason: 'unreachable' }],
])('answer %#', async (answer, expected) => {
  const { api } = client(answer);
  expect(await api.select('gw.a', { kind: 'disconnect' })).toMatchObject(expected);
});

test.each([
  { reason: 'sign-in-again', again: true, asked: 2 },
  { reason: 'sign-in-again', again: false, asked: 1 },
  { reason: 'foreign-page', again: true, asked: 2 },
  { reason: 'foreign-page', again: false, asked: 1 },
  // Never by itself: a command would be given long after somebody pressed the button.
  { reason: 'unauthenticated', again: true, asked: 1 },
  { reason: 'not-permitted', again: true, asked: 1 },
])('refused with $reason, signed in again: $again', async ({ reason, again, asked: times }) => {
  const { api, asked } = client(() => refused(reason), { signInAgain: async () => again, takeUp: async () => again });
  expect(await api.setTag('gw.a', 'crew on site')).toMatchObject({ ok: false, reason });
  expect(asked).toHaveLength(times);
});

test.each([
  { of: 'a session that is no more', ask: {}, answer: () => refused('unauthenticated'), ends: 1 },
  {
    of: 'a wrong current password',
    ask: {},
    answer: () => refused('unauthenticated', 'body.current'),
    ends: 0,
  },
  { of: 'a wrong sign-in', ask: { proves: true } as const, answer: () => refused('unauthenticated'), ends: 0 },
  { of: 'a right that is missing', ask: {}, answer: () => refused('not-permitted'), ends: 0 },
])('$of ends $ends sessions', async ({ ask, answer, ends }) => {
  let ended = 0;
  const { asking } = client(answer, { ended: () => (ended += 1) });
  await asking.ask('account', ask);
  expect(ended).toBe(ends);
});
