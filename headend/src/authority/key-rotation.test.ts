import { describe, expect, test } from 'vitest';
import { retireAfterMs, rotationStep, waitingFor } from './key-rotation.ts';
import type { Rotation, RotationEffect, RotationInput } from './key-rotation.ts';

const settled: Rotation = { phase: 'settled', revision: 4, current: 'A', sinceMs: 0, withoutIds: [] };
const announced: Rotation = {
  phase: 'announced',
  revision: 5,
  current: 'A',
  next: 'B',
  sinceMs: 1_000,
  withoutIds: [],
};
const switched: Rotation = {
  phase: 'switched',
  revision: 5,
  current: 'B',
  previous: 'A',
  sinceMs: 1_000,
  withoutIds: [],
};
const list = (revision: number, keys: string[], signedBy: string): RotationEffect => ({
  kind: 'list',
  revision,
  keys,
  signedBy,
});

test.each<[string, Rotation, RotationInput, Partial<Rotation> | undefined, RotationEffect[]]>([
  [
    'the next key is announced',
    settled,
    { kind: 'announce', next: 'B' },
    { phase: 'announced', revision: 5, current: 'A', next: 'B' },
    [list(5, ['A', 'B'], 'A')],
  ],
  ['one rotation at a time', announced, { kind: 'announce', next: 'C' }, undefined, []],
  ['not before the last one is at its end', switched, { kind: 'announce', next: 'C' }, undefined, []],
  ['a gateway does not have it yet', announced, { kind: 'time', laggingIds: ['gw-1'] }, undefined, []],
  [
    'all have it: it signs',
    announced,
    { kind: 'time', laggingIds: [] },
    { phase: 'switched', revision: 5, current: 'B', previous: 'A' },
    [],
  ],
  [
    'the operator does not wait for one',
    announced,
    { kind: 'go-on', withoutIds: ['gw-1'] },
    { phase: 'announced', withoutIds: ['gw-1'] },
    [],
  ],
  [
    'then it signs without that one',
    { ...announced, withoutIds: ['gw-1'] },
    { kind: 'time', laggingIds: ['gw-1'] },
    { phase: 'switched', current: 'B', withoutIds: [] },
    [],
  ],
  [
    'but another one is waited for',
    { ...announced, withoutIds: ['gw-1'] },
    { kind: 'time', laggingIds: ['gw-1', 'gw-2'] },
    undefined,
    [],
  ],
  ['nobody is waited for where nothing is announced', settled, { kind: 'go-on', withoutIds: ['gw-1'] }, undefined, []],
  [
    'withdrawn before it signed',
    announced,
    { kind: 'withdraw' },
    { phase: 'settled', revision: 6, current: 'A' },
    [list(6, ['A'], 'A'), { kind: 'erase', key: 'B' }],
  ],
  ['what signs is not withdrawn', switched, { kind: 'withdraw' }, undefined, []],
  ['commands of the old key may be on their way', switched, { kind: 'time', laggingIds: [] }, undefined, []],
  ['time in rest', settled, { kind: 'time', laggingIds: ['gw-1'] }, undefined, []],
])('%s', (_, before, input, change, effects) => {
  const step = rotationStep(before, input, 2_000);
  expect(step.state).toMatchObject(change ?? before);
  expect(step.state === before).toBe(change === undefined);
  expect(step.effects).toEqual(effects);
});

describe('the old key is retired', () => {
  test('when nothing that it signed can be on its way', () => {
    expect(rotationStep(switched, { kind: 'time', laggingIds: [] }, 1_000 + retireAfterMs - 1).state).toBe(switched);
    const { state, effects } = rotationStep(switched, { kind: 'time', laggingIds: ['gw-away'] }, 1_000 + retireAfterMs);
    expect(state).toEqual({
      phase: 'settled',
      revision: 6,
      current: 'B',
      sinceMs: 1_000 + retireAfterMs,
      withoutIds: [],
    });
    expect(effects).toEqual([list(6, ['B'], 'B'), { kind: 'erase', key: 'A' }]);
  });
});

test('a whole rotation: every list is signed by a key of the list before it', () => {
  let state = settled;
  let trusted: readonly string[] = ['A'];
  const inputs: RotationInput[] = [
    { kind: 'announce', next: 'B' },
    { kind: 'time', laggingIds: ['gw-1'] },
    { kind: 'time', laggingIds: [] },
    { kind: 'time', laggingIds: [] },
  ];
  for (const [index, input] of inputs.entries()) {
    const step = rotationStep(state, input, index * retireAfterMs);
    const lists = step.effects.filter((effect) => effect.kind === 'list');
    for (const each of lists) {
      expect(trusted).toContain(each.signedBy);
      trusted = each.keys;
    }
    const erased = step.effects.flatMap((effect) => (effect.kind === 'erase' ? [effect.key] : []));
    expect(trusted.filter((key) => erased.includes(key))).toEqual([]);
    expect(trusted).toContain(step.state.current);
    ({ state } = step);
  }
  expect([state.phase, state.current, trusted]).toEqual(['settled', 'B', ['B']]);
});

test('waiting for', () => {
  expect(waitingFor({ ...announced, withoutIds: ['a'] }, ['a', 'b'])).toEqual(['b']);
});
