import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EmbeddedBroker } from '@tiepoint/headend/nms/link/embedded-broker.ts';
import type { BrokerAccess } from '@tiepoint/headend/nms/link/access-control.ts';
import type { Assignment } from '@tiepoint/protocol/field';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeHeadEnd } from './fake-head-end.ts';
import { doctor, gatewayFile, meterOnTcp, of, temporary } from './examined-site.ts';
import type { Answer } from './examined-site.ts';

async function broker(access: Partial<BrokerAccess>): Promise<number> {
  const all: BrokerAccess = { mayConnect: () => ({ ok: true }), mayPublish: () => true, maySubscribe: () => true };
  const embedded = new EmbeddedBroker({ port: 0 }, { ...all, ...access }, {
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  } as never);
  await embedded.start();
  onTestFinished(async () => await embedded.stop());
  return embedded.port ?? 0;
}

describe('doctor: broker, certificate and head-end', { timeout: 60_000 }, () => {
  test.each([
    {
      what: 'refuses the connection',
      access: { mayConnect: () => ({ ok: false, say: 'no' }) },
      id: 'mqtt',
      say: 'code 5',
    },
    {
      what: 'refuses the command topic',
      access: { maySubscribe: (_id: string, filter: string) => !filter.endsWith('/command') },
      id: 'subscription',
      say: '+/command',
    },
    { what: 'takes nothing from it', access: { mayPublish: () => false }, id: 'publication', say: 'does not take' },
  ] satisfies { what: string; access: Partial<BrokerAccess>; id: string; say: string }[])(
    'a broker that $what',
    async ({ access, id, say }) => {
      const port = await meterOnTcp();
      const file = gatewayFile(temporary(), `mqtt://127.0.0.1:${await broker(access)}`, {
        kind: 'tcp',
        host: '127.0.0.1',
        port,
      });
      const answer = await doctor('--config', file, '--reads', '3', '--wait', '0');
      expect(answer.code).toBe(1);
      expect(of(answer, id)[0]).toMatchObject({
        outcome: 'bad',
        say: expect.stringContaining(say) as string,
        todo: expect.any(String) as string,
      });
    },
  );

  test('no broker at all; a clock that differs from the head-end', async () => {
    const port = await meterOnTcp();
    const directory = temporary();
    const nobody = await doctor(
      '--config',
      gatewayFile(directory, 'mqtt://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port }),
      '--reads',
      '3',
    );
    expect(of(nobody, 'tcp')[0]).toMatchObject({ outcome: 'bad', say: 'nobody listens there' });
    expect(of(nobody, 'mqtt')[0]).toMatchObject({ outcome: 'left-out' });
    const url = `mqtt://127.0.0.1:${await broker({})}`;
    const headEnd = await FakeHeadEnd.start(url, 'gw-1', { clockErrorMs: 30_000 });
    onTestFinished(async () => await headEnd.stop());
    const late = await doctor(
      '--config',
      gatewayFile(directory, url, { kind: 'tcp', host: '127.0.0.1', port }, {}, headEnd.trust),
      '--reads',
      '3',
    );
    expect(late.code).toBe(1);
    expect(of(late, 'clock')[0]).toMatchObject({
      outcome: 'bad',
      say: expect.stringContaining('30.0 s behind') as string,
    });
  });

  test.skipIf(spawnSync('openssl', ['version']).status !== 0).each([
    {
      what: 'signed by itself',
      days: '90',
      name: 'localhost',
      trusted: false,
      outcome: 'bad',
      say: 'signed by itself',
    },
    {
      what: 'made out to another',
      days: '90',
      name: 'elsewhere.example',
      trusted: true,
      outcome: 'bad',
      say: 'elsewhere.example',
    },
    { what: 'good, but not for long', days: '9', name: 'localhost', trusted: true, outcome: 'warning', say: 'expires' },
    { what: 'good', days: '90', name: 'localhost', trusted: true, outcome: 'ok', say: 'good until' },
  ])('a certificate that is $what', async ({ days, name, trusted, outcome, say }) => {
    const directory = temporary();
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
    mkdirSync(join(directory, 'data'));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-keyout',
        key,
        '-out',
        certificate,
        '-days',
        days,
        '-subj',
        `/CN=${name}`,
        '-addext',
        `subjectAltName=DNS:${name}`,
      ],
      { stdio: 'ignore' },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) =>
      socket.on('error', () => undefined).once('data', () => socket.destroy()),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const port = await meterOnTcp();
    const file = gatewayFile(directory, `mqtts://localhost:${(server.address() as AddressInfo).port}`, {
      kind: 'tcp',
      host: '127.0.0.1',
      port,
    });
    const before = process.env['NODE_EXTRA_CA_CERTS'];
    if (trusted) process.env['NODE_EXTRA_CA_CERTS'] = certificate;
    const asked = doctor('--config', file, '--reads', '3', '--wait', '0');
    if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
    else process.env['NODE_EXTRA_CA_CERTS'] = before;
    expect(of(await asked, 'certificate')[0]).toMatchObject({ outcome, say: expect.stringContaining(say) as string });
  });

  test('the field API: known there or not, its clock, and what was ordered', async () => {
    const directory = temporary();
    const assignment: Assignment = {
      site: { id: 'yard', title: 'Yard' },
      siteState: 'provisioned',
      missing: [],
      gateway: { id: 'gw-1', online: false },
      devices: [{ ordered: { deviceId: 'meter-1', profile: 'abb-b23' }, contracts: [] }],
      nowMs: Date.now(),
      demonstration: false,
    };
    const server = createHttpServer(({ headers, url }, response) => {
      const isKnown = headers.authorization === `Basic ${Buffer.from('gw-1:secret').toString('base64')}`;
      response.writeHead(isKnown && url === '/field/v1/assignment' ? 200 : 401, { 'content-type': 'application/json' });
      const refusal = { error: { reason: 'unauthenticated', say: 'the password is wrong' } };
      response.end(JSON.stringify(isKnown ? { ...assignment, nowMs: Date.now() } : refusal));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const bus = { kind: 'tcp', host: '127.0.0.1', port: await meterOnTcp() };
    const ask = async (password: string): Promise<Answer> =>
      await doctor(
        '--config',
        gatewayFile(directory, 'mqtt://127.0.0.1:1', bus, { password }),
        '--reads',
        '3',
        '--url',
        url,
      );
    const known = await ask('secret');
    expect(of(known, 'head-end')[0]).toMatchObject({ outcome: 'ok', measured: { siteState: 'provisioned' } });
    expect(of(known, 'clock')[0]).toMatchObject({ outcome: 'ok', say: expect.stringContaining('field API') as string });
    expect(of(known, 'order')[0]).toMatchObject({
      outcome: 'warning',
      say: 'meter-1 has profile eastron-sdm630, ordered was abb-b23',
    });
    const unknown = await ask('another');
    expect(of(unknown, 'head-end')[0]).toMatchObject({
      outcome: 'bad',
      say: expect.stringContaining('the password is wrong') as string,
    });
  });
});
