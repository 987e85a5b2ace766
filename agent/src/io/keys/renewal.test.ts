import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { OwnAuthority } from '../../field/testing/own-authority.ts';
import { systemClock } from '../clock.ts';
import { readIdentity } from './gateway-identity.ts';
import { Renewal } from './renewal.ts';

const dayMs = 86_400_000;
const authority = new OwnAuthority();
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'renewal-'))));
afterEach(() => rmSync(folder, { recursive: true }));

type Said = { level: string; say: string; fields: object };

function renewal(said: Said[]): Renewal {
  const word = (level: string) => (fields: object, say: string) => void said.push({ level, say, fields });
  const log = { debug: word('debug'), info: word('info'), warn: word('warn'), error: word('error') };
  return new Renewal({ folder, gatewayId: 'gw-1', clock: systemClock, random01: Math.random, log: log as never });
}

/** A head-end that takes the certificate of the authority alone, and answers with what `made` makes of the request. */
async function headEnd(made: (request: string) => { status: number; body: object }): Promise<readonly string[]> {
  const shown: string[] = [];
  const { key, cert, ca } = authority.server();
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { socket } = request;
    shown.push(socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.subjectAltName ?? '') : '');
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { certificateRequest } = JSON.parse(text) as { certificateRequest: string };
      const { status, body } = made(certificateRequest);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'enrolment.json'), JSON.stringify({ url, gatewayId: 'gw-1' }));
  return shown;
}

const renewed = (request: string, gatewayId = 'gw-1') => ({
  status: 201,
  body: {
    certificate: authority.gateway(gatewayId, request, Date.now() - dayMs, Date.now() + 365 * dayMs),
    authority: authority.ca,
  },
});

test('in its first two thirds nothing is asked', async () => {
  await authority.lay(folder, 'gw-1', Date.now() - 19 * dayMs, Date.now() + 11 * dayMs);
  const shown = await headEnd((request) => renewed(request));
  await renewal([]).look();
  expect(shown).toEqual([]);
});

test('in its last third it is renewed, for the same key, under the old certificate', async () => {
  await authority.lay(folder, 'gw-1', Date.now() - 21 * dayMs, Date.now() + 9 * dayMs);
  const key = readFileSync(join(folder, 'key.pem'), 'utf8');
  const shown = await headEnd((request) => renewed(request));
  const said: Said[] = [];
  await renewal(said).look();
  expect(said).toMatchObject([{ level: 'info', say: 'the certificate was renewed' }]);
  expect(shown).toEqual(['URI:urn:tiepoint:gateway:gw-1']);
  const read = readIdentity(folder, 'gw-1');
  if (!read.ok) throw new Error(read.say);
  expect(read.identity.notAfterMs - Date.now()).toBeGreaterThan(360 * dayMs);
  expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(key);
});

test.each<{ what: string; made: (request: string) => { status: number; body: object }; says: string }>([
  {
    what: 'it was revoked',
    made: () => ({ status: 401, body: { error: { reason: 'unauthenticated', say: 'it was revoked' } } }),
    says: 'it was revoked',
  },
  { what: 'it is of another gateway', made: (request) => renewed(request, 'gw-2'), says: 'not of this gateway' },
  {
    what: 'it is of another key',
    made: () => ({ status: 201, body: { certificate: authority.server().cert, authority: authority.ca } }),
    says: 'not of this gateway',
  },
])('nothing is changed where $what', async ({ made, says }) => {
  await authority.lay(folder, 'gw-1', Date.now() - 21 * dayMs, Date.now() + 9 * dayMs);
  const before = readFileSync(join(folder, 'certificate.pem'), 'utf8');
  await headEnd(made);
  const said: Said[] = [];
  await renewal(said).look();
  expect(said).toMatchObject([{ level: 'warn', fields: { say: expect.stringContaining(says) as string } }]);
  expect(readFileSync(join(folder, 'certificate.pem'), 'utf8')).toBe(before);
});

test('a head-end that is away is asked again', async () => {
  await authority.lay(folder, 'gw-1', Date.now() - 21 * dayMs, Date.now() + 9 * dayMs);
  writeFileSync(join(folder, 'enrolment.json'), JSON.stringify({ url: 'https://127.0.0.1:1', gatewayId: 'gw-1' }));
  const said: Said[] = [];
  await renewal(said).look();
  expect(said).toMatchObject([{ level: 'warn', fields: { say: expect.stringContaining('nobody listens') as string } }]);
});
