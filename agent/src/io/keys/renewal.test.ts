import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { GatewayEventKind } from '@tiepoint/protocol';
import { fieldRoutes } from '@tiepoint/protocol/field';
import { OwnAuthority } from '../../field/testing/own-authority.ts';
import { systemClock } from '../clock.ts';
import type { Answered, ask } from '../head-end-question.ts';
import type { Log } from '../log.ts';
import { writeWhole } from '../disk/whole-file.ts';
import { takeEnrolledTags } from './enrolled-tags.ts';
import { certificateRequest } from './certificate-request.ts';
import { readIdentity } from './gateway-identity.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { Renewal } from './renewal.ts';
import { makeNextKey, renewalFault, settleKeys, takeRenewed } from './renewed-files.ts';
import { isLongOverdue, isRenewalDue, renewalPauseMs } from './renewal-time.ts';

const dayMs = 86_400_000;
let folder: string;
let authority: OwnAuthority;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'renewal-'));
  authority = new OwnAuthority();
  await authority.lay(folder, 'gw-1');
  writeFileSync(join(folder, 'enrolment.json'), JSON.stringify({ url: 'https://head.example', gatewayId: 'gw-1' }));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const identity = (): GatewayIdentity => {
  const read = readIdentity(folder, 'gw-1');
  if (!read.ok) throw new Error(read.say);
  return read.identity;
};
const fits = ({ tls }: GatewayIdentity, { key }: GatewayIdentity): boolean =>
  new X509Certificate(tls.cert).publicKey.export({ format: 'der', type: 'spki' }).equals(key.publicKeyDer);

describe('a renewal that is killed', () => {
  test.each([
    { when: 'before it has a certificate', isNew: false, steps: (): void => undefined },
    {
      when: 'while the certificate is written',
      isNew: false,
      steps: (certificate: string): void =>
        writeFileSync(join(folder, 'certificate.pem.part'), certificate.slice(0, 99)),
    },
    {
      when: 'between certificate and key',
      isNew: true,
      steps: (certificate: string): void => writeWhole(join(folder, 'certificate.pem'), certificate, 0o600),
    },
    {
      when: 'after both',
      isNew: true,
      steps: (certificate: string): void => takeRenewed(folder, { certificate, authority: authority.ca }),
    },
  ])('$when leaves key and certificate that belong together', async ({ steps, isNew }) => {
    const before = identity();
    const key = makeNextKey(folder);
    const certificate = authority.gateway('gw-1', await certificateRequest(key));
    expect(renewalFault({ certificate, authority: authority.ca }, key, 'gw-1')).toBeUndefined();
    steps(certificate);
    const left = identity();
    expect([fits(left, left), left.tls.cert !== before.tls.cert]).toEqual([true, isNew]);
    // The next start, and the next renewal.
    settleKeys(folder);
    expect(identity()).toMatchObject({ tls: left.tls });
    expect(existsSync(join(folder, 'key-next.pem'))).toBe(false);
    makeNextKey(folder);
    expect(identity()).toMatchObject({ tls: left.tls });
  });

  test.each([
    { what: 'of another key', change: async () => ({ certificate: authority.gateway('gw-1', await other()) }) },
    { what: 'of another gateway', change: async (own: string) => ({ certificate: authority.gateway('gw-2', own) }) },
    { what: 'none of the authorities', change: async () => ({ authority: new OwnAuthority().ca }) },
    { what: 'cannot be read', change: async () => ({ certificate: 'x' }) },
  ])('is not misled by a certificate that is $what', async ({ change, what }) => {
    const key = makeNextKey(folder);
    const own = await certificateRequest(key);
    const answer = { certificate: authority.gateway('gw-1', own), authority: authority.ca, ...(await change(own)) };
    expect(renewalFault(answer, key, 'gw-1')).toContain(what);
  });
});

const other = async (): Promise<string> => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'renewal-other-'));
  try {
    await authority.lay(elsewhere, 'gw-1');
    return await certificateRequest(makeNextKey(elsewhere));
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
};

test.each([
  { atDays: 59, spread01: 0, due: false },
  { atDays: 60, spread01: 0, due: true },
  { atDays: 62.9, spread01: 1, due: false },
  { atDays: 63, spread01: 1, due: true },
])('after $atDays of 90 days, due: $due', ({ atDays, spread01, due }) => {
  expect(isRenewalDue({ notBeforeMs: 0, notAfterMs: 90 * dayMs }, spread01, atDays * dayMs)).toBe(due);
});

test('tries become rarer, and differ among gateways', () => {
  expect([1, 2, 3, 100].map((failures) => renewalPauseMs(failures, 0.5) / 60_000)).toEqual([1, 2, 4, 360]);
  expect(renewalPauseMs(1, 0)).toBe(30_000);
  expect(isLongOverdue({ notBeforeMs: 0, notAfterMs: 360 * dayMs }, dayMs)).toBe(true);
  expect(isLongOverdue({ notBeforeMs: 0, notAfterMs: 360 * dayMs }, dayMs - 1)).toBe(false);
});

