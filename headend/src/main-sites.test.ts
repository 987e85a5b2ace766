import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolmentShape, parseEnrolmentToken } from '@tiepoint/protocol/field';
import type { GatewayCertificate } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ErrorBody } from './api/contract.ts';
import { fingerprintOf } from './authority/certificate-authority.ts';
import type { ImportDone, ImportPreview } from './api/site-contract.ts';
import { homeFile, SitesUnderTest } from './main-sites.fixture.ts';
import type { Answer } from './main-sites.fixture.ts';
import { newRequest } from './nms/testing/field-client.ts';

const hourMs = 3_600_000;

let sites: SitesUnderTest;
beforeEach(async () => {
  sites = new SitesUnderTest();
  await sites.start();
});
afterEach(() => sites.end());

describe('entering', () => {
  test('a homeFile is shown, taken as it was shown, taken again without a change, and told in the audit', async () => {
    const preview = (await sites.call<ImportPreview>('POST', '/api/imports/preview', { csv: homeFile }))
      .body as ImportDone;
    expect(preview.records.map(({ kind, id, change }) => `${kind} ${id} ${change}`)).toEqual([
      'site home new',
      'device gw-1.meter-1 new',
      'device gw-1.pv-1 new',
      'contract C-1 new',
    ]);
    expect((await sites.call<{ sites: unknown[] }>('GET', '/api/sites')).body.sites).toEqual([]);
    await sites.call('PUT', '/api/sites/home', { json: { title: 'House' } });
    const late = await sites.call<ErrorBody>('POST', `/api/imports?expect=${preview.digest}`, { csv: homeFile });
    expect([late.status, late.body.error.reason]).toEqual([409, 'conflict']);
    await sites.imported();
    expect((await sites.site()).site).toMatchObject({ title: 'Home', state: 'planned', devices: 2, devicesBorn: 0 });
    const again = (await sites.call<ImportDone>('POST', '/api/imports', { csv: homeFile })).body;
    expect(again.records.every(({ change }) => change === 'same')).toBe(true);
    const exported = (await sites.call<string>('GET', '/api/exports/sites.csv')).body;
    expect(
      (await sites.call<ImportDone>('POST', '/api/imports', { csv: exported })).body.records.every(
        ({ change }) => change === 'same',
      ),
    ).toBe(true);
    const audit = (await sites.call<{ rows: { action: string; who: string }[] }>('GET', '/api/audit?subject=site:home'))
      .body;
    expect(audit.rows.map(({ action, who }) => `${action} ${who}`)).toEqual([
      'import ada',
      'site-state head-end',
      'site-set ada',
    ]);
  });

  test('a homeFile with a fault changes nothing, and says where', async () => {
    const refused = await sites.call<ErrorBody>('POST', '/api/imports', {
      csv: `${homeFile}\nworks,Works,gw-1,d,p,,,,,,,,`,
    });
    expect(refused.status).toBe(400);
    expect(refused.body.error.faults?.map(({ line, column }) => `${line} ${column}`)).toEqual([
      '2 gateway',
      '3 gateway',
      '4 gateway',
    ]);
    expect((await sites.call<{ sites: unknown[] }>('GET', '/api/sites')).body.sites).toEqual([]);
    const latin = await (
      await sites.crew.as('ada')
    ).ask('/api/imports/preview', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Buffer.from('site,site_title\nhome,Caf\xe9\n', 'latin1'),
    });
    expect(await latin.json()).toMatchObject({ ok: false, faults: [{ line: 2, column: 'site_title' }] });
  });

  test.each([
    { put: '/api/sites/Home%20St', json: { title: 'x' }, status: 400, says: 'is no name' },
    { put: '/api/sites/a', json: {}, status: 400, says: 'title' },
    {
      put: '/api/orders/gw-9.d',
      json: { siteId: 'nowhere', profile: 'p' },
      status: 400,
      says: 'there is no site nowhere',
    },
    { put: '/api/orders/gw-9', json: { siteId: 'home', profile: 'p' }, status: 400, says: 'is no device' },
    {
      put: '/api/contracts/C-9',
      json: { deviceId: 'gw-1.x', operators: ['any'], fromDay: '2026-01-01' },
      status: 400,
      says: 'there is no device gw-1.x',
    },
    {
      put: '/api/contracts/C-9',
      json: { deviceId: 'gw-1.pv-1', operators: [], fromDay: '2026-01-01' },
      status: 400,
      says: 'operators: is empty',
    },
    // The sentence is for the person at the form: the field, and what it should be.
    {
      put: '/api/contracts/C-9',
      json: { deviceId: 'gw-1.pv-1', operators: ['any'], fromDay: '2026-01-01', commands: ['limit power'] },
      status: 400,
      says: 'commands: must be one of connect, disconnect',
    },
    { put: '/api/sites/a', json: { title: 'x', latitude: 95 }, status: 400, says: 'latitude: must be at most 90' },
    { put: '/api/sites/a', json: { title: 'x', latitude: 'N' }, status: 400, says: 'latitude: must be a number' },
    { put: '/api/sites/a', json: { title: 'x', colour: 1 }, status: 400, says: 'colour: is not known here' },
    {
      put: '/api/orders/gw-1.pv-1',
      json: { siteId: 'home', profile: 'p', connection: 'usb' },
      status: 400,
      says: "connection: 'usb' is no connection",
    },
  ])('$put with $json: $says', async ({ put, json, status, says }) => {
    await sites.imported();
    const answer = await sites.call<ErrorBody>('PUT', put, { json });
    expect(answer.status).toBe(status);
    expect(answer.body.error.say).toContain(says);
  });

  test('the history says in words what was entered, and what is another', async () => {
    await sites.call('PUT', '/api/sites/mill', { json: { title: 'Mill', latitude: 47.2 } });
    await sites.call('PUT', '/api/sites/mill', { json: { title: 'Mill Lane 7', feeder: 'Elm' } });
    await sites.call('PUT', '/api/orders/gw-7.pv-1', {
      json: { siteId: 'mill', profile: 'sunspec-inverter', ratedPowerW: 6_000 },
    });
    const { rows } = (
      await sites.call<{ rows: { action: string; say: string }[] }>('GET', '/api/audit?subject=site:mill')
    ).body;
    expect(rows.filter(({ action }) => action !== 'site-state').map(({ say }) => say)).toEqual([
      'Device gw-7.pv-1 entered: site mill; profile sunspec-inverter; rated_power_kw 6',
      'Site mill changed: site_title Mill → Mill Lane 7; latitude 47.2 → –; feeder – → Elm',
      'Site mill entered: site_title Mill; latitude 47.2',
    ]);
  });

  test('what others hang on is not removed; a person removes from the leaves on', async () => {
    await sites.imported();
    const remove = async (path: string): Promise<number> => (await sites.call('DELETE', path)).status;
    expect(await remove('/api/sites/home')).toBe(400);
    expect(await remove('/api/orders/gw-1.pv-1')).toBe(400);
    for (const path of ['contracts/C-1', 'orders/gw-1.pv-1', 'orders/gw-1.meter-1', 'sites/home'])
      expect(await remove(`/api/${path}`)).toBe(204);
    expect(await remove('/api/sites/home')).toBe(404);
  });
});

