import type { FleetMode } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { isHeldBack, modeBegun, modeStep, unjudgedMs } from './fleet-mode.ts';

const hostMs = 1_790_000_000_000;
const storm: FleetMode = { revision: 1, mode: 'storm', untilMs: hostMs + 60_000 };

/** The head-end's time at an instant of the monotonic clock, or unknown; and whether the mode is in force then. */
test.each<[string, readonly (readonly [nowMs: number, hostMs: number | undefined, isInForce: boolean])[]]>([
  [
    'by the head-end’s clock',
    [
      [0, hostMs, true],
      [59_999, hostMs + 59_999, true],
      [60_000, hostMs + 60_000, false],
    ],
  ],
  [
    'without it, by the time since',
    [
      [0, hostMs, true],
      [59_999, undefined, true],
      [60_000, undefined, false],
    ],
  ],
  [
    'known only later',
    [
      [0, undefined, true],
      [500_000, undefined, true],
      [600_000, hostMs + 59_000, true],
      [601_000, undefined, false],
    ],
  ],
  [
    'known only later, and over by then',
    [
      [0, undefined, true],
      [600_000, hostMs + 60_000, false],
    ],
  ],
  [
    'never known',
    [
      [0, undefined, true],
      [unjudgedMs - 1, undefined, true],
      [unjudgedMs, undefined, false],
    ],
  ],
  ['over when it comes', [[0, hostMs + 60_000, false]]],
  [
    'the head-end’s clock was set back',
    [
      [0, hostMs, true],
      [50_000, hostMs, true],
      [109_999, undefined, true],
      [110_000, undefined, false],
    ],
  ],
])('a mode ends: %s', (_, steps) => {
  let held: ReturnType<typeof modeBegun> = undefined;
  for (const [index, [nowMs, host, isInForce]] of steps.entries()) {
    held = index === 0 ? modeBegun(storm, host, nowMs) : held && modeStep(held, host, nowMs);
    expect([nowMs, held !== undefined]).toEqual([nowMs, isInForce]);
  }
});

test('normal holds nothing back', () => {
  expect(modeBegun({ revision: 2, mode: 'normal' }, undefined, 0)).toBeUndefined();
});

test.each([
  ['normal', true, false],
  ['storm', true, true],
  ['storm', false, false],
  ['safe', true, true],
  ['safe', false, true],
] as const)('%s, plain meter %s: held back %s', (mode, isPlain, isHeld) => {
  expect(isHeldBack(mode, { isPlain })).toBe(isHeld);
});
