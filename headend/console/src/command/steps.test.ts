import { isFinal } from '@tiepoint/protocol';
import type { CommandState } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import type { CommandView } from '../../../src/api/contract.ts';
import { stepsOf } from './steps.ts';

function track(states: readonly (readonly [CommandState, number])[], sentAtMs?: number) {
  const [last, updatedAtMs] = states.at(-1)!;
  const view = {
    state: last,
    final: isFinal(last),
    requestedAtMs: 1_000,
    updatedAtMs,
    ...(sentAtMs === undefined ? {} : { sentAtMs }),
  } as CommandView;
  const transitions = states.map(([state, atMs], ordinal) => ({
    ordinal,
    state,
    atMs,
    by: 'agent' as const,
    measured: [],
  }));
  return { view, transitions };
}
const told = (steps: ReturnType<typeof stepsOf>) =>
  steps.map(({ state, is, sinceMs }) => `${state} ${is}${sinceMs === undefined ? '' : ` +${sinceMs}`}`);

test.each([
  {
    name: 'just requested',
    given: track([['requested', 1_000]]),
    steps: ['requested now', 'sent ahead', 'accepted ahead', 'executing ahead', 'confirmed ahead'],
  },
  {
    name: 'all seen',
    given: track([
      ['requested', 1_000],
      ['sent', 1_010],
      ['accepted', 1_030],
      ['executing', 1_040],
      ['confirmed', 1_900],
    ]),
    steps: ['requested past', 'sent past +10', 'accepted past +20', 'executing past +10', 'confirmed now +860'],
  },
  {
    name: 'accepted was never seen',
    given: track([
      ['requested', 1_000],
      ['sent', 1_010],
      ['unconfirmed', 3_000],
    ]),
    steps: ['requested past', 'sent past +10', 'accepted unseen', 'executing unseen', 'unconfirmed now +1990'],
  },
  {
    name: 'nobody answers',
    given: track([
      ['requested', 1_000],
      ['sent', 1_010],
      ['unknown', 12_000],
    ]),
    steps: ['requested past', 'sent past +10', 'unknown now +10990', 'confirmed ahead'],
  },
  {
    name: 'known from the list only, without its steps',
    given: { ...track([['refused', 1_400]], 1_100), transitions: [] },
    steps: ['requested past', 'sent past +100', 'refused now +300'],
  },
])('$name', ({ given, steps }) => expect(told(stepsOf(given))).toEqual(steps));
