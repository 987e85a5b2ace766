import type { Death, DeviceBirth, DeviceEvent, Status } from '@tiepoint/protocol';
import { describe, expect, test } from 'vitest';
import { meterBirth } from './testing/fake-agent.ts';
import { expectedEveryMs, newTwin, rememberedTwin, twinStep } from './twins.ts';
import type { Twin, TwinEffect, TwinInput } from './twins.ts';

const t0 = 1_000_000;
type At = readonly [ms: number, input: TwinInput];

const birth = (changes: Partial<DeviceBirth> = {}): DeviceBirth => ({
  ...meterBirth,
  session: 7,
  nextSeq: 0,
  ...changes,
});
const status = (seq: number, changes: Partial<Status> = {}): TwinInput => ({
  kind: 'status',
  status: {
    kind: 'meter',
    session: 7,
    seq,
    timeMs: 0,
    timeQuality: 'unknown',
    switchState: 'closed',
    activePowerW: 100 + seq,
    ...changes,
  } as Status,
});
const event = (seq: number, changes: Partial<DeviceEvent> = {}): TwinInput => ({
  kind: 'event',
  event: {
    session: 7,
    seq,
    timeMs: 0,
    timeQuality: 'unknown',
    kind: 'switch-changed',
    from: 'closed',
    to: 'open',
    ...changes,
  },
});
const died = (changes: Partial<Death> = {}): TwinInput => ({
  kind: 'death',
  death: { session: 7, cause: 'line-lost', ...changes },
});
const time: TwinInput = { kind: 'time' };

function run(steps: readonly At[], first: DeviceBirth = birth()): { twin: Twin; effects: TwinEffect[] } {
  let twin = newTwin('g', 'd', first, t0);
  const effects: TwinEffect[] = [];
  for (const [ms, input] of steps) {
    const step = twinStep(twin, input, t0 + ms);
    twin = step.twin;
    effects.push(...step.effects);
  }
  return { twin, effects };
}

describe('liveness', () => {
  const byException = birth({ reporting: 'by-exception', heartbeatMs: 60_000 });
  test.each([
    { name: 'a birth alone is no report', steps: [[20_000, time]], is: 'never' },
    { name: 'the first status', steps: [[0, status(0)]], is: 'live' },
    {
      name: 'two periods',
      steps: [
        [0, status(0)],
        [8_000, time],
      ],
      is: 'live',
    },
    {
      name: 'above two',
      steps: [
        [0, status(0)],
        [8_001, time],
      ],
      is: 'late',
    },
    {
      name: 'three periods',
      steps: [
        [0, status(0)],
        [12_000, time],
      ],
      is: 'late',
    },
    {
      name: 'above three',
      steps: [
        [0, status(0)],
        [12_001, time],
      ],
      is: 'lost',
    },
    {
      name: 'live again',
      steps: [
        [0, status(0)],
        [12_001, time],
        [13_000, status(1)],
      ],
      is: 'live',
    },
    {
      name: 'events make nothing newer',
      steps: [
        [0, status(0)],
        [8_000, event(1)],
        [8_001, time],
      ],
      is: 'late',
    },
    {
      name: 'death',
      steps: [
        [0, status(0)],
        [1, died()],
      ],
      is: 'lost',
    },
    {
      name: 'a late death of another session',
      steps: [
        [0, status(0)],
        [1, died({ session: 6 })],
      ],
      is: 'live',
    },
    {
      name: 'a status after the death',
      steps: [
        [0, status(0)],
        [1, died()],
        [2, status(1)],
      ],
      is: 'lost',
    },
    { name: 'another session', steps: [[0, status(0, { session: 6 })]], is: 'never' },
    {
      name: 'reborn, not yet measured',
      steps: [
        [0, status(0)],
        [1, { kind: 'birth', birth: birth({ session: 8 }) }],
      ],
      is: 'never',
    },
    {
      name: 'introduced again within the session',
      steps: [
        [0, status(0)],
        [1, { kind: 'birth', birth: birth({ nextSeq: 1 }) }],
      ],
      is: 'live',
    },
    {
      name: 'back after its bus was out of reach',
      steps: [
        [0, status(0)],
        [1, died({ cause: 'bus-unreachable' })],
        [2, { kind: 'birth', birth: birth({ nextSeq: 1 }) }],
        [3, status(1)],
      ],
      is: 'live',
    },
    {
      name: 'under way for 13 s by a good clock',
      steps: [[0, status(0, { timeMs: t0 - 14_001, timeQuality: 'synchronised' })]],
      is: 'lost',
    },
    {
      name: 'a clock that is not trusted makes nothing old',
      steps: [[0, status(0, { timeMs: 0, timeQuality: 'unsynchronised' })]],
      is: 'live',
    },
    {
      name: 'the clock set back by an hour',
      steps: [
        [0, status(0)],
        [-3_600_000, { kind: 'clock-set', byMs: -3_600_000 }],
        [-3_600_000 + 12_001, time],
      ],
      is: 'lost',
    },
    {
      name: 'by exception: the heartbeat counts',
      first: byException,
      steps: [
        [0, status(0)],
        [120_000, time],
      ],
      is: 'live',
    },
    {
      name: 'by exception: late',
      first: byException,
      steps: [
        [0, status(0)],
        [120_001, time],
      ],
      is: 'late',
    },
  ] as { name: string; steps: At[]; is: string; first?: DeviceBirth }[])('$name: $is', ({ steps, is, first }) => {
    expect(run(steps, first).twin.liveness).toBe(is);
  });

  test('a period of nothing is taken as a second', () => expect(expectedEveryMs(birth({ periodMs: 0 }))).toBe(1_000));

  test('what is remembered over a start is stale until it is heard again', () => {
    const { twin } = run([[0, status(5)]]);
    const remembered = rememberedTwin(twin);
    expect(remembered).toMatchObject({ liveness: 'lost', status: { seq: 5 } });
    expect(twinStep(remembered, time, t0 + 1).twin.liveness).toBe('lost');
    expect(twinStep(remembered, status(9), t0 + 1).twin).toMatchObject({
      liveness: 'live',
      lastSeq: 9,
      line: { lostMessages: 0 },
    });
  });
});

