import { describe, expect, test } from 'vitest';
import { lineRules, lineViolations } from './line-rules.ts';
import { readTree, told } from './tree.ts';

describe.each(lineRules)('$rule', (rule) => {
  test.each(rule.bad)('catches $text', (file) => {
    expect(lineViolations([file], [rule])).toMatchObject([{ file: file.path, line: 1 }]);
  });

  test.each(rule.good)('lets through $text in $path', (file) => {
    expect(lineViolations([file], [rule])).toEqual([]);
  });

  test('the tree keeps to it', () => {
    expect(told(lineViolations(readTree(), [rule]))).toEqual([]);
  });
});

test('a failure names file, line and rule', () => {
  const file = { path: 'agent/src/core/poll.ts', text: '// x\n\nconst now =\n  Date.now();' };
  expect(told(lineViolations([file]))).toEqual([
    expect.stringMatching(/^agent\/src\/core\/poll\.ts:4 {2}Date\.: core is a function/),
  ]);
});
