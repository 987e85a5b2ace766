import { expect, test } from 'vitest';
import { nearestName, nearestNames } from './nearest-name.ts';

test.each([
  ['bus1', 'buss'],
  ['transfomer', 'transformer'],
  ['x', undefined],
  ['b'.repeat(201), undefined],
])('%s: %s is meant', (written, meant) => {
  expect(nearestName(written, ['transformer', 'buss', 'b'.repeat(202)])).toBe(meant);
});

test('of a file with a fault in each of its lines only the first are told what may be meant, for each is compared with all names', () => {
  const names = new Set(Array.from({ length: 200_000 }, (_, index) => `transformer-${index}`));
  const nearest = nearestNames();
  const found = Array.from({ length: 2_000 }, () => nearest('transformers-7', names));
  expect(found.filter((each) => each !== undefined)).toEqual(Array.from({ length: 5 }, () => 'transformer-7'));
});
