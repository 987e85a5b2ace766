import { decodeIntervals, maxIntervals, reading, readRequest } from '@tiepoint/protocol';
import type { IntervalBlock, Reading, ReadRequest } from '@tiepoint/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClosedInterval } from '../core/intervals.ts';
import { systemClock } from './clock.ts';
import type { PresentRead } from './present-reading.ts';
import { ReadAnswers } from './read-answers.ts';
import type { AnsweringMeter } from './read-answers.ts';

const nowMs = Date.UTC(2026, 0, 5, 15, 30);
const hourMs = 3_600_000;
const noonMs = Date.UTC(2026, 0, 5, 12);

type Said = { deviceId: string; afterMs: number } & ({ block: IntervalBlock } | { reading: Reading });

let said: Said[];
let warnings: string[];
let chances: number[];
let hostMs: number | undefined;
let taken: boolean;
let kept: ClosedInterval[];
let ranges: { fromMs: number; toMs: number; limit: number }[];
let answers: ReadAnswers;

const none = (): void => undefined;
const log = {
  debug: none,
  info: none,
  warn: (_: object, say: string) => void warnings.push(say),
  error: none,
  child: () => log,
};

const hour = (n: number): ClosedInterval => ({
  endMs: noonMs + n * hourMs,
  lengthS: 3_600,
  flags: [],
  importedWh: 100 * n,
});
const measured: PresentRead = {
  ok: true,
  timeMs: nowMs,
  values: { activePowerW: 1_500, voltageV: 240, currentA: Number.NaN },
};
const meter = (present: AnsweringMeter['present'] = async () => measured, bus = 'a'): AnsweringMeter => ({
  bus,
  intervalS: 3_600,
  present,
});

beforeEach(() => {
  vi.useFakeTimers({ now: nowMs });
  [said, warnings, chances, ranges] = [[], [], [], []];
  [hostMs, taken, kept] = [nowMs, true, [hour(1), hour(2), hour(3)]];
});
afterEach(() => {
  answers.clear();
  vi.useRealTimers();
});

function made(meters: Record<string, AnsweringMeter> = { 'meter-1': meter(), 'meter-2': meter() }): void {
  const beganMs = performance.now();
  answers = new ReadAnswers({
    clock: systemClock,
    random01: () => chances.shift() ?? 0,
    hostMs: () => hostMs,
    timeQuality: () => 'synchronised',
    meters: new Map(Object.entries(meters)),
    intervals: {
      lengthS: () => 3_600,
      keptRows: () => 1_440,
      range: (_deviceId, range) => {
        ranges.push(range);
        return kept.filter(({ endMs }) => endMs > range.fromMs && endMs <= range.toMs);
      },
    },
    publish: async (deviceId, message, payload) => {
      const read = message === 'intervals' ? decodeIntervals(payload) : reading.fromBytes(payload);
      if (!read.ok) throw new Error(read.say);
      const afterMs = Math.round(performance.now() - beganMs);
      said.push(
        'intervals' in read.value
          ? { deviceId, afterMs, block: read.value }
          : { deviceId, afterMs, reading: read.value },
      );
      return taken;
    },
    log,
  });
}

async function ask(request: Partial<ReadRequest>, withinMs = 0): Promise<void> {
  answers.take(
    readRequest.toBytes({ id: 'r-1', issuedAtMs: nowMs, expiresAtMs: nowMs + 60_000, wanted: 'present', ...request }),
  );
  await vi.advanceTimersByTimeAsync(withinMs);
}

const readings = (): string[] =>
  said.map((each) =>
    'reading' in each
      ? `${each.deviceId} ${each.reading.failed ?? each.reading.activePowerW}`
      : `${each.deviceId} block`,
  );

