import { expect, test } from 'vitest';
import { afterTimeout, healthy, mayAsk, type UnitHealth } from './unit-health.ts';

const backOff = { afterTimeouts: 2, firstMs: 4_000, maxMs: 60_000 };

test('pauses double from the second time-out on, up to the bound', () => {
  let health: UnitHealth = healthy;
  const pauses: number[] = [];
  for (let nowMs = 0, n = 0; n < 8; n++, nowMs = health.untilMs ?? nowMs) {
    health = afterTimeout(health, nowMs, backOff);
    pauses.push(health.pauseMs);
  }
  expect(pauses).toEqual([0, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

const paused: UnitHealth = { failuresInARow: 2, pauseMs: 4_000, untilMs: 104_000 };

test.each([
  { health: healthy, nowMs: 100_000, priority: 'poll', may: true },
  { health: paused, nowMs: 103_999, priority: 'poll', may: false },
  { health: paused, nowMs: 104_000, priority: 'poll', may: true },
  { health: paused, nowMs: 103_999, priority: 'command', may: true },
  { health: paused, nowMs: 10_000, priority: 'poll', may: true }, // the clock was set back
] as const)('$priority at $nowMs with $health: $may', ({ health, nowMs, priority, may }) => {
  expect(mayAsk(health, nowMs, priority, backOff)).toBe(may);
});

test('a command that fails inside the pause does not lengthen it', () => {
  expect(afterTimeout(paused, 103_000, backOff)).toEqual(paused);
});
