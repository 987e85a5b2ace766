import { expect, test } from 'vitest';
import { commandKinds } from './kinds.ts';
import { takesTwo } from './two-operators.ts';

test('what joins two sources takes two operators, and nothing else does', () => {
  const needs = (capabilities: Parameters<typeof takesTwo>[1]) =>
    commandKinds.filter((kind) => takesTwo(kind, capabilities) !== undefined);
  expect(needs(['generation', 'breaker', 'synchroniser'])).toEqual(['connect', 'activate-synchronization']);
  expect(needs(['meter', 'service-switch'])).toEqual(['activate-synchronization']);
  expect(needs([])).toEqual(['activate-synchronization']);
});
