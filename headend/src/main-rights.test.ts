import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type {
  AuditResponse,
  EventsResponse,
  FleetResponse,
  GatewayRow,
  HealthResponse,
  SelectionView,
  StreamFrame,
} from './api/contract.ts';
import type { BearerTokenIssued } from './api/operator-contract.ts';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import type { SignedIn } from './api/testing/signed-in.ts';
import { homeFile, SitesUnderTest } from './main-sites.fixture.ts';

let sites: SitesUnderTest;
let admin: SignedIn;
beforeAll(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  admin = await sites.crew.administrator();
  await sites.imported(`${homeFile}\nfar,Far,gw-2,meter-2,test/meter,,,,,,,,`);
  const ada = await sites.crew.as('ada');
  await ada.call('PUT', '/api/sites/home', { title: 'Home', area: 'north' });
  await ada.call('PUT', '/api/sites/far', { title: 'Far', area: 'south' });
});
afterAll(async () => await sites.end());

const raw = async (path: string, sent: Parameters<typeof rawRequest>[1] = {}): Promise<Response> =>
  await rawRequest(sites.headend.httpsUrl + path, sent);

describe('areas', () => {
  test('who has one sees and changes what is there alone; the rest is as if it were not', async () => {
    const north = await admin.invite('north-ops', { role: 'engineer', areas: ['north'] });
    const { sites: seen } = await north.call<{ sites: { id: string }[] }>('GET', '/api/sites');
    expect(seen.map(({ id }) => id)).toEqual(['home']);
    expect(await (await north.ask('/api/exports/sites.csv')).text()).not.toContain('gw-2');
    const put = async (path: string, body: object): Promise<string> =>
      await reasonOf(
        await north.ask(path, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
    expect(await reasonOf(await north.ask('/api/sites/far'))).toBe('not-found');
    expect(await put('/api/sites/far', { title: 'Mine', area: 'north' })).toBe('not-permitted');
    expect(await put('/api/sites/home', { title: 'Home', area: 'south' })).toBe('not-permitted');
    expect(await put('/api/sites/fresh', { title: 'Fresh' })).toBe('not-permitted');
    expect(await put('/api/sites/home', { title: 'House', area: 'north' })).toBe('200');
    expect(await put('/api/orders/gw-2.meter-2', { siteId: 'home', profile: 'p' })).toBe('not-permitted');
    expect(await put('/api/profiles/p', { fileName: 'p.yaml', text: '{}' })).toBe('not-permitted');
    for (const path of ['/api/exports/audit.jsonl', '/metrics'])
      expect([path, await reasonOf(await north.ask(path))]).toEqual([path, 'not-permitted']);
    const { rows } = await north.call<AuditResponse>('GET', '/api/audit?limit=1000');
    expect(new Set(rows.flatMap(({ subject }) => subject ?? []))).toEqual(new Set(['site:home', 'account:north-ops']));
  });

  test('fleet, devices, commands, events and counts are of the area; a device that nobody entered is seen by all areas', async () => {
    const agent = await sites.agentOf(await sites.enrolled());
    await sites.born(agent);
    const ops = {
      north: await admin.invite('north-view', { role: 'viewer', areas: ['north'] }),
      south: await admin.invite('south-view', { role: 'switching-operator', areas: ['south'] }),
    };
    const ids = async (who: SignedIn): Promise<readonly string[]> =>
      (await who.call<FleetResponse>('GET', '/api/fleet')).rows.map(({ id }) => id);
    expect(await ids(ops.north)).toEqual(['gw-1.meter-1', 'gw-1.pv-1']);
    expect(await ids(ops.south)).toEqual([]);
    for (const path of ['/api/devices/gw-1.meter-1', '/api/devices/gw-1.meter-1/events'])
      expect([path, await reasonOf(await ops.south.ask(path))]).toEqual([path, 'unknown-device']);
    const select = await ops.south.ask('/api/devices/gw-1.meter-1/selections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"kind":"disconnect"}',
    });
    expect(await reasonOf(select)).toBe('unknown-device');
    const counts = async (who: SignedIn): Promise<object> => {
      const { gateways, devices } = await who.call<HealthResponse>('GET', '/api/health');
      return { online: gateways.online, live: devices.live };
    };
    expect([await counts(ops.north), await counts(ops.south), await counts(admin)]).toEqual([
      { online: 1, live: 2 },
      { online: 0, live: 0 },
      { online: 1, live: 2 },
    ]);
  });

  test('a site that is given to another area: its gateway and devices leave the streams of the one and come into those of the other, whole', async () => {
    const streams = {
      north: await streamOf(await admin.invite('north-live', { role: 'viewer', areas: ['north'] })),
      south: await streamOf(await admin.invite('south-live', { role: 'viewer', areas: ['south'] })),
      all: await streamOf(admin),
    };
    const home = ['gw-1', 'gw-1.meter-1', 'gw-1.pv-1'];
    expect([streams.north.shown(), streams.south.shown()]).toEqual([home, []]);
    const ada = await (await sites.crew.as('ada')).again();
    await ada.call('PUT', '/api/sites/home', { title: 'Home', area: 'south' });
    await vi.waitFor(() => expect([streams.north.shown(), streams.south.shown()]).toEqual([[], home]), {
      timeout: 4_000,
    });
    expect(streams.south.gateway('gw-1')).toMatchObject({ area: 'south' });
    await vi.waitFor(() => expect(streams.all.gateway('gw-1')).toMatchObject({ area: 'south' }), { timeout: 4_000 });
    expect(streams.all.frames.filter(({ type }) => type === 'snapshot')).toHaveLength(1);
    await ada.call('PUT', '/api/sites/home', { title: 'Home', area: 'north' });
    await vi.waitFor(() => expect([streams.north.shown(), streams.south.shown()]).toEqual([home, []]), {
      timeout: 4_000,
    });
    for (const stream of Object.values(streams)) await stream.end();
  });

  test('what is not well with the head-end itself is an event for who sees everything; everybody is told while it lasts', async () => {
    const south = await admin.invite('south-well', { role: 'viewer', areas: ['south'] });
    const stream = await streamOf(south);
    // No folder can be made in a file.
    const backup = { folder: import.meta.filename, everyHours: 24, keep: 2 };
    await sites.stop();
    await stream.end();
    await sites.start(`, backup: ${JSON.stringify(backup)}`);
    const [seesAll, seesSouth] = [admin.at(sites.headend.httpsUrl), south.at(sites.headend.httpsUrl)];
    const kinds = async (who: SignedIn): Promise<readonly string[]> =>
      (await who.call<EventsResponse>('GET', '/api/events?limit=1000')).events.map(({ kind }) => kind);
    await vi.waitFor(async () => expect(await kinds(seesAll)).toContain('head-end-unwell'), { timeout: 4_000 });
    expect(await kinds(seesSouth)).not.toContain('head-end-unwell');
    expect((await seesSouth.call<HealthResponse>('GET', '/api/health')).conditions).toHaveLength(1);
    admin = seesAll;
  });
});

type Live = {
  frames: StreamFrame[];
  shown(): readonly string[];
  gateway(id: string): GatewayRow | undefined;
  end(): Promise<void>;
};

/** A live stream, and what its reader has by it. */
async function streamOf({ ask }: SignedIn): Promise<Live> {
  const stopped = new AbortController();
  const response = await ask('/api/stream', { signal: stopped.signal });
  const frames: StreamFrame[] = [];
  const devices = new Set<string>();
  const gateways = new Map<string, GatewayRow>();
  const apply = (frame: StreamFrame): void => {
    frames.push(frame);
    if (frame.type !== 'snapshot' && frame.type !== 'delta') return;
    if (frame.type === 'snapshot') for (const had of [devices, gateways]) had.clear();
    else for (const id of frame.removed) devices.delete(id);
    for (const { id } of frame.rows) devices.add(id);
    for (const gateway of frame.gateways) gateways.set(gateway.id, gateway);
  };
  const read = (async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('data: ')) apply(JSON.parse(line.slice('data: '.length)) as StreamFrame);
    }
  })().catch(() => undefined);
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(0));
  return {
    frames,
    shown: () => [...gateways.keys(), ...devices].toSorted(),
    gateway: (id) => gateways.get(id),
    end: async () => {
      stopped.abort();
      await read;
    },
  };
}

