import { expect, test } from 'vitest';
import { cadence, missedSince, nextDueMs } from './cadence.ts';

test.each([
  { periodMs: 4000, phaseMs: 0, nowMs: 0, due: 4000 },
  { periodMs: 4000, phaseMs: 1500, nowMs: 0, due: 1500 },
  { periodMs: 4000, phaseMs: 1500, nowMs: 1500, due: 5500 },
  { periodMs: 4000, phaseMs: 1500, nowMs: 1499.5, due: 1500 },
  { periodMs: 4000, phaseMs: 1500, nowMs: -2600, due: -2500 },
])('after $nowMs on $phaseMs of $periodMs comes $due', ({ periodMs, phaseMs, nowMs, due }) => {
  expect(nextDueMs({ periodMs, phaseMs }, nowMs)).toBe(due);
});

test('a day of late timers does not drift', () => {
  const rhythm = cadence('gw-1/pv-1', 4000);
  let nowMs = 1_700_000_000_000;
  for (let i = 0; i < 21_600; i++) nowMs = nextDueMs(rhythm, nowMs) + (i % 7) * 31;
  expect((nextDueMs(rhythm, nowMs) - rhythm.phaseMs) % 4000).toBe(0);
});

test('names spread over the period', () => {
  const slots = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) slots[Math.floor(cadence(`gw-${i >> 2}/meter-${i & 3}`, 4000).phaseMs / 500)]! += 1;
  expect(Math.min(...slots)).toBeGreaterThan(400);
});

test.each([
  { servedDueMs: 4000, nextMs: 8000, missed: 0 },
  { servedDueMs: 4000, nextMs: 12_000, missed: 1 },
  { servedDueMs: 4000, nextMs: 20_000, missed: 3 },
  { servedDueMs: 40_000, nextMs: 4000, missed: 0 }, // the clock was set back
  { servedDueMs: 4000, nextMs: 86_404_000, missed: 0 }, // the clock was set forward by a day
])('$missed missed from $servedDueMs to $nextMs', ({ servedDueMs, nextMs, missed }) => {
  expect(missedSince({ periodMs: 4000, phaseMs: 0 }, servedDueMs, nextMs)).toBe(missed);
});