describe('enrolment', () => {
  test('a token becomes an identity that the broker takes at once; it is not kept in clear', async () => {
    await sites.imported();
    expect((await sites.site()).site.missing).toEqual([
      'gw-1 has no identity yet: issue an enrolment token, and enrol it on site.',
    ]);
    const issued = await sites.token();
    expect(issued.line).toBe(`tiepoint-agent enroll ${sites.headend.fieldUrl} ${issued.token}`);
    const token = parseEnrolmentToken(issued.token);
    expect(token?.fingerprint).toBe(fingerprintOf(new X509Certificate(sites.headend.authority)));
    const answer = await sites.enrol(issued.token);
    expect(answer.status).toBe(201);
    expect(enrolmentShape(answer.body, '')).toMatchObject({ ok: true });
    const { certificate, authority, open, mqttUrl } = answer.body;
    expect(mqttUrl).toBe(sites.headend.mqttUrl);
    expect(authority).toBe(sites.headend.authority);
    expect(new X509Certificate(certificate).subjectAltName).toBe('URI:urn:tiepoint:gateway:gw-1');
    expect(open).toEqual([expect.stringContaining('pv-1: its connection is not known')]);
    const tls = { key: answer.key, cert: certificate, ca: authority };
    await sites.agentOf({ tls });
    expect((await sites.site()).site.state).toBe('provisioned');
    expect((await sites.site()).gateways[0]?.tokens).toMatchObject([{ state: 'used', overBy: 'Ted Technician' }]);
    await sites.stop();
    const kept = ['operations.db', 'operations.db-wal'].map((name) => {
      try {
        return readFileSync(join(sites.folder, name)).toString('latin1');
      } catch {
        return '';
      }
    });
    expect(kept.join().includes('tokenHash')).toBe(true);
    expect(kept.join().includes(token!.secret)).toBe(false);
    await sites.start();
    await sites.agentOf({ tls }, 3);
  });

  test('enrolled again, only the newest certificate counts, and a connection under the earlier one ends', async () => {
    await sites.imported();
    const first = await sites.enrolled();
    const agent = await sites.agentOf(first);
    const second = await sites.enrolled();
    await vi.waitFor(() => expect(agent.isConnected).toBe(false));
    await expect(sites.agentOf(first)).rejects.toThrow(/not authorized/i);
    await sites.agentOf(second);
    expect((await sites.field('/field/v1/assignment', { tls: first.tls })).status).toBe(401);
    expect((await sites.field('/field/v1/assignment', { tls: second.tls })).status).toBe(200);
  });

  test('a renewal adds another year, for the same gateway; what was lost on the way ends', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const renew = async (): Promise<{ key: string; status: number; cert: string }> => {
      const { key, certificateRequest } = await newRequest();
      const json = { certificateRequest };
      const { tls } = gateway;
      const { status, body } = await sites.field<GatewayCertificate>('/field/v1/renewals', {
        method: 'POST',
        json,
        tls,
      });
      return { key, status, cert: body.certificate };
    };
    const [lost, next] = [await renew(), await renew()];
    expect([lost.status, next.status]).toEqual([201, 201]);
    const shown = (await sites.site()).gateways[0]?.certificate;
    expect(shown).toMatchObject({ by: 'renewal', serial: new X509Certificate(next.cert).serialNumber.toLowerCase() });
    const { ca } = gateway.tls;
    await expect(sites.agentOf({ tls: { ...lost, ca } }, 2)).rejects.toThrow(/not authorized/i);
    await sites.agentOf(gateway, 3);
    const bad = { certificateRequest: 'none' };
    expect((await sites.field('/field/v1/renewals', { method: 'POST', json: bad, tls: gateway.tls })).status).toBe(400);
  });

  test('a revocation ends the connection at once, and the site’s service; another enrolment begins anew', async () => {
    await sites.imported();
    const gateway = await sites.enrolled();
    const agent = await sites.agentOf(gateway);
    const revoke = async (id: string): Promise<number> =>
      (await sites.call('POST', `/api/gateways/${id}/revocation`, { json: { cause: 'stolen from its cabinet' } }))
        .status;
    expect(await revoke('gw-9')).toBe(404);
    expect(await revoke('gw-1')).toBe(204);
    await vi.waitFor(() => expect(agent.isConnected).toBe(false));
    await expect(sites.agentOf(gateway, 2)).rejects.toThrow(/not authorized/i);
    expect((await sites.field('/field/v1/assignment', { tls: gateway.tls })).status).toBe(401);
    const { certificateRequest } = await newRequest();
    const json = { certificateRequest };
    expect((await sites.field('/field/v1/renewals', { method: 'POST', json, tls: gateway.tls })).status).toBe(401);
    expect(await sites.site()).toMatchObject({
      site: { state: 'planned' },
      gateways: [{ identity: 'revoked', revoked: { by: 'ada', cause: 'stolen from its cabinet' } }],
    });
    await sites.stop();
    await sites.start();
    await expect(sites.agentOf(gateway, 3)).rejects.toThrow(/not authorized/i);
    await sites.agentOf(await sites.enrolled(), 4);
    expect((await sites.site()).gateways[0]?.identity).toBe('enrolled');
  });

  test('a request that is none spends no token, and of two at once one is enrolled', async () => {
    await sites.imported();
    const { token } = await sites.token();
    const none = await sites.enrol(token, 'no request');
    expect([none.status, none.body.error.say]).toEqual([400, expect.stringContaining('certificateRequest')]);
    const both = await Promise.all([sites.enrol(token), sites.enrol(token)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403]);
  });

  test('a token that is used, revoked, expired or none is refused, and why is said', async () => {
    await sites.imported();
    const used = await sites.token();
    expect((await sites.enrol(used.token)).status).toBe(201);
    const revoked = await sites.token();
    expect((await sites.call('DELETE', `/api/enrolment-tokens/${revoked.id}`)).status).toBe(204);
    const expired = await sites.token();
    sites.aheadMs = 73 * hourMs;
    for (const [text, says] of [
      [used.token, 'was used before, by Ted Technician'],
      [revoked.token, 'was revoked'],
      [expired.token, 'has expired'],
      ['never-issued', 'There is no such enrolment token'],
      [`${used.token} `, 'There is no such enrolment token'],
    ] as const) {
      const answer = await sites.enrol(text);
      expect([answer.status, answer.body.error.reason]).toEqual([403, 'token']);
      expect(answer.body.error.say).toContain(says);
    }
    expect((await sites.call<ErrorBody>('DELETE', `/api/enrolment-tokens/${used.id}`)).body.error.say).toContain(
      'used already',
    );
    const audit = (await sites.call<{ rows: { action: string }[] }>('GET', '/api/audit?subject=site:home')).body.rows;
    expect(audit.filter(({ action }) => action === 'enrolment-refused')).toHaveLength(3);
  });

  test('tokens cannot be guessed at any speed, nor strewn about', async () => {
    await sites.imported();
    for (let count = 0; count < 5; count += 1) expect((await sites.token()).state).toBe('open');
    expect(
      (await sites.call<ErrorBody>('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).body.error.reason,
    ).toBe('conflict');
    expect((await sites.call<ErrorBody>('POST', '/api/gateways/gw-7/enrolment-tokens', { json: {} })).status).toBe(404);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await sites.enrol('guess')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
    const last = await sites.enrol('guess');
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    sites.aheadMs = 11_000;
    expect((await sites.enrol('guess')).status).toBe(403);
  });
});

test('a profile homeFile of one’s own goes with the enrolment of the gateways that need it', async () => {
  await sites.imported();
  const put = (name: string, fileName: string): Promise<Answer<ErrorBody>> =>
    sites.call('PUT', `/api/profiles/${name}`, { json: { fileName, text: 'name: own' } });
  expect((await put('own', '../own.yaml')).status).toBe(400);
  expect((await put('own', 'own.yaml')).status).toBe(204);
  expect((await sites.call('PUT', '/api/orders/gw-1.pv-1', { json: { siteId: 'home', profile: 'own' } })).status).toBe(
    204,
  );
  const { profiles, configuration } = await sites.enrolled();
  expect(profiles).toEqual([{ name: 'own.yaml', text: 'name: own' }]);
  expect(configuration).toContain('- ./own.yaml');
});