describe('intervals', () => {
  test('of a range come in a block, with what is missing', async () => {
    made();
    await ask({ wanted: 'intervals', deviceIds: ['meter-2'], fromMs: noonMs, toMs: noonMs + 5 * hourMs });
    expect(said).toMatchObject([
      {
        deviceId: 'meter-2',
        block: {
          requestId: 'r-1',
          final: true,
          intervals: [{ importedWh: 100 }, { importedWh: 200 }, { importedWh: 300 }],
        },
      },
    ]);
    kept = [hour(1), hour(3)];
    await ask({ wanted: 'intervals', deviceIds: ['meter-2'], fromMs: noonMs, toMs: noonMs + 3 * hourMs });
    expect(said[1]).toMatchObject({ block: { intervals: [{ flags: [] }, { flags: ['missing'] }, { flags: [] }] } });
  });

  test('without devices: of all meters', async () => {
    made();
    await ask({ wanted: 'intervals', fromMs: noonMs, toMs: noonMs + hourMs });
    expect(readings()).toEqual(['meter-1 block', 'meter-2 block']);
  });

  test('from 1970 on: no more than could be kept', async () => {
    made();
    await ask({ wanted: 'intervals', deviceIds: ['meter-1'], fromMs: 0, toMs: nowMs });
    expect(ranges[0]?.fromMs).toBe(Date.UTC(2026, 0, 5, 15) - 1_440 * hourMs);
    expect(said.map((each) => ('block' in each ? [each.block.intervals.length, each.block.final] : []))).toEqual([
      [maxIntervals, false],
      [1_440 - maxIntervals, true],
    ]);
  });

  test.each<[string, Partial<ReadRequest>, string]>([
    ['of an hour to come', { fromMs: nowMs, toMs: nowMs + hourMs }, 'meter-1 No interval has ended in this range.'],
    [
      'of a device that is not carried',
      { deviceIds: ['pv-1'], fromMs: noonMs },
      'pv-1 This gateway carries no meter pv-1.',
    ],
  ])('%s: said in words', async (_, request, expected) => {
    made();
    await ask({ wanted: 'intervals', deviceIds: ['meter-1'], ...request });
    expect(readings()).toEqual([expected]);
  });

  test('that the disk does not give: said in words', async () => {
    made();
    kept = undefined as never;
    await ask({ wanted: 'intervals', deviceIds: ['meter-1'] });
    expect(readings()[0]).toMatch(/^meter-1 The gateway could not answer: /);
  });
});

describe('present values', () => {
  test('are read at once; what cannot be carried is unknown', async () => {
    made();
    await ask({ deviceIds: ['meter-1'] });
    expect(said).toEqual([
      {
        deviceId: 'meter-1',
        afterMs: 0,
        reading: { requestId: 'r-1', timeMs: nowMs, timeQuality: 'synchronised', activePowerW: 1_500, voltageV: 240 },
      },
    ]);
  });

  test('of a meter that does not answer: why', async () => {
    made({ 'meter-1': meter(async () => ({ ok: false, say: 'no reply from unit 3 in 1 s' })) });
    await ask({});
    expect(readings()).toEqual(['meter-1 no reply from unit 3 in 1 s']);
  });

  test('meters of one bus one after the other, of two at the same time', async () => {
    const takes = (ms: number, bus: string): AnsweringMeter =>
      meter(() => new Promise((resolve) => setTimeout(() => resolve(measured), ms)), bus);
    made({ 'a-1': takes(100, 'a'), 'a-2': takes(100, 'a'), 'b-1': takes(150, 'b') });
    await ask({}, 1_000);
    expect(said.map(({ deviceId, afterMs }) => [deviceId, afterMs])).toEqual([
      ['a-1', 100],
      ['b-1', 150],
      ['a-2', 200],
    ]);
  });

  test('of one meter for several who ask: one reading answers those that were waiting when it began', async () => {
    let reads = 0;
    const slow = meter(() => {
      reads += 1;
      return new Promise((resolve) => setTimeout(() => resolve(measured), 100));
    });
    made({ 'meter-1': slow });
    for (const id of ['r-1', 'r-2', 'r-3']) await ask({ id });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said.map((each) => ('reading' in each ? [each.reading.requestId, each.afterMs] : []))).toEqual([
      ['r-1', 100],
      ['r-2', 200],
      ['r-3', 200],
    ]);
    expect(reads).toBe(2);
  });

  test('of a bus that has no time: told after half a minute, and the next waits until it is free', async () => {
    made({
      'meter-1': meter(() => new Promise((resolve) => setTimeout(() => resolve(measured), 40_000))),
      'meter-2': meter(),
    });
    await ask({}, 50_000);
    expect(said.map(({ deviceId, afterMs }) => [deviceId, afterMs])).toEqual([
      ['meter-1', 30_000],
      ['meter-2', 40_000],
    ]);
    expect(readings()[0]).toMatch(/no time for it in 30 s/);
  });
});

