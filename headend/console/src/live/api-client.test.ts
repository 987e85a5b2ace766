import { expect, test } from 'vitest';
import { ApiClient } from './api-client.ts';

function client(answer: () => Response | Promise<Response>, csrfToken: string | undefined = 'c5rf') {
  const asked: { url: string; init: RequestInit }[] = [];
  const api = new ApiClient({ csrfToken: () => csrfToken, onEnded: () => undefined }, async (input, init) => {
    asked.push({ url: typeof input === 'string' ? input : '', init: init ?? {} });
    return answer();
  });
  return { api, asked };
}
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

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

test.each([
  [() => json({ id: 's' }, 201), { ok: true, value: { id: 's' } }],
  [() => new Response(null, { status: 204 }), { ok: true, value: undefined }],
  [
    () => json({ error: { reason: 'tagged', say: 'Tagged by Ben.', path: 'body.kind' } }, 409),
    { ok: false, reason: 'tagged', say: 'Tagged by Ben. (body.kind)' },
  ],
  [() => new Response('<html>', { status: 502 }), { ok: false, reason: 'unreadable' }],
  [() => new Response('<html>', { status: 200 }), { ok: false, reason: 'unreadable' }],
  [() => Promise.reject(new TypeError('failed to fetch')), { ok: false, reason: 'unreachable' }],
])('answer %#', async (answer, expected) => {
  const { api } = client(answer);
  expect(await api.select('gw.a', { kind: 'disconnect' })).toMatchObject(expected);
});
