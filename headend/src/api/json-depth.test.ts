import { expect, test } from 'vitest';
import { nestsDeeperThan } from './json-depth.ts';

test.each([
  { json: '', deeper: false },
  { json: '[[1]]', deeper: false },
  { json: '[[[1]]]', deeper: true },
  { json: '{"a":[{}]}', deeper: true },
  { json: '[[],[],[]]', deeper: false },
  { json: '["[[[["]', deeper: false },
  { json: String.raw`["\\",[[]]]`, deeper: true },
  { json: String.raw`["\"[[[["]`, deeper: false },
  { json: '[[[', deeper: true },
])('$json nests deeper than two: $deeper', ({ json, deeper }) => {
  expect(nestsDeeperThan(2, json)).toBe(deeper);
});
