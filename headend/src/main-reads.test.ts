import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ErrorBody } from './api/contract.ts';
import type { LoadElementsResponse, LoadHoursResponse, LoadStatusResponse } from './api/load-contract.ts';
import type { NightReadView, ReadDetail, ReadsResponse, ReadView } from './api/read-contract.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import { aSwitch, line, networkOf, poleTransformer, source } from './network/connectivity/sample-network.fixture.ts';
import { changesBetween } from './network/model/network-change.ts';
import { emptyNetwork } from './network/model/network-draft.ts';
import type { UsagePoint } from './network/model/network.ts';
import { editRecord } from './network/network-register.ts';
import type { FakeAgent } from './nms/testing/fake-agent.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const point = (id: string, meter?: string): UsagePoint => ({
  kind: 'UsagePoint',
  id,
  name: id,
  node: 'house',
  phases: ['s1', 's2'],
  ...(meter === undefined ? {} : { meter }),
});

/** A source, a switch, a pole transformer, and behind it a home with a meter of ours and one without. */
const town = networkOf(
  [source('s', 'a'), aSwitch('w', 'a', 'b'), line('l', 'b', 'c'), poleTransformer('t', 'c', 'A', 'house')],
  (draft) => {
    draft.put(point('p1', 'S-1'));
    draft.put(point('p2'));
  },
);

let sites: SitesUnderTest;
let agent: FakeAgent;
beforeAll(async () => {
  sites = new SitesUnderTest();
  const store = new SqliteStore(sites.folder);
  store.start();
  const recording = { recordedAtMs: 1, who: 'ada', cause: 'drawing' };
  const audit = { atMs: 1, who: 'ada', identity: 'system', action: 'network-edited', say: 'drawn' } as const;
  store.network.append(editRecord(changesBetween(emptyNetwork(), town), 1_000, recording), audit);
  store.stop();
  await sites.start();
  await sites.imported();
  agent = await sites.agentOf(await sites.enrolled());
  await sites.born(agent);
}, 60_000);
afterAll(async () => await sites.end());

const asked = async (): Promise<NonNullable<FakeAgent['reads'][number]>> =>
  await vi.waitFor(() => {
    const last = agent.reads.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  });

test('all that is behind a switch is read: who has a meter is asked, who has none is estimated', async () => {
  const { status, body } = await sites.call<ReadView>('POST', '/api/reads', { json: { kind: 'switch', id: 'w' } });
  expect(status).toBe(202);
  expect(body).toMatchObject({ state: 'running', who: 'ada', counts: { asked: 1, 'no-meter': 1 } });
  const request = await asked();
  expect(request).toMatchObject({ wanted: 'present', deviceIds: ['meter-1'] });
  await agent.reading('meter-1', { requestId: request.id, activePowerW: 1_500, voltageV: 240, currentA: 6.5 });
  const read = await vi.waitFor(
    async () => {
      const answer = await sites.call<ReadDetail>('GET', `/api/reads/${body.id}`);
      expect(answer.body.state).toBe('done');
      return answer.body;
    },
    { timeout: 5_000, interval: 50 },
  );
  expect(read).toMatchObject({
    counts: { answered: 1, 'no-meter': 1 },
    figure: { measuredW: 1_500, activePowerW: 3_000, answered: 1, asked: 2 },
    silent: [{ name: 'p2', state: 'no-meter' }],
  });
  expect(read.figure?.lowW).toBeLessThan(3_000);
  expect((await sites.call<ReadsResponse>('GET', '/api/reads')).body.reads[0]?.id).toBe(body.id);
});

