import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { objectShape, textShape } from '@tiepoint/protocol/field';
import { expect, onTestFinished, test } from 'vitest';
import { OwnAuthority } from '../field/testing/own-authority.ts';
import { ask } from './head-end-question.ts';
import { strict } from './keys/gateway-identity.ts';

const authority = new OwnAuthority();
const tls = { ca: authority.ca, ...strict };
const shape = objectShape({ word: textShape({ max: 20 }) });

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(authority.server(), listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a redirection is not followed: what is asked holds a secret', async () => {
  const heard: string[] = [];
  const elsewhere = await served((request, response) => {
    request.on('data', (bytes) => heard.push(String(bytes)));
    request.on('end', () => response.end('{"word":"stolen"}'));
  });
  const url = await served((_request, response) => {
    response.writeHead(307, { location: `${elsewhere}/x` });
    response.end();
  });
  const answer = await ask(url, '/field/v1/enrolments', shape, { tls, body: { token: 'secret' } });
  expect(heard).toEqual([]);
  expect(answer).toMatchObject({ ok: false, reason: 'refused', status: 307, say: expect.stringContaining(elsewhere) });
});

test('an answer without end is given up', async () => {
  let sent = 0;
  const url = await served((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && sent < 200_000_000 && response.write('x'.repeat(65_536))) sent += 65_536;
    };
    response.on('drain', more);
    more();
  });
  const answer = await ask(url, '/field/v1/assignment', shape, { tls });
  expect(answer).toMatchObject({ ok: false, say: expect.stringContaining('MB') });
  expect(sent).toBeLessThan(100_000_000);
});

test('an answer that breaks off may come whole another time', async () => {
  const url = await served((_request, response) => {
    response.writeHead(201, { 'content-length': '100' });
    response.write('{"word":');
    setTimeout(() => response.destroy(), 20);
  });
  expect(await ask(url, '/field/v1/reports', shape, { tls, body: {} })).toMatchObject({ ok: false, reason: 'offline' });
});

test('a server of another authority is told nothing', async () => {
  const heard: unknown[] = [];
  const url = await served((request, response) => (heard.push(request.url), response.end('{"word":"x"}')));
  const other = { ca: new OwnAuthority().ca, ...strict };
  const answer = await ask(url, '/field/v1/reports', shape, { tls: other, body: { token: 'secret' } });
  expect(answer).toMatchObject({ reason: 'offline', say: expect.stringContaining('another authority') });
  expect(heard).toEqual([]);
});
