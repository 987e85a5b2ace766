import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilities, wordPoints } from '../points.ts';
import { livenesses } from './device-view.ts';
import type { DeviceView } from './device-view.ts';
import { commandKinds } from './kinds.ts';
import { commandRules, mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, ...values);
const measured = fc.record(
  Object.fromEntries(Object.entries(wordPoints).map(([point, words]) => [point, maybe<string>(words)])),
) as fc.Arbitrary<DeviceView['measured']>;
const device = fc
  .record({
    capabilities: fc.subarray([...capabilities]),
    liveness: fc.constantFrom('live' as const, 'live' as const, ...livenesses),
    measured,
  })
  .map((over) => view(over));
const parameters = fc.record(
  { limitPct: maybe([50]), relay: maybe([1, 4]), to: maybe(['on', 'off'] as const) },
  { requiredKeys: [] },
);

/** After any other reason a person can do something: the sentence ends with it, after a colon. */
const nothingToDo = new Set(['already-so']);

test('every refusal is a sentence that ends with what to do', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(device, fc.constantFrom(...commandKinds), parameters, (target, kind, given) => {
      const may = mayCommand(target, kind, given);
      if (may.ok) return;
      seen.add(may.reason);

      expect(may.say).toMatch(nothingToDo.has(may.reason) ? /\.$/ : /: [a-z][^.]*\.$/);
    }),
    { numRuns: 5_000 },
  );
  expect([...seen].toSorted()).toEqual(
    expect.arrayContaining(['already-so', 'invalid', 'late', 'local', 'lost', 'not-running', 'state-unknown']),
  );
});

test('where nothing is measured, only what is safe may be commanded', () => {
  const target = view({ capabilities: [...capabilities] });
  const allowed = commandKinds.filter(
    (kind) =>
      mayCommand(
        target,
        kind,
        kind === 'limit-power' ? { limitPct: 0 } : kind === 'switch-relay' ? { relay: 1, to: 'on' } : {},
      ).ok,
  );
  expect(allowed).toEqual(['disconnect', 'stop-generation', 'limit-power']);
  expect(allowed.filter((kind) => commandRules[kind].energises)).toEqual([]);
});

describe('each rule', () => {
  test.each(commandKinds)('%s is in the table under its own name', (kind) => {
    expect(commandRules[kind].kind).toBe(kind);
    expect(commandRules[kind].title).not.toBe('');
    expect(commandRules[kind].proof).not.toBe('');
  });
});
