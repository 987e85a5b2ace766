import { expect, test } from 'vitest';
import type { CommandRecord } from '../store/store.ts';
import type { Selection } from './selections.ts';
import { meterBirth } from './testing/fake-agent.ts';
import type { Twin } from './twins.ts';
import { TwoOperators } from './two-operators.ts';

const minuteMs = 60_000;
const done = (deviceKey: string, atMinute: number, more: Partial<CommandRecord> = {}): CommandRecord =>
  ({
    kind: 'disconnect',
    operator: 'ada',
    targetKey: deviceKey,
    requestedAtMs: atMinute * minuteMs,
    ...more,
  }) as unknown as CommandRecord;
const selected = (deviceKey: string, more: Partial<Selection> = {}): Selection =>
  ({ kind: 'disconnect', operator: 'ada', targetKey: deviceKey, routeKey: deviceKey, ...more }) as unknown as Selection;
const carrier = (): Twin => ({ birth: meterBirth }) as unknown as Twin;
const need = (two: TwoOperators, selections: readonly Selection[], atMinute: number): boolean =>
  two.needOf(selections, carrier, atMinute * minuteMs) !== undefined;

test('a group above the size takes two; so do single ones that add up to it within the window', () => {
  const two = new TwoOperators({ groupSize: 3, windowMs: 10 * minuteMs });
  expect(
    need(
      two,
      ['a', 'b', 'c'].map((key) => selected(key)),
      0,
    ),
  ).toBe(false);
  expect(
    need(
      two,
      ['a', 'b', 'c', 'd'].map((key) => selected(key)),
      0,
    ),
  ).toBe(true);
  for (const key of ['a', 'b', 'c']) two.took(done(key, 1));
  expect(need(two, [selected('d')], 2)).toBe(true);
  // The same device again is no other one; another operator has a count of their own; connecting is not counted.
  expect(need(two, [selected('c')], 2)).toBe(false);
  expect(need(two, [selected('d', { operator: 'bob' })], 2)).toBe(false);
  expect(need(two, [selected('d', { kind: 'connect' })], 2)).toBe(false);
  expect(need(two, [selected('d')], 11.1)).toBe(false);
});

test('what a second operator approved is not counted', () => {
  const two = new TwoOperators({ groupSize: 1, windowMs: 10 * minuteMs });
  two.took(done('a', 1, { approver: 'bob' }));
  expect(need(two, [selected('b')], 2)).toBe(false);
});

test('it says how many, within how long', () => {
  const two = new TwoOperators({ groupSize: 1, windowMs: 10 * minuteMs });
  two.took(done('a', 1));
  expect(two.needOf([selected('b')], carrier, minuteMs)).toBe(
    'With 2 devices (1 within the last 10 minutes) this is a group: above 1 a second operator approves it.',
  );
});
