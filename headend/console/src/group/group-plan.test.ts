import { expect, test } from 'vitest';
import type { SelectionView } from '../../../src/api/contract.ts';
import { countStates, planOf, plannedOf } from './group-plan.ts';

const device = { id: 'gw.meter-1', title: 'Meter' };
const selection = (expiresAtMs: number, verdict: SelectionView['verdict'] = { ok: true }): SelectionView =>
  ({ id: `s${expiresAtMs}`, expiresAtMs, verdict }) as SelectionView;
const open = { ok: false, reason: 'already-so', say: 'The switch is open already.' } as const;

test.each([
  { answer: { ok: true, value: selection(9) } as const, refusal: undefined },
  { answer: { ok: true, value: selection(9, open) } as const, refusal: 'The switch is open already.' },
  { answer: { ok: false, reason: 'held', say: 'Ben has selected it.' } as never, refusal: 'Ben has selected it.' },
])('refused: $refusal', ({ answer, refusal }) => {
  expect(plannedOf(device, answer).refusal).toBe(refusal);
});

test.each([
  { planned: [], ready: 0, left: 0, expiresAtMs: undefined },
  { planned: [{ ...device, refusal: 'No.' }], ready: 0, left: 1, expiresAtMs: undefined },
  // Held by its selection all the same: it is given up with the others.
  {
    planned: [{ ...device, selection: selection(3, open), refusal: open.say }],
    ready: 0,
    left: 1,
    expiresAtMs: undefined,
  },
  {
    planned: [
      { ...device, selection: selection(9) },
      { ...device, selection: selection(7) },
      { ...device, refusal: 'No.' },
    ],
    ready: 2,
    left: 1,
    expiresAtMs: 7,
  },
])('$ready may, $left may not', ({ planned, ready, left, expiresAtMs }) => {
  const plan = planOf(planned);
  expect([plan.ready.length, plan.left.length, plan.expiresAtMs]).toEqual([ready, left, expiresAtMs]);
});

test.each([
  { states: ['confirmed', 'confirmed'] as const, says: '2 of 2 confirmed' },
  { states: ['confirmed', 'sent', 'unknown'] as const, says: '1 of 3 confirmed, 1 under way, 1 not known' },
  { states: ['unconfirmed', 'refused', 'not-given'] as const, says: '0 of 3 confirmed, 3 not confirmed' },
  { states: ['confirmed', 'executing', 'failed'] as const, says: '1 of 3 confirmed, 1 under way, 1 not confirmed' },
])('$says', ({ states, says }) => expect(countStates(states)).toBe(says));
