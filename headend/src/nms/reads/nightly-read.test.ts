import type { IntervalBlock, ReadRequest } from '@tiepoint/protocol';
import { describe, expect, test } from 'vitest';
import type { NightWindow } from './night-window.ts';
import { NightlyRead } from './nightly-read.ts';
import type { Delivery, NightlyParts } from './nightly-read.ts';
import { seeded, SimulatedGateways } from './simulated-gateways.fixture.ts';

const hourMs = 3_600_000;
const dayFromMs = 1_789_948_800_000;
const window: NightWindow = {
  day: '2026-09-20',
  startMs: 1_790_000_000_000,
  endMs: 1_790_000_000_000 + 4 * hourMs,
  dayFromMs,
  dayToMs: dayFromMs + 24 * hourMs,
};

function hoursOf({ fromMs = 0, toMs = 0, id }: ReadRequest, final = true): IntervalBlock {
  const count = (toMs - fromMs) / hourMs;
  const intervals = Array.from({ length: count }, (_, index) => ({
    endMs: fromMs + (index + 1) * hourMs,
    flags: [],
    importedWh: index,
  }));
  return { requestId: id, intervalS: 3_600, intervals, final };
}

/** Gateways of so many meters each; what is landed is what the warehouse has. */
class Bench {
  readonly line = new SimulatedGateways();
  readonly landed = new Map<string, number>();
  readonly keys: readonly string[];
  readonly away = new Set<string>();
  diskFull = false;
  /** Answers of one meter: what came of it, and after how long. */
  answer: (gatewayId: string, deviceId: string, request: ReadRequest) => readonly IntervalBlock[] | undefined;
  read: NightlyRead;

  constructor(gateways: number, metersEach: number, changed: Partial<NightlyParts> = {}) {
    this.keys = Array.from(
      { length: gateways * metersEach },
      (_, i) => `gw-${i % gateways}.meter-${Math.floor(i / gateways)}`,
    );
    this.answer = (_gateway, _device, request) => [hoursOf(request)];
    this.line.onRequest = (gatewayId, request) => {
      for (const deviceId of request.deviceIds ?? [])
        for (const block of this.answer(gatewayId, deviceId, request) ?? [])
          this.line.later(500, () => void this.line.exchange.intervals(gatewayId, deviceId, block));
    };
    this.read = this.begun(changed);
  }

  begun(changed: Partial<NightlyParts> = {}): NightlyRead {
    return new NightlyRead({
      exchange: this.line.exchange,
      online: (id) => !this.away.has(id),
      gaps: async () =>
        await Promise.resolve(
          this.keys.flatMap((deviceKey) =>
            this.landed.get(deviceKey) === 24 ? [] : [{ deviceKey, fromMs: window.dayFromMs, toMs: window.dayToMs }],
          ),
        ),
      land: async (deliveries) => await this.#land(deliveries),
      metersPerSecond: 100,
      random: seeded(5),
      now: () => this.line.nowMs,
      monotonicMs: () => this.line.nowMs,
      ...changed,
    });
  }

  async run(forMs: number): Promise<void> {
    await this.line.run(forMs, 250, () => this.read.tick());
  }

  async #land(deliveries: readonly Delivery[]): Promise<void> {
    if (this.diskFull) throw new Error('The disk is full.');
    for (const { deviceKey, block } of deliveries) this.landed.set(deviceKey, block.intervals.length);
    await Promise.resolve();
  }
}

test('every meter is asked once, and counts as read when its intervals are on the disk', async () => {
  const bench = new Bench(4, 100);
  await bench.read.begin(window);
  await bench.run(20_000);
  expect(bench.read.progress).toMatchObject({ state: 'done', meters: 400, read: 400, repeated: 0, intervals: 9_600 });
  expect(bench.landed.size).toBe(400);
  expect(bench.line.requests.every(({ deviceIds }) => (deviceIds?.length ?? 0) <= 64)).toBe(true);
});