describe('privilege', () => {
  test('a viewer reaches nothing that changes anything', async () => {
    const viewer = await admin.invite('onlooker', 'viewer');
    const tries: [string, string, object?][] = [
      ['POST', '/api/devices/gw-1.meter-1/selections', { kind: 'disconnect' }],
      ['POST', '/api/commands', { selectionId: 'x' }],
      ['PUT', '/api/devices/gw-1.meter-1/tag', { cause: 'x' }],
      ['PUT', '/api/gateways/gw-1/configuration', { devices: [] }],
      ['PUT', '/api/sites/home', { title: 'x' }],
      ['POST', '/api/gateways/gw-1/enrolment-tokens', {}],
      ['POST', '/api/operators', { name: 'mine', grants: [{ role: 'administrator', areas: 'all' }] }],
      ['PUT', '/api/operators/onlooker', { grants: [{ role: 'administrator', areas: 'all' }] }],
      ['POST', '/api/operators/admin/reset', {}],
      ['GET', '/api/operators'],
      ['GET', '/api/audit'],
      ['POST', '/api/command-keys/rotation', { wish: 'announce' }],
      [
        'POST',
        '/api/tokens',
        { title: 'x', account: 'admin', grants: [{ role: 'viewer', areas: 'all' }], validDays: 1 },
      ],
    ];
    for (const [method, path, body] of tries) {
      const answer = await viewer.ask(path, {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      expect([path, await reasonOf(answer)]).toEqual([path, 'not-permitted']);
    }
    const { rows } = await admin.call<AuditResponse>('GET', '/api/audit?operator=onlooker&limit=100');
    const told = rows.flatMap(({ action, say }) => (action === 'access-refused' ? [say] : [])).toReversed();
    expect(told.map((say) => say.split(' refused: ')[0])).toEqual(
      tries.flatMap(([method, path]) => (method === 'GET' || path === '/api/tokens' ? [] : [`${method} ${path}`])),
    );
    const more = { title: 'x', grants: [{ role: 'administrator', areas: 'all' }], validDays: 1 };
    await expect(viewer.call('POST', '/api/tokens', more)).rejects.toThrow('at most what its account has');
  });

  test('a token has its own scope, less than its account where that was asked, and ends with it', async () => {
    const owner = await admin.invite('owner', 'switching-operator', 'dr-operator');
    const issued = await owner.call<BearerTokenIssued>('POST', '/api/tokens', {
      title: 'dispatch program',
      grants: [{ role: 'dr-operator', areas: 'all' }],
      validDays: 1,
    });
    const headers = { authorization: `Bearer ${issued.token}` };
    const post = async (path: string, body: object, more = {}): Promise<string> =>
      await reasonOf(await raw(path, { method: 'POST', body, headers: { ...headers, ...more } }));
    expect((await raw('/api/fleet', { headers })).status).toBe(200);
    expect(await post('/api/devices/gw-1.meter-1/selections', { kind: 'disconnect' })).toBe('not-permitted');
    // Nor by way of a selection that its account made with more.
    const selection = await owner.call<SelectionView>('POST', '/api/devices/gw-1.meter-1/selections', {
      kind: 'disconnect',
    });
    const key = { 'idempotency-key': randomUUID() };
    expect(await post('/api/commands', { selectionId: selection.id }, key)).toBe('not-permitted');
    // What is for people is not for programs.
    for (const path of ['/api/account', '/api/tokens', '/api/operators'])
      expect([path, await reasonOf(await raw(path, { headers }))]).toEqual([path, 'not-permitted']);
    await admin.call('PUT', '/api/operators/owner', { grants: [{ role: 'viewer', areas: 'all' }] });
    expect(await reasonOf(await raw('/api/fleet', { headers }))).toBe('not-permitted');
    await admin.call('PUT', '/api/operators/owner', { disabled: true });
    expect(await reasonOf(await raw('/api/fleet', { headers }))).toBe('unauthenticated');
    for (const token of [`${issued.token}x`, 'tpt_', '', `tpt_${'a'.repeat(32)}`])
      expect(await reasonOf(await raw('/api/fleet', { headers: { authorization: `Bearer ${token}` } }))).toBe(
        'unauthenticated',
      );
  });

  test('what is typed is data: in names, in queries, in paths', async () => {
    const before = (await admin.call<AuditResponse>('GET', '/api/audit?limit=1000')).rows.length;
    for (const text of [
      "' OR '1'='1",
      "ada'; DROP TABLE people; --",
      '../../keys/operators.key',
      '${7*7}',
      '__proto__',
    ]) {
      const asked = encodeURIComponent(text);
      const { rows } = await admin.call<AuditResponse>('GET', `/api/audit?operator=${asked}&subject=${asked}`);
      expect(rows).toEqual([]);
      const body = { name: text, grants: [{ role: 'viewer', areas: 'all' }] };
      await expect(admin.call('POST', '/api/operators', body)).rejects.toThrow('400 invalid');
      await expect(admin.call('PUT', `/api/operators/${asked}`, { grants: [] })).rejects.toThrow('404 not-found');
      await expect(admin.call('DELETE', `/api/tokens/${asked}`)).rejects.toThrow('404 not-found');
      for (const path of [
        `load/elements/transformer/${asked}/hours?fromS=0&toS=3600`,
        `load/elements/${asked}/x/hours?fromS=0&toS=3600`,
        `network/circuits/${asked}`,
        `intervals?meter=${asked}&fromS=0&toS=900`,
        `intervals/gaps?fromS=0&toS=900&circuit=${asked}`,
        `intervals/replaced?meter=${asked}&fromS=0&toS=900`,
      ])
        expect([path, (await admin.ask(`/api/${path}`)).status]).toEqual([path, expect.toBeOneOf([400, 404])]);
    }
    for (const path of ['/../data/keys/operators.key', '/%2e%2e/keys/operators.key', '/..%2fkeys%2foperators.key'])
      expect((await raw(path)).status).not.toBe(200);
    expect((await admin.call<AuditResponse>('GET', '/api/audit?limit=1000')).rows.length).toBe(before);
  });

  test('the last administrator stays one', async () => {
    await expect(admin.call('PUT', '/api/operators/admin', { disabled: true })).rejects.toThrow('last administrator');
    await expect(admin.call('PUT', '/api/operators/admin', { grants: [] })).rejects.toThrow('last administrator');
  });
});