test('answers are spread by chance', async () => {
  made();
  chances = [0.75, 0.25];
  await ask({ spreadMs: 20_000 }, 20_000);
  expect(said.map(({ deviceId, afterMs }) => [deviceId, afterMs])).toEqual([
    ['meter-2', 5_000],
    ['meter-1', 15_000],
  ]);
});

describe('a request', () => {
  test.each<[string, Partial<ReadRequest>, number | undefined, number]>([
    ['that has expired by the head-end’s clock', { expiresAtMs: nowMs + 1_000 }, nowMs + 2_000, 0],
    [
      'that has not, though this clock says so',
      { issuedAtMs: nowMs - hourMs, expiresAtMs: nowMs - 1 },
      nowMs - 60_000,
      2,
    ],
    [
      'whose expiry nobody can judge',
      { issuedAtMs: nowMs - 9 * hourMs, expiresAtMs: nowMs - 8 * hourMs },
      undefined,
      2,
    ],
    ['that expires before it was issued', { issuedAtMs: nowMs, expiresAtMs: nowMs - 1 }, undefined, 0],
  ])('%s', async (_, request, host, count) => {
    made();
    hostMs = host;
    await ask(request);
    expect(said).toHaveLength(count);
  });

  test('whose answers are spread beyond its expiry: those are not sent', async () => {
    made();
    chances = [0, 0.9];
    await ask({ spreadMs: hourMs }, hourMs);
    expect(readings()).toEqual(['meter-1 1500']);
  });

  test('that comes again while it is answered is answered once; and again when it is done', async () => {
    made();
    chances = [0.5, 0.5, 0, 0];
    await ask({ spreadMs: 10_000 }, 1_000);
    await ask({ spreadMs: 10_000 }, 10_000);
    expect(said).toHaveLength(2);
    await ask({}, 1);
    expect(said).toHaveLength(4);
  });

  test('beyond the bound is refused as a whole, once, and the others are answered', async () => {
    made();
    chances = Array.from({ length: 2_048 }, () => 0.5);
    for (let i = 0; i < 1_024; i++) await ask({ id: `r-${i}`, spreadMs: 10_000 });
    await ask({ id: 'too-much' });
    expect(readings()).toEqual([
      'meter-1 2048 answers wait at this gateway already, and at most 2048 may: ask again later.',
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(said).toHaveLength(1 + 2_048);
    await ask({ id: 'later' });
    expect(said).toHaveLength(1 + 2_048 + 2);
  });

  test('of any bytes harms nothing', () => {
    made();
    answers.take(Uint8Array.of(0xff, 1, 2));
    expect(warnings).toEqual(['a request for reads that cannot be read was ignored']);
  });
});

describe('a line', () => {
  test('that takes nothing now is tried three times', async () => {
    made();
    taken = false;
    await ask({ deviceIds: ['meter-1'] }, 30_000);
    expect(said.map(({ afterMs }) => afterMs)).toEqual([0, 2_000, 4_000]);
  });

  test('that is down: nobody waits for the answers any more', async () => {
    made();
    chances = [0.5, 0.5];
    await ask({ spreadMs: 10_000 }, 1_000);
    answers.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(said).toEqual([]);
  });
});