/** A head-end that takes certificates of the authority alone, and issues what it is asked for. */
async function headEnd(): Promise<{ shown: string[]; url: string }> {
  const shown: string[] = [];
  const { key, cert, ca } = authority.server();
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const { socket } = request;
    const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    shown.push(`${request.method ?? ''} ${request.url ?? ''} ${peer?.fingerprint256 ?? ''}`);
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { certificateRequest: asked } = JSON.parse(text === '' ? '{}' : text) as { certificateRequest?: string };
      const answer =
        asked === undefined
          ? { serial: '1', notAfterMs: 1 }
          : { certificate: authority.gateway('gw-1', asked), authority: authority.ca };
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { shown, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('over TLS it asks under the old certificate, and shows the new one', async () => {
  await authority.lay(folder, 'gw-1', Date.now() - 25 * dayMs, Date.now() + 5 * dayMs);
  const before = new X509Certificate(identity().tls.cert).fingerprint256;
  const { shown, url } = await headEnd();
  writeFileSync(join(folder, 'enrolment.json'), JSON.stringify({ url, gatewayId: 'gw-1' }));
  const nothing = (): void => undefined;
  const quiet: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet };
  const renewal = new Renewal(
    { gateway: { id: 'gw-1' }, identity: folder },
    { clock: systemClock, random01: () => 0, readIdentity },
    { log: quiet, tell: async () => await Promise.resolve(true), onRenewed: nothing },
  );
  onTestFinished(() => renewal.stop());
  renewal.start();
  await vi.waitFor(() => expect(shown).toHaveLength(2), { timeout: 10_000 });
  const after = new X509Certificate(identity().tls.cert).fingerprint256;
  expect(shown).toEqual([`POST ${fieldRoutes.renewals} ${before}`, `GET ${fieldRoutes.certificate} ${after}`]);
  expect(after).not.toBe(before);
});

describe('while the gateway runs', () => {
  type Asked = { route: string; cert: string | undefined };
  const running = (answer: (request: string) => Answered<unknown>) => {
    const asked: Asked[] = [];
    const told: { kind: GatewayEventKind; say: string }[] = [];
    const onRenewed = vi.fn<() => void>();
    const asking = (async (
      _url: string,
      route: string,
      _shape: unknown,
      { tls, body }: { tls: { cert?: string }; body?: object },
    ) => {
      asked.push({ route, cert: tls.cert });
      const { certificateRequest: request = '' } = (body ?? {}) as { certificateRequest?: string };
      return await Promise.resolve(
        route === fieldRoutes.renewals ? answer(request) : { ok: true, value: { serial: '1', notAfterMs: 1 } },
      );
    }) as unknown as typeof ask;
    const nothing = (): void => undefined;
    const quiet: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet };
    const renewal = new Renewal(
      { gateway: { id: 'gw-1' }, identity: folder },
      { clock: systemClock, random01: () => 0.5, readIdentity },
      {
        log: quiet,
        tell: async (kind, say) => (told.push({ kind, say }), await Promise.resolve(true)),
        onRenewed,
        ask: asking,
      },
    );
    return { asked, told, onRenewed, renewal };
  };
  const issue = (request: string): Answered<unknown> => ({
    ok: true,
    value: { certificate: authority.gateway('gw-1', request), authority: authority.ca },
  });

  test('it renews in the last third, with a new key, makes the line anew, and shows the new certificate', async () => {
    vi.useFakeTimers();
    const before = identity();
    const { asked, onRenewed, renewal } = running(issue);
    renewal.start();
    await vi.advanceTimersByTimeAsync(dayMs);
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(20 * dayMs);
    renewal.stop();
    const after = identity();
    expect(after.key.publicKeyDer).not.toEqual(before.key.publicKeyDer);
    expect(asked.slice(0, 2)).toEqual([
      { route: fieldRoutes.renewals, cert: before.tls.cert },
      { route: fieldRoutes.certificate, cert: after.tls.cert },
    ]);
    expect(onRenewed).toHaveBeenCalledTimes(1);
  });

  test('out of reach it tries on, tells when that is for long, once a day, and when it is well', async () => {
    vi.useFakeTimers();
    let isAway = true;
    const away: Answered<unknown> = { ok: false, reason: 'offline', say: 'nobody listens there' };
    const { told, renewal, onRenewed, asked } = running((request) => (isAway ? away : issue(request)));
    vi.setSystemTime(identity().notBeforeMs + 22 * dayMs);
    renewal.start();
    await vi.advanceTimersByTimeAsync(0.9 * dayMs);
    expect([told, asked.length > 5, asked.length < 20]).toEqual([[], true, true]);
    await vi.advanceTimersByTimeAsync(2 * dayMs);
    expect(told.map(({ kind }) => kind)).toEqual(['certificate-not-renewed', 'certificate-not-renewed']);
    expect(told[0]?.say).toContain('nobody listens there (good until ');
    await vi.advanceTimersByTimeAsync(7 * dayMs);
    expect(told.at(-1)?.say).toContain('enrol it anew, or set its clock right');
    isAway = false;
    await vi.advanceTimersByTimeAsync(dayMs);
    renewal.stop();
    expect([told.at(-1)?.kind, onRenewed.mock.calls.length > 0]).toEqual(['certificate-renewed', true]);
  });
});

test('the tags of the enrolment are taken once', () => {
  writeFileSync(join(folder, 'tags.cose'), 'signed');
  expect(Buffer.from(takeEnrolledTags(folder) ?? []).toString()).toBe('signed');
  expect(takeEnrolledTags(folder)).toBeUndefined();
  renameSync(join(folder, 'key.pem'), join(folder, 'key-next.pem'));
  expect(readIdentity(folder, 'gw-1')).toMatchObject({ ok: false });
});
