import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { tagList } from '@tiepoint/protocol';
import { decodeSign1 } from '@tiepoint/protocol/envelope';
import type { GatewayCertificate } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditResponse, ErrorBody, EventsResponse, GatewaysResponse } from './api/contract.ts';
import { dayMs } from './authority/certificate-authority.ts';
import { TestAuthority } from './authority/testing/test-authority.ts';
import { keepCertificates } from './main-certificate-upkeep.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import type { Enrolled } from './main-sites.fixture.ts';
import { FakeAgent } from './nms/testing/fake-agent.ts';
import { newRequest } from './nms/testing/field-client.ts';
import type { GatewayTls } from './nms/testing/field-client.ts';

let sites: SitesUnderTest;
beforeEach(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  await sites.imported();
});
afterEach(() => sites.end());

const renewed = async ({ tls }: Pick<Enrolled, 'tls'>): Promise<GatewayTls> => {
  const { key, certificateRequest } = await newRequest();
  const json = { certificateRequest };
  const answer = await sites.field<GatewayCertificate>('/field/v1/renewals', { method: 'POST', json, tls });
  expect(answer.status).toBe(201);
  return { key, cert: answer.body.certificate, ca: answer.body.authority };
};
/** With a certificate that is over: it was issued while the clock of the head-end was behind. */
const overdue = async (): Promise<Enrolled> => {
  sites.aheadMs = -400 * dayMs;
  const gateway = await sites.enrolled();
  sites.aheadMs = 0;
  return gateway;
};
const fieldStatus = async (tls: GatewayTls): Promise<number> =>
  (await sites.field('/field/v1/certificate', { tls })).status;
const revoke = async (): Promise<number> =>
  (await sites.call('POST', '/api/gateways/gw-1/revocation', { json: { cause: 'stolen from the van' } })).status;
const powerOf = async (): Promise<number | undefined> =>
  (await sites.call<{ row: { activePowerW?: number } }>('GET', '/api/devices/gw-1.meter-1')).body.row.activePowerW;

describe('a renewal', () => {
  test('leaves the old certificate good until the new one is shown to the broker, and then retires it', async () => {
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    const next = await renewed(gateway);
    expect([agent.isConnected, await fieldStatus(gateway.tls)]).toEqual([true, 200]);
    const successor = await sites.agentOf({ tls: next }, 2);
    await vi.waitFor(async () => expect(await fieldStatus(gateway.tls)).toBe(401));
    expect([successor.isConnected, await fieldStatus(next)]).toEqual([true, 200]);
    const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?subject=site:home')).body;
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['certificate-renewed', 'certificate-retired']),
    );
  });

  test('whose answer was lost is asked for again; the lost certificate is void', async () => {
    const gateway = await sites.enrolled();
    const lost = await renewed(gateway);
    const next = await renewed(gateway);
    expect(await fieldStatus(lost)).toBe(401);
    expect([await fieldStatus(next), await fieldStatus(gateway.tls)]).toEqual([200, 401]);
  });

  test.each([
    { what: 'one that is over', show: async () => (await overdue()).tls },
    { what: 'another authority', show: async () => await (await TestAuthority.make()).gateway('gw-1') },
    { what: 'none', show: async () => undefined },
    {
      what: 'a revoked one',
      show: async (gateway: Enrolled) => {
        await revoke();
        return gateway.tls;
      },
    },
  ])('is not given for $what', async ({ show }) => {
    const gateway = await sites.enrolled();
    const shown = await show(gateway);
    const { certificateRequest } = await newRequest();
    const answer = await sites.field<ErrorBody>('/field/v1/renewals', {
      method: 'POST',
      json: { certificateRequest },
      ...(shown === undefined ? {} : { tls: { ...shown, ca: gateway.tls.ca } }),
    });
    expect([answer.status, answer.body.error.reason]).toEqual([401, 'unauthenticated']);
  });
});

