import { expect, test } from 'vitest';
import { codeTyped, refusalAt } from './sign-in-step.ts';

test.each([
  ['#/sign-in/oidc-no-role', /none of your groups/],
  ['#/sign-in/oidc-too-late', /too long/],
  ['#/sign-in/constructor', /^$/],
  ['#/sign-in/<script>', /^$/],
  ['#/devices/gw.a', /^$/],
  ['', /^$/],
])('%s', (hash, says) => {
  expect(refusalAt(hash) ?? '').toMatch(says);
});

test.each([
  ['123 456', '123456'],
  [' 123456\n', '123456'],
  ['ab12-cd34 ', 'ab12-cd34'],
  ['', ''],
])('a code typed as "%s"', (text, code) => expect(codeTyped(text)).toBe(code));
