import type { Status } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

function watching(lastKnownMs = 1_800_000_000_000) {
  const at = { nowMs: 1_800_000_000_000, monotonicMs: 0, set: [] as number[] };
  const watch = new ClockWatch({
    lastKnownMs,
    now: () => at.nowMs,
    monotonicMs: () => at.monotonicMs,
    onSet: (byMs) => at.set.push(byMs),
  });
  const pass = (ms: number): void => {
    at.nowMs += ms;
    at.monotonicMs += ms;
    watch.look();
  };
  return { at, watch, pass };
}
const status = (timeQuality: Status['timeQuality']): Status => ({ timeQuality }) as Status;

test.each([
  { byMs: 86_400_000 * 3_650, told: true },
  { byMs: -86_400_000 * 3_650, told: true },
  { byMs: 3_600_000, told: true },
  { byMs: -501, told: true },
  { byMs: 500, told: false },
  { byMs: -2, told: false },
])('set by $byMs ms: told $told, once', ({ byMs, told }) => {
  const { at, watch, pass } = watching();
  pass(10_000);
  at.nowMs += byMs;
  watch.look();
  watch.look();
  expect(at.set).toEqual(told ? [byMs] : []);
});

test('a clock that is slewed a little all the time was never set', () => {
  const { at, pass } = watching();
  for (let second = 0; second < 3_600; second += 1) {
    at.nowMs += 0.5;
    pass(1_000);
  }
  expect(at.set).toEqual([]);
});

test('after it was set no gateway’s clock is called synchronised, until they had time to compare', () => {
  const { at, watch, pass } = watching();
  expect(watch.judged(status('synchronised')).timeQuality).toBe('synchronised');
  at.nowMs -= 3_600_000;
  watch.look();
  expect(watch.judged(status('synchronised')).timeQuality).toBe('unknown');
  expect(watch.judged(status('unsynchronised')).timeQuality).toBe('unsynchronised');
  pass(14_999);
  expect(watch.judged(status('synchronised')).timeQuality).toBe('unknown');
  pass(1);
  expect(watch.judged(status('synchronised')).timeQuality).toBe('synchronised');
});

const dayMs = 86_400_000;

test.each([
  { name: 'a new head-end', lastKnownMs: 0, may: true },
  { name: 'stopped for a week', lastKnownMs: 1_800_000_000_000 - 7 * dayMs, may: true },
  { name: 'started years later, or with a clock that is ahead', lastKnownMs: 1_500_000_000_000, may: false },
  { name: 'started with a clock that is behind', lastKnownMs: 1_900_000_000_000, may: false },
])('$name: may it forget what is old? $may', ({ lastKnownMs, may }) => {
  const { watch, pass } = watching(lastKnownMs);
  expect(watch.mayForget()).toBe(may);
  pass(dayMs);
  expect(watch.mayForget()).toBe(true);
});

test('a clock that goes years ahead makes nothing old for a day, and one that is set back again at once never did', () => {
  const { at, watch, pass } = watching();
  const jump = (byMs: number): void => {
    at.nowMs += byMs;
    watch.look();
  };
  jump(3_600 * dayMs);
  expect(watch.mayForget()).toBe(false);
  pass(60_000);
  jump(-3_600 * dayMs);
  expect(watch.mayForget()).toBe(true);
  jump(3_600 * dayMs);
  pass(dayMs - 1);
  expect(watch.mayForget()).toBe(false);
  pass(1);
  expect(watch.mayForget()).toBe(true);
});
