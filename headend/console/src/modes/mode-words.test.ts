import { expect, test } from 'vitest';
import { heardText } from './mode-words.ts';

test.each([
  [{ covered: 0, told: 0 }, /^No gateway is there: nobody follows it/],
  [undefined, /^No gateway is there/],
  [{ covered: 1, told: 1 }, /^Its gateway has heard/],
  [{ covered: 3, told: 3 }, /^All 3 gateways have heard/],
  [{ covered: 3, told: 1 }, /^1 of 3 gateways have heard; the others/],
])('%o', (gateways, say) => {
  expect(heardText(gateways)).toMatch(say);
});