describe('sequence', () => {
  test.each([
    {
      name: 'in order',
      steps: [status(0), status(1)],
      counts: {},
      power: 101,
      says: ['keep-status live', 'liveness', 'keep-status live'],
    },
    {
      name: 'a duplicate',
      steps: [status(0), status(0, { activePowerW: 9 })],
      counts: { duplicates: 1 },
      power: 100,
      says: ['keep-status live', 'liveness'],
    },
    {
      name: 'a gap',
      steps: [status(0), status(3)],
      counts: { lostMessages: 2 },
      power: 103,
      says: ['keep-status live', 'liveness', 'messages-lost', 'keep-status live'],
    },
    {
      name: 'older: kept, not live',
      steps: [status(2), status(1)],
      counts: { lostMessages: 2, outOfOrder: 1 },
      power: 102,
      says: ['messages-lost', 'keep-status live', 'liveness', 'keep-status late'],
    },
    {
      name: 'of another session: kept, not live',
      steps: [status(0), status(1, { session: 6 })],
      counts: { ofOtherSessions: 1 },
      power: 100,
      says: ['keep-status live', 'liveness', 'keep-status late'],
    },
    {
      name: 'an event counts in the same sequence',
      steps: [status(0), event(2)],
      counts: { lostMessages: 1, events: 1 },
      power: 100,
      says: ['keep-status live', 'liveness', 'messages-lost', 'keep-event live'],
    },
    {
      name: 'a number that is none, and those after it',
      steps: [status(0), status(Number.MAX_SAFE_INTEGER), status(1), status(2)],
      counts: { lostMessages: 0, outOfOrder: 0, statuses: 4 },
      power: 102,
      says: [
        'keep-status live',
        'liveness',
        'counting-restarted',
        'keep-status live',
        'counting-restarted',
        'keep-status live',
        'keep-status live',
      ],
    },
    {
      name: 'after a wrong number a birth tells where the device counts',
      steps: [status(0), status(900_000), { kind: 'birth', birth: birth({ nextSeq: 1 }) }, status(1)],
      counts: { outOfOrder: 0, statuses: 3 },
      power: 101,
      says: ['keep-status live', 'liveness', 'messages-lost', 'keep-status live', 'keep-status live'],
    },
    {
      name: 'a birth that counts from far ahead tells of none missed',
      steps: [status(0), { kind: 'birth', birth: birth({ nextSeq: 2_000_000 }) }, status(2_000_000)],
      counts: { lostMessages: 0, statuses: 2 },
      power: 2_000_100,
      says: ['keep-status live', 'liveness', 'keep-status live'],
    },
    {
      name: 'a birth that tells of missed ones',
      steps: [status(0), { kind: 'birth', birth: birth({ nextSeq: 4 }) }],
      counts: { lostMessages: 3 },
      power: 100,
      says: ['keep-status live', 'liveness', 'messages-lost'],
    },
  ] as { name: string; steps: TwinInput[]; counts: object; power: number; says: string[] }[])(
    '$name',
    ({ steps, counts, power, says }) => {
      const { twin, effects } = run(steps.map((step) => [0, step] as const));
      expect(twin.status).toMatchObject({ activePowerW: power });
      expect(twin.line).toMatchObject(counts);
      expect(
        effects.map((each) => ('live' in each ? `${each.kind} ${each.live ? 'live' : 'late'}` : each.kind)),
      ).toEqual(says);
    },
  );
});

test.each([
  { aheadMs: 86_400_000, quality: 'synchronised' },
  { aheadMs: 86_400_001, quality: 'unsynchronised' },
])('a clock $aheadMs ms ahead is $quality', ({ aheadMs, quality }) => {
  const { twin } = run([[0, status(0, { timeMs: t0 + aheadMs, timeQuality: 'synchronised' })]]);
  expect(twin).toMatchObject({ liveness: 'live', receivedAtMs: t0, status: { timeQuality: quality } });
});

describe('an event changes what it tells', () => {
  test.each([
    { told: {}, is: { switchState: 'open' } },
    { told: { to: 'sideways' }, is: { switchState: undefined } },
    { told: { to: undefined }, is: { switchState: undefined } },
    { told: { kind: 'alarm-raised', alarm: 'tamper' }, is: { alarms: ['tamper'] } },
    { told: { kind: 'breaker-changed', to: 'open' }, is: { switchState: 'closed', breakerState: 'open' } }, // of a feeder
    { told: { kind: 'connection-changed', to: 'disconnected' }, is: { switchState: 'closed' } }, // no point of a meter
    { told: { kind: 'relay-changed', point: 'constructor', to: 'on' }, is: { switchState: 'closed' } },
    { told: { session: 6 }, is: { switchState: 'closed' } },
  ] as { told: Partial<DeviceEvent>; is: object }[])('$told', ({ told, is }) => {
    const { twin } = run([
      [0, status(0)],
      [1, event(1, told)],
    ]);
    expect(twin.status).toMatchObject(is);
    expect(twin.status).not.toHaveProperty('connection');
  });
});
