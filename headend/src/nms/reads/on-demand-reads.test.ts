import { beforeEach, expect, test } from 'vitest';
import { OnDemandReads } from './on-demand-reads.ts';
import type { MetersOfPlace, OnDemandParts } from './on-demand-reads.ts';
import { SimulatedGateways } from './simulated-gateways.fixture.ts';

const place = { kind: 'segment', id: 'seg-7' } as const;
let line: SimulatedGateways;
beforeEach(() => {
  line = new SimulatedGateways();
});

function segment(count: number, perGateway = 10): MetersOfPlace {
  const meters = Array.from({ length: count }, (_, i) => ({
    name: `m-${i}`,
    deviceKey: `gw-${Math.floor(i / perGateway)}.m-${i}`,
  }));
  return { title: 'Segment 7', meters, supply: { nominalVoltageV: 12_470, phases: 3 } };
}

function readsOf(of: MetersOfPlace, changed: Partial<OnDemandParts> = {}): OnDemandReads {
  let ids = 0;
  return new OnDemandReads({
    exchange: line.exchange,
    metersOf: ({ id }) => (id === 'seg-7' || id === 'seg-8' ? of : undefined),
    online: () => true,
    expected: async (names) => await Promise.resolve(new Map(names.map((name) => [name, 1_000]))),
    now: () => line.nowMs,
    monotonicMs: () => line.nowMs,
    newId: () => `o${(ids += 1)}`,
    ...changed,
  });
}

function answers(share: (deviceId: string, attempt: number) => boolean, activePowerW = 500): void {
  const attempts = new Map<string, number>();
  line.onRequest = (gatewayId, { id, deviceIds = [] }) => {
    for (const deviceId of deviceIds) {
      const attempt = (attempts.get(deviceId) ?? 0) + 1;
      attempts.set(deviceId, attempt);
      if (!share(deviceId, attempt)) continue;
      line.later(300, () => {
        const reading = { requestId: id, timeMs: line.nowMs, timeQuality: 'synchronised', activePowerW } as const;
        void line.exchange.reading(gatewayId, deviceId, { ...reading, voltageV: 240, currentA: activePowerW / 216 });
      });
    }
  };
}

function started(reads: OnDemandReads): string {
  const outcome = reads.start(place, 'ann');
  if (!outcome.ok) throw new Error(outcome.say);
  return outcome.value.id;
}

test('all answer: the sum, exact, with amperes at the segment, and done at once', async () => {
  answers(() => true);
  const reads = readsOf(segment(40));
  const id = started(reads);
  await line.run(1_000, 100, () => reads.tick());
  const read = reads.read(id);
  expect(read).toMatchObject({
    state: 'done',
    counts: { answered: 40 },
    figure: { activePowerW: 20_000, lowW: 20_000, highW: 20_000 },
  });
  expect(read?.currentA).toBeCloseTo(20_000 / 0.9 / (12_470 * Math.sqrt(3)), 3);
  expect(read?.doneMs).toBeLessThanOrEqual(500);
  expect(line.exchange.size).toBe(0);
});

test('who is silent is asked again, and then estimated, with a band; the first figure does not wait', async () => {
  answers((deviceId) => !deviceId.endsWith('3'));
  const reads = readsOf(segment(40));
  const id = started(reads);
  await line.run(45_000, 100, () => reads.tick());
  const read = reads.read(id);
  expect(read).toMatchObject({ state: 'done', counts: { answered: 36, silent: 4 } });
  expect(read?.firstFigureMs).toBeLessThanOrEqual(1_000);
  expect(read?.doneMs).toBeGreaterThan(16_000);
  expect(read?.doneMs).toBeLessThan(26_000);
  const { figure } = read ?? {};
  expect(figure?.measuredW).toBe(18_000);
  expect(figure?.activePowerW).toBeGreaterThan(19_900);
  expect(figure?.activePowerW).toBeLessThan(20_400);
  expect(figure?.lowW).toBeLessThan(20_000);
  expect(reads.silentOf(id, 10).map(({ name }) => name)).toEqual(['m-3', 'm-13', 'm-23', 'm-33']);
  const asked = line.requests.filter(({ deviceIds }) => deviceIds?.includes('m-3'));
  expect(asked.length).toBe(3);
  expect(asked.at(-1)?.deviceIds).toEqual(['m-3']);
});

test('who answers the second time is measured', async () => {
  answers((_, attempt) => attempt > 1);
  const reads = readsOf(segment(10));
  const id = started(reads);
  await line.run(8_000, 100, () => reads.tick());
  expect(reads.read(id)).toMatchObject({ state: 'done', counts: { answered: 10 }, figure: { measuredW: 5_000 } });
});

test('customers without a meter, and gateways that are away, are not waited for', async () => {
  answers(() => true);
  const of = segment(20);
  const reads = readsOf({ ...of, meters: [...of.meters, { name: 'works' }] }, { online: (id) => id !== 'gw-1' });
  const id = started(reads);
  await line.run(1_000, 100, () => reads.tick());
  const read = reads.read(id);
  expect(read).toMatchObject({ state: 'done', counts: { answered: 10, away: 10, 'no-meter': 1 } });
  expect(read?.figure?.activePowerW).toBeGreaterThan(read?.figure?.measuredW ?? Infinity);
});

test('a meter that cannot be read says why, and counts as nothing measured', async () => {
  line.onRequest = (gatewayId, { id }) => {
    line.later(100, () => {
      const reading = {
        requestId: id,
        timeMs: 0,
        timeQuality: 'unknown',
        failed: 'The meter did not answer.',
      } as const;
      void line.exchange.reading(gatewayId, 'm-0', reading);
    });
  };
  const reads = readsOf(segment(1));
  const id = started(reads);
  await line.run(1_000, 100, () => reads.tick());
  expect(reads.read(id)).toMatchObject({ state: 'done', counts: { failed: 1 } });
  expect(reads.silentOf(id, 5)).toEqual([{ name: 'm-0', state: 'failed', why: 'The meter did not answer.' }]);
});

test('without any history or answer there is no figure, not a zero', async () => {
  const reads = readsOf(segment(3), { expected: async () => await Promise.reject(new Error('no warehouse')) });
  const id = started(reads);
  await line.run(41_000, 500, () => reads.tick());
  const read = reads.read(id);
  expect(read).toMatchObject({ state: 'done', counts: { silent: 3 } });
  expect(read?.figure).toBeUndefined();
});

test('the same place twice is one read; too many at once are refused; a place that is not there is told', () => {
  const reads = readsOf(segment(3));
  const id = started(reads);
  expect(reads.start(place, 'bob')).toMatchObject({ ok: true, value: { id } });
  expect(reads.start({ kind: 'switch', id: 'w' }, 'bob')).toMatchObject({ ok: false, reason: 'not-found' });
  const kinds = ['circuit', 'segment', 'transformer', 'switch'] as const;
  for (const kind of kinds) for (const other of ['seg-7', 'seg-8']) reads.start({ kind, id: other }, 'bob');
  expect(reads.start({ kind: 'circuit', id: 'seg-8' }, 'bob')).toMatchObject({ ok: true });
  expect(reads.all().filter(({ state }) => state === 'running').length).toBe(8);
});
