import { expect, test } from 'vitest';
import { clockForgottenMs, hostClockStep, timeQualityOf } from './host-clock.ts';
import type { HostClock, HostClockInput } from './host-clock.ts';

/** The head-end's clock shows so much when this machine's monotonic one shows 0. */
const epochMs = 1_790_000_000_000;
const birth = { session: 7, birthMs: 500 };
const askedAt0: HostClock = { asked: { ...birth, atMs: 0 } };
const inStep: HostClock = { ...askedAt0, aheadMs: epochMs, heardAtMs: 100 };

test.each<[string, HostClock, HostClockInput, number, { aheadMs?: number; heardAtMs?: number; ask?: boolean }]>([
  [
    'the answer to the birth',
    askedAt0,
    { kind: 'answered', ...birth, hostMs: epochMs + 100 },
    100,
    { aheadMs: epochMs, heardAtMs: 100 },
  ],
  [
    'an answer to a birth of another session',
    askedAt0,
    { kind: 'answered', ...birth, session: 6, hostMs: epochMs },
    100,
    {},
  ],
  ['an answer to an earlier birth', askedAt0, { kind: 'answered', ...birth, birthMs: 499, hostMs: epochMs }, 100, {}],
  ['an answer that was held back', askedAt0, { kind: 'answered', ...birth, hostMs: epochMs }, 5_001, {}],
  ['an answer to nothing', {}, { kind: 'answered', ...birth, hostMs: epochMs }, 100, {}],
  ['a word to all before any answer', askedAt0, { kind: 'told', hostMs: epochMs }, 100, {}],
  ['the same long after the birth', askedAt0, { kind: 'told', hostMs: epochMs }, 10_001, { ask: true }],
  [
    'a word to all in step',
    inStep,
    { kind: 'told', hostMs: epochMs + 60_000 },
    60_000,
    { aheadMs: epochMs, heardAtMs: 60_000 },
  ],
  [
    'one that is truer',
    inStep,
    { kind: 'told', hostMs: epochMs + 60_300 },
    60_000,
    { aheadMs: epochMs + 300, heardAtMs: 60_000 },
  ],
  [
    'one that was on its way for a second',
    inStep,
    { kind: 'told', hostMs: epochMs + 59_000 },
    60_000,
    { aheadMs: epochMs, heardAtMs: 60_000 },
  ],
  [
    'one that was held back for a minute',
    inStep,
    { kind: 'told', hostMs: epochMs },
    60_000,
    { aheadMs: epochMs, heardAtMs: 100, ask: true },
  ],
  [
    'one far ahead: the head-end was set',
    inStep,
    { kind: 'told', hostMs: epochMs + 3_660_000 },
    60_000,
    { aheadMs: epochMs, heardAtMs: 100, ask: true },
  ],
  ['a new birth', inStep, { kind: 'asked', session: 7, birthMs: 900 }, 400, { aheadMs: epochMs, heardAtMs: 100 }],
])('%s', (_, before, input, nowMs, { ask = false, ...clock }) => {
  const step = hostClockStep(before, input, nowMs);
  const { asked: _asked, ...after } = step.state;
  expect([after, step.ask]).toEqual([clock, ask]);
});

test('held back little by little, it does not fall behind', () => {
  let state = inStep;
  for (let minute = 1; minute <= 60; minute++) {
    const nowMs = minute * 60_000;
    ({ state } = hostClockStep(state, { kind: 'told', hostMs: epochMs + nowMs - minute * 100 }, nowMs));
  }
  expect(state.aheadMs).toBe(epochMs);
});

test.each<[string, HostClock, number, number, string]>([
  ['never told', {}, epochMs, 0, 'unknown'],
  ['in step', inStep, epochMs + 1_000, 1_000, 'synchronised'],
  ['two seconds off', inStep, epochMs + 3_000, 1_000, 'synchronised'],
  ['more', inStep, epochMs + 3_001, 1_000, 'unsynchronised'],
  ['told long ago', inStep, epochMs + clockForgottenMs + 101, clockForgottenMs + 101, 'unknown'],
])('%s: %s', (_, state, wallMs, nowMs, quality) => {
  expect(timeQualityOf(state, wallMs, nowMs)).toBe(quality);
});
