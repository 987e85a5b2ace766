import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { boundedJson, maxBodyBytes } from './json-bodies.ts';

test.each([
  { what: 'as usual', payload: '{"a":1}', status: 200 },
  { what: 'not JSON', payload: '{', status: 400 },
  { what: 'longer than JSON may be', payload: JSON.stringify('x'.repeat(maxBodyBytes)), status: 413 },
])('where files may be long, a body that is $what answers $status', async ({ payload, status }) => {
  const app = fastify();
  boundedJson(app);
  app.post('/files', { bodyLimit: 4 * maxBodyBytes }, (request) => request.body);
  const headers = { 'content-type': 'application/json' };
  expect((await app.inject({ method: 'POST', url: '/files', headers, payload })).statusCode).toBe(status);
});
