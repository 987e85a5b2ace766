import { isFinal } from '@tiepoint/protocol';
import type { Acknowledgement, CommandState } from '@tiepoint/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandRecord } from '../store/store.ts';
import { commandStep, mayInquire } from './command-step.ts';
import type { CommandInput } from './command-step.ts';

const t0 = 1_000_000;
const fresh: CommandRecord = {
  id: 'c',
  targetKey: 'g.d',
  routeKey: 'g.d',
  routeBy: 'own-equipment',
  routeSay: 'by d',
  kind: 'disconnect',
  parameters: {},
  operator: 'ada',
  identity: 'account',
  selectionId: 's',
  seq: 1,
  requestedAtMs: t0,
  expiresAtMs: t0 + 30_000,
  updatedAtMs: t0,
  state: 'requested',
  measured: [],
  transitions: 1,
};
const sent: CommandInput = { kind: 'published', sure: true };
const time: CommandInput = { kind: 'time' };
const restarted: CommandInput = { kind: 'restarted' };
const ack = (state: CommandState, ordinal: number, more: Partial<Acknowledgement> = {}): CommandInput => ({
  kind: 'ack',
  ack: { commandId: 'c', state, ordinal, timeMs: 5, ...more },
});
const forgotten = ack('refused', 0, { reason: 'unknown-to-agent' });
const dayMs = 24 * 3_600_000;

type At = readonly [ms: number, input: CommandInput];

function run(steps: readonly At[]): { command: CommandRecord; path: string[]; effects: string[] } {
  let command = fresh;
  const path: string[] = [];
  const effects: string[] = [];
  for (const [ms, input] of steps) {
    const step = commandStep(command, input, t0 + ms);
    command = step.command;
    if (step.transition !== undefined) path.push(step.transition.state);
    effects.push(...step.effects);
  }
  return { command, path, effects };
}

describe('the path of a command', () => {
  test.each([
    {
      name: 'confirmed',
      steps: [
        [1, sent],
        [2, ack('accepted', 0)],
        [3, ack('executing', 1)],
        [4, ack('confirmed', 2)],
      ],
      path: ['sent', 'accepted', 'executing', 'confirmed'],
    },
    {
      name: 'never sent',
      steps: [
        [29_999, time],
        [30_000, time],
      ],
      path: ['expired'],
    },
    {
      name: 'sent and no word',
      steps: [
        [1, sent],
        [31_999, time],
        [32_000, time],
      ],
      path: ['sent', 'unknown'],
      effects: ['inquire'],
    },
    {
      name: 'never sent, and the clock was set back',
      steps: [
        [-2_000, time],
        [-2_001, time],
      ],
      path: ['expired'],
    },
    {
      name: 'sent under a clock that was a day ahead',
      steps: [
        [1, sent],
        [-dayMs, time],
      ],
      path: ['sent', 'unknown'],
      effects: ['inquire'],
    },
    {
      name: 'begun under a clock that was a day ahead, and silent',
      steps: [
        [1, sent],
        [2, ack('accepted', 1)],
        [-dayMs, time],
      ],
      path: ['sent', 'accepted', 'unknown'],
      effects: ['inquire'],
    },
    {
      name: 'unknown, then told',
      steps: [
        [1, sent],
        [32_000, time],
        [40_000, ack('confirmed', 3)],
      ],
      path: ['sent', 'unknown', 'confirmed'],
      effects: ['inquire'],
    },
    {
      name: 'unknown to the agent, whose journal was begun anew',
      steps: [
        [1, sent],
        [32_000, time],
        [40_000, ack('unconfirmed', 0, { reason: 'unknown-to-agent' })],
      ],
      path: ['sent', 'unknown', 'unconfirmed'],
      effects: ['inquire'],
    },
    {
      name: 'unknown to the agent',
      steps: [
        [1, sent],
        [32_000, time],
        [40_000, forgotten],
      ],
      path: ['sent', 'unknown', 'refused'],
      effects: ['inquire'],
    },
    {
      name: 'begun, then unknown to the agent',
      steps: [
        [1, sent],
        [2, ack('executing', 1)],
        [3, forgotten],
      ],
      path: ['sent', 'executing', 'unconfirmed'],
    },
    {
      name: 'silent in execution, asked, still at it',
      steps: [
        [1, sent],
        [2, ack('executing', 1)],
        [120_002, time],
        [120_003, ack('executing', 1)],
      ],
      path: ['sent', 'executing', 'unknown', 'executing'],
      effects: ['inquire'],
    },
    {
      name: 'never answered',
      steps: [
        [1, sent],
        [32_000, time],
        [dayMs - 1, time],
        [dayMs, time],
      ],
      path: ['sent', 'unknown', 'unconfirmed'],
      effects: ['inquire'],
    },
    {
      name: 'duplicates and old words',
      steps: [
        [1, sent],
        [2, ack('executing', 4)],
        [3, ack('executing', 4)],
        [4, ack('accepted', 3)],
        [5, ack('failed', 4)],
      ],
      path: ['sent', 'executing'],
    },
    {
      name: 'a newer ordinal with an earlier state',
      steps: [
        [1, sent],
        [2, ack('executing', 1)],
        [3, ack('accepted', 2)],
      ],
      path: ['sent', 'executing'],
    },
    {
      name: 'final stays',
      steps: [
        [1, sent],
        [2, ack('confirmed', 1)],
        [3, ack('failed', 2)],
      ],
      path: ['sent', 'confirmed'],
      effects: ['late-word'],
    },
    {
      name: 'final stays, unanswered too',
      steps: [
        [1, sent],
        [32_000, time],
        [dayMs, time],
        [dayMs + 1, ack('confirmed', 2)],
      ],
      path: ['sent', 'unknown', 'unconfirmed'],
      effects: ['inquire', 'late-word'],
    },
    {
      name: 'the word overtakes the broker',
      steps: [
        [1, ack('accepted', 0)],
        [2, sent],
      ],
      path: ['accepted'],
    },
    {
      name: 'the broker did not say',
      steps: [
        [1, { kind: 'published', sure: false, say: 'maybe' }],
        [32_000, time],
      ],
      path: ['sent', 'unknown'],
      effects: ['inquire'],
    },
    {
      name: 'forbidden before it was sent',
      steps: [[1, { kind: 'forbidden', reason: 'tagged', say: 'no' }]],
      path: ['refused'],
    },
    {
      name: 'forbidden after it was sent',
      steps: [
        [1, sent],
        [2, { kind: 'forbidden', reason: 'tagged', say: 'no' }],
      ],
      path: ['sent'],
    },
    { name: 'restart while sending', steps: [[1, restarted]], path: ['unknown'], effects: ['inquire'] },
    {
      name: 'restart after sending',
      steps: [
        [1, sent],
        [2, restarted],
      ],
      path: ['sent'],
      effects: ['inquire'],
    },
    {
      name: 'an agent does not speak for the head-end',
      steps: [
        [1, sent],
        [2, ack('requested', 0)],
        [3, ack('unknown', 1)],
      ],
      path: ['sent'],
    },
  ] as { name: string; steps: At[]; path: string[]; effects?: string[] }[])(
    '$name',
    ({ steps, path, effects = [] }) => {
      const ran = run(steps);
      expect(ran.path).toEqual(path);
      expect(ran.effects).toEqual(effects);
    },
  );

  test('the last word goes along with what was measured, and what an earlier one told is gone', () => {
    const measured = [{ point: 'switchState', word: 'open' }];
    const { command } = run([
      [1, sent],
      [32_000, time],
      [33_000, ack('confirmed', 1, { measured, deviceMs: 9 })],
    ]);
    expect(command).toMatchObject({ state: 'confirmed', measured, deviceMs: 9, transitions: 4 });
    expect(command.reason).toBeUndefined();
  });
});