test('no more meters a second are asked than the broker should bear, and one request at a time of each gateway', async () => {
  const bench = new Bench(3, 200);
  const openAt = new Map<string, number>();
  const { onRequest } = bench.line;
  bench.line.onRequest = (gatewayId, request) => {
    // A request is over 500 ms after it was sent.
    expect(bench.line.nowMs - (openAt.get(gatewayId) ?? 0)).toBeGreaterThanOrEqual(500);
    openAt.set(gatewayId, bench.line.nowMs);
    onRequest(gatewayId, request);
  };
  await bench.read.begin(window);
  await bench.run(5_000);
  const asked = bench.line.requests.reduce((total, { deviceIds }) => total + (deviceIds?.length ?? 0), 0);
  expect(asked).toBeLessThanOrEqual(500);
  expect(asked).toBeGreaterThan(350);
});

test('a line that loses one message in twenty is read to the last meter', async () => {
  const seed = 20_260_921;
  const random = seeded(seed);
  const bench = new Bench(10, 50);
  bench.answer = (_gateway, _device, request) => (random() < 0.0975 ? undefined : [hoursOf(request)]);
  await bench.read.begin(window);
  await bench.run(30 * 60_000);
  const { progress } = bench.read;
  expect(progress, `seed ${seed}`).toMatchObject({ state: 'done', meters: 500, read: 500 });
  expect(progress?.repeated).toBeGreaterThan(20);
});

test('a gateway does not wait for what one of its meters lost', async () => {
  const bench = new Bench(1, 128);
  bench.answer = (_gateway, deviceId, request) => (deviceId === 'meter-3' ? undefined : [hoursOf(request)]);
  await bench.read.begin(window);
  await bench.run(20_000);
  expect(bench.read.progress).toMatchObject({ read: 127 });
});

test('what comes late, after it was given up, is taken all the same', async () => {
  const bench = new Bench(1, 2);
  const { line } = bench;
  bench.answer = (_gateway, deviceId, request) => {
    if (deviceId === 'meter-0') return [hoursOf(request)];
    line.later(12_000, () => void line.exchange.intervals('gw-0', deviceId, hoursOf(request)));
    return undefined;
  };
  await bench.read.begin(window);
  await bench.run(14_000);
  expect(bench.read.progress).toMatchObject({ state: 'done', read: 2 });
});

test('a gateway that is away is asked when it is back, and the others do not wait for it', async () => {
  const bench = new Bench(2, 10);
  bench.away.add('gw-1');
  await bench.read.begin(window);
  await bench.run(60_000);
  expect(bench.read.progress).toMatchObject({ state: 'running', read: 10, away: 10 });
  expect(bench.line.requests.map(({ gatewayId }) => gatewayId)).not.toContain('gw-1');
  bench.away.clear();
  await bench.run(10_000);
  expect(bench.read.progress).toMatchObject({ state: 'done', read: 20 });
});

test('a gateway that goes in the midst of it is not waited for', async () => {
  const bench = new Bench(1, 10);
  bench.answer = () => undefined;
  await bench.read.begin(window);
  await bench.run(1_000);
  expect(bench.read.progress?.underWay).toBe(10);
  bench.away.add('gw-0');
  await bench.run(250);
  expect(bench.read.progress).toMatchObject({ underWay: 0, away: 10 });
});

test('what the warehouse does not take is not read, and is asked again', async () => {
  const bench = new Bench(1, 5);
  bench.diskFull = true;
  await bench.read.begin(window);
  await bench.run(5_000);
  expect(bench.read.progress).toMatchObject({ read: 0, landingFails: 'The disk is full.' });
  bench.diskFull = false;
  await bench.run(120_000);
  expect(bench.read.progress).toMatchObject({ state: 'done', read: 5 });
  expect(bench.read.progress?.landingFails).toBeUndefined();
});

test('after a restart it asks for what is missing alone', async () => {
  const bench = new Bench(2, 50);
  bench.answer = (gateway, _device, request) => (gateway === 'gw-0' ? [hoursOf(request)] : undefined);
  await bench.read.begin(window);
  await bench.run(10_000);
  expect(bench.landed.size).toBe(50);
  bench.line.requests.length = 0;
  bench.answer = (_gateway, _device, request) => [hoursOf(request)];
  bench.read = bench.begun();
  await bench.read.begin(window);
  await bench.run(20_000);
  expect(new Set(bench.line.requests.map(({ gatewayId }) => gatewayId))).toEqual(new Set(['gw-1']));
  expect(bench.landed.size).toBe(100);
});