test('what nobody asked for is counted, and changes nothing', async () => {
  const health = async (): Promise<number> => {
    const text = (await sites.call<string>('GET', '/metrics')).body;
    return Number(/^\S*refused\S*\{[^}]*"unasked"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const before = await health();
  await agent.reading('meter-1', { requestId: 'made-up', activePowerW: 9e6 });
  await vi.waitFor(async () => expect(await health()).toBe(before + 1));
});

test('the night’s read by hand: what the warehouse lacks is asked of the meter, lands there, and is told', async () => {
  agent.reads.length = 0;
  const begun = await vi.waitFor(
    async () => {
      const answer = await sites.call<NightReadView>('POST', '/api/night-read');
      expect(answer.status).toBe(202);
      return answer.body;
    },
    { timeout: 20_000, interval: 500 },
  );
  expect(begun.progress).toMatchObject({ state: 'running', meters: 1, read: 0 });
  const { fromMs = 0, toMs = 0, id, wanted, deviceIds } = await asked();
  expect({ wanted, deviceIds }).toEqual({ wanted: 'intervals', deviceIds: ['meter-1'] });
  const intervals = Array.from({ length: (toMs - fromMs) / 3_600_000 }, (_, hour) => ({
    endMs: fromMs + (hour + 1) * 3_600_000,
    flags: [],
    importedWh: 100 + hour,
  }));
  await agent.intervals('meter-1', { requestId: id, intervalS: 3_600, intervals, final: true });
  await vi.waitFor(
    async () => {
      const { body } = await sites.call<NightReadView>('GET', '/api/night-read');
      expect(body.progress).toMatchObject({ state: 'done', read: 1, intervals: intervals.length });
    },
    { timeout: 10_000, interval: 100 },
  );
  const again = (await sites.call<NightReadView>('POST', '/api/night-read')).body;
  expect(again.progress).toMatchObject({ meters: 0 });
});

test('what was read becomes the load of transformer and switch, with yesterday’s peak', async () => {
  expect((await sites.call('POST', '/api/load/runs')).status).toBe(202);
  const element = async (kind: string) =>
    (await sites.call<LoadElementsResponse>('GET', `/api/load/elements?kind=${kind}`)).body;
  const transformers = await vi.waitFor(
    async () => {
      const found = await element('transformer');
      expect(found.elements[0]?.peaks?.yesterdayW).toBeDefined();
      return found;
    },
    { timeout: 30_000, interval: 300 },
  );
  expect(transformers).toMatchObject({ total: 1, elements: [{ id: 't', title: 't' }] });
  const {
    hourS,
    activeW,
    measured,
    missing,
    element: told,
  } = (await sites.call<LoadHoursResponse>('GET', '/api/load/elements/transformer/t/hours?fromS=0&toS=30000000')).body;
  expect([hourS, activeW, measured, missing, told.id]).toEqual([[], [], [], [], 't']);
  const toS = Math.floor(Date.now() / 1_000);
  const hours = (
    await sites.call<LoadHoursResponse>(
      'GET',
      `/api/load/elements/transformer/t/hours?fromS=${toS - 8 * 86_400}&toS=${toS}`,
    )
  ).body;
  // p1 was measured in every hour, and p2 has no meter: it is filled in by its like.
  expect(new Set(hours.measured)).toEqual(new Set([1]));
  expect(new Set(hours.missing)).toEqual(new Set([1]));
  expect(hours.activeW[0]).toBe(2 * 100);
  const file = await sites.call<string>(
    'GET',
    `/api/load/elements/transformer/t/hours?fromS=${toS - 8 * 86_400}&toS=${toS}&format=csv`,
  );
  const [head, first] = file.body.split('\n');
  expect(head).toBe('hour_start,active_w,reactive_var,amps_a,amps_b,amps_c,measured,estimated,missing');
  expect(first).toMatch(/^20\d\d-\d\d-\d\dT\d\d:00:00Z,200,.*,1,0,1$/);
  expect((await element('switch')).elements[0]?.id).toBe('w');
  expect((await sites.call('GET', '/api/load/elements/transformer/none/hours?fromS=0&toS=9')).status).toBe(404);
  expect((await sites.call('GET', '/api/load/elements/transformer/t/hours?fromS=9&toS=9')).status).toBe(400);
  // Transformers are aged after the loads are told.
  await vi.waitFor(
    async () =>
      expect((await sites.call<LoadStatusResponse>('GET', '/api/load/status')).body).toMatchObject({ running: false }),
    { timeout: 30_000, interval: 300 },
  );
});

test.each([
  [{ kind: 'transformer', id: 'nowhere' }, 404, /no transformer nowhere/],
  [{ kind: 'transformer', id: 'w' }, 404, /no transformer w/],
  [{ kind: 'pole', id: 'w' }, 400, /./],
  [{ kind: 'switch' }, 400, /./],
])('%o is refused with %i', async (json, status, say) => {
  const answer = await sites.call<ErrorBody>('POST', '/api/reads', { json });
  expect(answer.status).toBe(status);
  expect(answer.body.error.say).toMatch(say);
});

test('a read that is not there is told', async () => {
  expect((await sites.call('GET', '/api/reads/none')).status).toBe(404);
});