test.each([
  { command: fresh, atMs: 99_000, may: false },
  { command: { ...fresh, state: 'sent' }, atMs: 31_999, may: false },
  { command: { ...fresh, state: 'unknown' }, atMs: 32_000, may: true },
  { command: { ...fresh, state: 'executing', agentOrdinal: 1 }, atMs: 1, may: true },
  { command: { ...fresh, state: 'confirmed', agentOrdinal: 1 }, atMs: 99_000, may: false },
] as { command: CommandRecord; atMs: number; may: boolean }[])(
  'asked in $command.state at $atMs: $may',
  ({ command, atMs, may }) => {
    expect(mayInquire(command, t0 + atMs)).toBe(may);
  },
);

test('whatever comes in whatever order: ordinals of transitions rise by one, and final is the last', () => {
  const states = [
    'requested',
    'sent',
    'unknown',
    'accepted',
    'executing',
    'confirmed',
    'refused',
    'expired',
    'failed',
    'unconfirmed',
  ] as const;
  const input = fc.oneof(
    fc.constant(time),
    fc.constant(restarted),
    fc.boolean().map((sure): CommandInput => ({ kind: 'published', sure })),
    fc.tuple(fc.constantFrom(...states), fc.nat(5)).map(([state, ordinal]) => ack(state, ordinal)),
    fc.constant(forgotten),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100_000_000), input), { maxLength: 30 }), (steps) => {
      let command = fresh;
      let nowMs = t0;
      for (const [waitMs, each] of steps) {
        nowMs += waitMs;
        const step = commandStep(command, each, nowMs);
        const { transition = { state: command.state, ordinal: command.transitions } } = step;
        expect(step.transition !== undefined && isFinal(command.state)).toBe(false);
        expect(transition.ordinal).toBe(command.transitions);
        expect(step.command.state).toBe(transition.state);
        command = step.command;
      }
    }),
  );
});