describe('an answer of several blocks', () => {
  const halves = (request: ReadRequest): readonly [IntervalBlock, IntervalBlock] => {
    const { intervals, ...rest } = hoursOf(request);
    return [
      { ...rest, intervals: intervals.slice(0, 12), final: false },
      { ...rest, intervals: intervals.slice(12) },
    ];
  };

  test('is read with its last', async () => {
    const bench = new Bench(1, 1);
    bench.answer = (_gateway, _device, request) => halves(request);
    await bench.read.begin(window);
    await bench.run(5_000);
    expect(bench.read.progress).toMatchObject({ state: 'done', blocks: 2, repeated: 0 });
  });

  test('whose first was lost on the way is asked again', async () => {
    const bench = new Bench(1, 1);
    let asked = 0;
    bench.answer = (_gateway, _device, request) => ((asked += 1) === 1 ? [halves(request)[1]] : halves(request));
    await bench.read.begin(window);
    await bench.run(60_000);
    expect(bench.read.progress).toMatchObject({ state: 'done', read: 1, repeated: 1 });
  });
});

test('the window ends, whoever is missing, and late answers count for nothing', async () => {
  const bench = new Bench(1, 2);
  bench.answer = (_gateway, deviceId, request) => (deviceId === 'meter-0' ? [hoursOf(request)] : undefined);
  bench.line.nowMs = window.endMs - 60_000;
  await bench.read.begin(window);
  await bench.run(61_000);
  expect(bench.read.progress).toMatchObject({ state: 'over', read: 1 });
  expect(bench.line.exchange.size).toBe(0);
});

test('nobody answers for another gateway, for a meter that was not asked, or without a request', async () => {
  const bench = new Bench(2, 1);
  bench.answer = () => undefined;
  await bench.read.begin(window);
  await bench.run(1_000);
  const own = bench.line.requests.find(({ gatewayId }) => gatewayId === 'gw-0');
  if (own === undefined) throw new Error('gw-0 was not asked');
  const { exchange } = bench.line;
  expect(exchange.intervals('gw-1', 'meter-0', hoursOf(own))).toMatchObject({ reason: 'unasked' });
  expect(exchange.intervals('gw-0', 'meter-9', hoursOf(own))).toMatchObject({ reason: 'unasked' });
  const { requestId: _, ...unasked } = hoursOf(own);
  expect(exchange.intervals('gw-0', 'meter-0', unasked)).toMatchObject({ reason: 'unasked' });
  expect(
    exchange.reading('gw-0', 'meter-0', { requestId: own.id, timeMs: 0, timeQuality: 'unknown', activePowerW: 5 }),
  ).toMatchObject({ reason: 'unasked' });
  expect(exchange.intervals('gw-0', 'meter-0', hoursOf(own))).toBeUndefined();
});

test('a gateway that says why it has nothing is asked again later, and not waited for meanwhile', async () => {
  const bench = new Bench(1, 2);
  let isThere = false;
  bench.answer = (gatewayId, deviceId, request) => {
    if (isThere || deviceId === 'meter-1') return [hoursOf(request)];
    const failed = { requestId: request.id, timeMs: 0, timeQuality: 'unknown', failed: 'no such meter' } as const;
    bench.line.later(500, () => void bench.line.exchange.reading(gatewayId, deviceId, failed));
    return undefined;
  };
  await bench.read.begin(window);
  await bench.run(5_000);
  expect(bench.read.progress).toMatchObject({ read: 1, underWay: 0 });
  expect(bench.line.exchange.size).toBe(0);
  isThere = true;
  await bench.run(30_000);
  expect(bench.read.progress).toMatchObject({ state: 'done', read: 2, repeated: 1 });
});

test('where the warehouse does not tell its gaps the night is not begun', async () => {
  const bench = new Bench(1, 1, { gaps: async () => await Promise.reject(new Error('The warehouse is starting.')) });
  await expect(bench.read.begin(window)).rejects.toThrow('The warehouse is starting.');
  expect(bench.read.progress).toBeUndefined();
  expect(bench.read.isOf(window)).toBe(false);
});
