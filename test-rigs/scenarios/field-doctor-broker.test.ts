import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { EmbeddedBroker } from '@tiepoint/headend/nms/link/embedded-broker.ts';
import type { BrokerAccess } from '@tiepoint/headend/nms/link/access-control.ts';
import type { Assignment } from '@tiepoint/protocol/field';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FakeHeadEnd } from './fake-head-end.ts';
import { layIdentity } from './laid-identity.ts';
import { doctor, gatewayFile, meterOnTcp, of, temporary } from './examined-site.ts';
import type { Answer } from './examined-site.ts';

const dayMs = 86_400_000;
let authority: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.make();
});

/** A folder with the identity of gw-1. */
async function enrolledFolder(): Promise<string> {
  const directory = temporary();
  layIdentity(directory, await authority.gateway('gw-1'));
  return directory;
}

async function broker(access: Partial<BrokerAccess>): Promise<number> {
  const all: BrokerAccess = { mayConnect: () => ({ ok: true }), mayPublish: () => true, maySubscribe: () => true };
  const embedded = new EmbeddedBroker({ port: 0, tls: authority.server }, { ...all, ...access }, {
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
      const file = gatewayFile(await enrolledFolder(), `mqtts://127.0.0.1:${await broker(access)}`, {
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
    const directory = await enrolledFolder();
    const nobody = await doctor(
      '--config',
      gatewayFile(directory, 'mqtts://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port }),
      '--reads',
      '3',
    );
    expect(of(nobody, 'tcp')[0]).toMatchObject({ outcome: 'bad', say: 'nobody listens there' });
    expect(of(nobody, 'mqtt')[0]).toMatchObject({ outcome: 'left-out' });
    const url = `mqtts://127.0.0.1:${await broker({})}`;
    const headEnd = await FakeHeadEnd.start(url, 'gw-1', authority.headEnd, { clockErrorMs: 30_000 });
    onTestFinished(async () => await headEnd.stop());
    const late = await doctor(
      '--config',
      gatewayFile(directory, url, { kind: 'tcp', host: '127.0.0.1', port }, headEnd.trust),
      '--reads',
      '3',
    );
    expect(late.code).toBe(1);
    expect(of(late, 'clock')[0]).toMatchObject({
      outcome: 'bad',
      say: expect.stringContaining('30.0 s behind') as string,
    });
  });

  test.each([
    { what: 'of another authority', name: 'localhost', days: 90, known: false, outcome: 'bad', say: 'another' },
    { what: 'made out to another', name: 'elsewhere.example', days: 90, known: true, outcome: 'bad', say: 'elsewhere' },
    { what: 'good, but not for long', name: 'localhost', days: 9, known: true, outcome: 'warning', say: 'expires' },
    { what: 'good', name: 'localhost', days: 90, known: true, outcome: 'ok', say: 'good until' },
  ])('a certificate of the broker that is $what', async ({ days, name, known, outcome, say }) => {
    const directory = await enrolledFolder();
    const its = await (known ? authority : await TestAuthority.make()).serverNamed(name, { validMs: days * dayMs });
    const server = createServer({ key: its.key, cert: its.cert }, (socket) =>
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
    const asked = doctor('--config', file, '--reads', '3', '--wait', '0');
    expect(of(await asked, 'certificate')[0]).toMatchObject({ outcome, say: expect.stringContaining(say) as string });
  });

  test.each<{ what: string; lay: (directory: string) => Promise<void>; outcome: string; say: string }>([
    {
      what: 'good',
      lay: async (at) => layIdentity(at, await authority.gateway('gw-1')),
      outcome: 'ok',
      say: 'good until',
    },
    { what: 'missing', lay: async () => undefined, outcome: 'bad', say: 'cannot be read' },
    {
      what: 'open to others',
      lay: async (at) => {
        layIdentity(at, await authority.gateway('gw-1'));
        chmodSync(join(at, 'identity/key.pem'), 0o640);
      },
      outcome: 'bad',
      say: 'others can read this key',
    },
    {
      what: "another gateway's",
      lay: async (at) => layIdentity(at, await authority.gateway('gw-2')),
      outcome: 'bad',
      say: 'the certificate is of gw-2',
    },
    {
      what: 'signed by nobody that is trusted',
      lay: async (at) =>
        layIdentity(at, { ...(await authority.gateway('gw-1')), ca: (await TestAuthority.make()).server.ca }),
      outcome: 'bad',
      say: 'no authority of authority.pem signed it',
    },
    {
      what: 'over',
      lay: async (at) => layIdentity(at, await authority.another('gw-1', { validMs: dayMs }, Date.now() - 3 * dayMs)),
      outcome: 'bad',
      say: 'expired on',
    },
    {
      what: 'not renewed in time',
      lay: async (at) =>
        layIdentity(at, await authority.another('gw-1', { validMs: 90 * dayMs }, Date.now() - 80 * dayMs)),
      outcome: 'warning',
      say: 'should have been renewed',
    },
  ])('a certificate of its own that is $what', async ({ lay, outcome, say }) => {
    const directory = temporary();
    await lay(directory);
    const bus = { kind: 'tcp', host: '127.0.0.1', port: await meterOnTcp() };
    const answer = await doctor('--config', gatewayFile(directory, 'mqtts://127.0.0.1:1', bus), '--reads', '3');
    expect(of(answer, 'own-certificate')[0]).toMatchObject({ outcome, say: expect.stringContaining(say) as string });
  });

  test('the field API: known there or not, its clock, and what was ordered', async () => {
    const directory = await enrolledFolder();
    const assignment: Assignment = {
      site: { id: 'yard', title: 'Yard' },
      siteState: 'provisioned',
      missing: [],
      gateway: { id: 'gw-1', online: false },
      devices: [{ ordered: { deviceId: 'meter-1', profile: 'abb-b23' }, contracts: [] }],
      nowMs: Date.now(),
      demonstration: false,
    };
    let isKnown = true;
    const tls = { key: authority.server.key, cert: authority.server.cert, ca: authority.server.ca };
    const server = createHttpsServer({ ...tls, requestCert: true }, ({ socket, url }, response) => {
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subjectAltName : undefined;
      const isHere = isKnown && shown?.endsWith(':gw-1') === true && url === '/field/v1/assignment';
      response.writeHead(isHere ? 200 : 401, { 'content-type': 'application/json' });
      const refusal = { error: { reason: 'unauthenticated', say: 'the certificate was revoked' } };
      response.end(JSON.stringify(isHere ? { ...assignment, nowMs: Date.now() } : refusal));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const bus = { kind: 'tcp', host: '127.0.0.1', port: await meterOnTcp() };
    const file = gatewayFile(directory, 'mqtts://127.0.0.1:1', bus);
    const ask = async (): Promise<Answer> => await doctor('--config', file, '--reads', '3', '--url', url);
    const known = await ask();
    expect(of(known, 'head-end')[0]).toMatchObject({ outcome: 'ok', measured: { siteState: 'provisioned' } });
    expect(of(known, 'clock')[0]).toMatchObject({ outcome: 'ok', say: expect.stringContaining('field API') as string });
    expect(of(known, 'order')[0]).toMatchObject({
      outcome: 'warning',
      say: 'meter-1 has profile eastron-sdm630, ordered was abb-b23',
    });
    isKnown = false;
    const unknown = await ask();
    expect(of(unknown, 'head-end')[0]).toMatchObject({
      outcome: 'bad',
      say: expect.stringContaining('the certificate was revoked') as string,
    });
  });
});
