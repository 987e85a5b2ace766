import { beforeEach, expect, test } from 'vitest';
import type { EventEntry } from '../../store/store.ts';
import { NightSchedule } from './night-schedule.ts';
import { NightlyRead } from './nightly-read.ts';
import type { MeterGap } from './nightly-read.ts';
import type { NightWindow } from './night-window.ts';
import { SimulatedGateways } from './simulated-gateways.fixture.ts';

const hourMs = 3_600_000;
let line: SimulatedGateways;
let events: EventEntry[];
let asked: NightWindow[];
let fails: boolean;
let missing: readonly MeterGap[];
let ended: string[];
let schedule: NightSchedule;

beforeEach(() => {
  line = new SimulatedGateways();
  line.nowMs = Date.parse('2026-06-10T23:00:00Z');
  [events, asked, fails, missing, ended] = [[], [], false, [], []];
  const times = { now: () => line.nowMs, monotonicMs: () => line.nowMs };
  const nightly = new NightlyRead({
    exchange: line.exchange,
    online: () => true,
    gaps: async (window) => {
      asked.push(window);
      if (fails) throw new Error('The warehouse is starting.');
      return await Promise.resolve(missing);
    },
    land: async () => await Promise.resolve(),
    metersPerSecond: 100,
    random: () => 0.5,
    ...times,
  });
  const settings = { timeZone: 'UTC', startsAt: '00:20', endsAt: '05:00' };
  schedule = new NightSchedule({
    settings,
    nightly,
    note: (event) => events.push(event),
    onEnded: (day) => ended.push(day),
    ...times,
  });
});

const run = async (forMs: number, stepMs = 60_000): Promise<void> =>
  await line.run(forMs, stepMs, () => schedule.tick());

test('it begins in its window, once a night', async () => {
  await run(79 * 60_000);
  expect(asked).toEqual([]);
  await run(2 * 60_000);
  expect(asked.map(({ day }) => day)).toEqual(['2026-06-10']);
  await run(23 * hourMs);
  expect(asked.length).toBe(1);
  await run(2 * hourMs);
  expect(asked.map(({ day }) => day)).toEqual(['2026-06-10', '2026-06-11']);
});

test('where the warehouse cannot tell, it says so and asks again, every minute', async () => {
  fails = true;
  await run(85 * 60_000);
  expect(schedule.view.waits).toBe('The warehouse is starting.');
  const before = asked.length;
  expect(before).toBeGreaterThan(2);
  expect(before).toBeLessThan(8);
  fails = false;
  await run(2 * 60_000);
  expect(schedule.view).toMatchObject({ progress: { day: '2026-06-10' } });
  expect(schedule.view.waits).toBeUndefined();
});

test('a night that ended without a meter is told once, as one to look at', async () => {
  missing = [{ deviceKey: 'gw-1.meter-1', fromMs: line.nowMs - 24 * hourMs, toMs: line.nowMs }];
  await run(7 * hourMs);
  expect(events.map(({ kind, say }) => [kind, say])).toEqual([
    ['night-read-incomplete', 'Meters of 2026-06-10: 0 of 1 read (0.00 %); 1 are asked for again in the next night'],
  ]);
  expect(ended).toEqual(['2026-06-10']);
});

test('a night without meters is no news', async () => {
  await run(7 * hourMs);
  expect([events, ended]).toEqual([[], ['2026-06-10']]);
});

test('by hand it reads the day that ended last, at any hour', async () => {
  line.nowMs = Date.parse('2026-06-11T14:00:00Z');
  await schedule.beginByHand();
  expect(asked[0]).toMatchObject({ day: '2026-06-10', startMs: line.nowMs });
  await run(hourMs);
  expect(asked.length).toBe(1);
});