describe('a revocation', () => {
  test('cuts the gateway off within a second, keeps it out, and takes nothing of what it sends late', async () => {
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    await sites.born(agent);
    await agent.meter('meter-1', { activePowerW: 5_000, switchState: 'closed', control: 'none' });
    await vi.waitFor(async () => expect(await powerOf()).toBe(5_000));
    const open = await fieldLine(gateway.tls);
    // Whoever has the key does not stop: messages are on their way while it is revoked.
    const sending = setInterval(() => void agent.meter('meter-1', { activePowerW: 9_000 }).catch(() => undefined), 1);
    const closed = once(open, 'close');
    const atMs = Date.now();
    expect(await revoke()).toBe(204);
    await closed;
    await vi.waitFor(() => expect(agent.isConnected).toBe(false), { interval: 5 });
    expect(Date.now() - atMs).toBeLessThan(1_000);
    clearInterval(sending);
    const before = await powerOf();
    const again = new FakeAgent(sites.headend.mqttUrl, 'gw-1', 2, gateway.tls);
    await expect(again.start()).rejects.toThrow(/not authorized|Connection refused/i);
    again.cut();
    expect(await fieldStatus(gateway.tls)).toBe(401);
    expect(await powerOf()).toBe(before);
    const { gateways } = (await sites.call<GatewaysResponse>('GET', '/api/gateways')).body;
    expect(gateways[0]).toMatchObject({ state: 'offline', revoked: { by: 'ada', cause: 'stolen from the van' } });
    expect(gateways[0]?.certificate).toBeUndefined();
    const told = async (): Promise<readonly string[]> => {
      const { events } = (await sites.call<EventsResponse>('GET', '/api/events')).body;
      return events.flatMap(({ kind, say }) => (['gateway-died', 'revoked-gateway'].includes(kind) ? [say] : []));
    };
    await vi.waitFor(
      async () =>
        expect(await told()).toEqual([
          expect.stringMatching(/^It came with a certificate that is in force no more, from .* refused/),
          expect.stringContaining('the certificate of gw-1 was revoked: stolen from the van'),
        ]),
      { timeout: 5_000 },
    );
    expect(await sites.mayDisconnect()).toContain('The certificate of gw-1 was revoked: stolen from the van');
    const audit = (await sites.call<AuditResponse>('GET', '/api/audit?subject=site:home')).body.rows;
    expect(audit.find(({ action }) => action === 'certificate-revoked')).toMatchObject({ who: 'ada' });
  });

  test('ends with a new enrolment alone, by which it is another', async () => {
    const gateway = await sites.enrolled();
    await revoke();
    const anew = await sites.enrolled();
    const agent = await sites.agentOf(anew);
    await sites.born(agent);
    expect([await fieldStatus(gateway.tls), await fieldStatus(anew.tls)]).toEqual([401, 200]);
    const { gateways } = (await sites.call<GatewaysResponse>('GET', '/api/gateways')).body;
    expect(gateways[0]?.certificate).toMatchObject({ by: 'enrolment' });
  });
});

test('whose certificate is over is told so, and not let in', async () => {
  const gateway = await overdue();
  const answer = await sites.field<ErrorBody>('/field/v1/assignment', { tls: gateway.tls });
  expect(answer.body.error.say).toContain('is over by the clock of the head-end: enrol the gateway anew');
  // With TLS 1.3 the client learns of it after its own part of the handshake.
  const { hostname, port } = new URL(sites.headend.mqttUrl);
  const socket = connectTls({ host: hostname, port: Number(port), ...gateway.tls });
  socket.on('error', () => undefined);
  await once(socket, 'close');
});

test('who enrols is given the tags, signed, for a time out of reach', async () => {
  const { tags } = await sites.enrolled();
  const content = decodeSign1(Buffer.from(tags ?? '', 'base64url'))?.payload;
  expect(content && tagList.fromBytes(content)).toMatchObject({ ok: true, value: { tags: [] } });
});

test('what the head-end itself shows is renewed while it runs; a disk that is full is told', async () => {
  vi.useFakeTimers();
  try {
    let cert = 'first';
    let fails = false;
    const told: (string | undefined)[] = [];
    const shown: string[] = [];
    let wills = 0;
    const own = async (): Promise<{ key: string; cert: string }> => {
      if (fails) throw new Error('ENOSPC');
      return await Promise.resolve({ key: '', cert });
    };
    const upkeep = keepCertificates({
      identity: { authority: { notAfterMs: Date.now() + 400 * dayMs }, server: own, client: own } as never,
      shown: { server: await own(), client: await own() },
      app: { server: { setSecureContext: () => undefined } } as never,
      field: { renew: ({ cert: next }) => shown.push(next) },
      chosen: { renew: ({ server }) => shown.push(server.cert), renewWill: async () => void (wills += 1) },
      recheck: () => undefined,
      keysFault: () => undefined,
      conditions: { set: (id, say) => id === 'own-certificate' && told.push(say) },
      log: { info: () => undefined, error: () => undefined },
      now: Date.now,
    });
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    cert = 'second';
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(shown).toEqual(['second', 'second']);
    fails = true;
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(told.at(-1)).toContain('cannot be renewed (ENOSPC)');
    fails = false;
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    expect(told.at(-1)).toBeUndefined();
    // Each minute: a broker outside is given the will anew where another key signs by now.
    expect(wills).toBeGreaterThan(100);
    upkeep.end();
  } finally {
    vi.useRealTimers();
  }
});

/** A line to the field routes that is kept open. */
async function fieldLine(tls: GatewayTls): Promise<TLSSocket> {
  const { port } = new URL(sites.headend.fieldUrl);
  const socket = connectTls({ host: '127.0.0.1', port: Number(port), ...tls });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write('GET /field/v1/certificate HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'data');
  return socket;
}
