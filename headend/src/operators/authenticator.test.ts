import { expect, test } from 'vitest';
import { totpStep, totpUri } from './authenticator.ts';

/** Of RFC 6238, appendix B: the ASCII secret 12345678901234567890, and the last six of its eight digits. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
])('at %d s the code is %s', (seconds, code) => {
  const step = Math.floor(seconds / 30);
  expect(totpStep(secret, code, 0, seconds * 1_000)).toBe(step);
  // A clock that is one step off does; two do not.
  expect(totpStep(secret, code, 0, (seconds + 30) * 1_000)).toBe(step);
  expect(totpStep(secret, code, 0, (seconds + 60) * 1_000)).toBeUndefined();
  // No code twice, nor one from before it.
  expect(totpStep(secret, code, step, seconds * 1_000)).toBeUndefined();
});

test.each(['', '28708', '2870822', 'abcdef', '287082; DROP TABLE people'])('%j is no code', (code) => {
  expect(totpStep(secret, code, 0, 59_000)).toBeUndefined();
});

test('the URI is what authenticators read', () => {
  expect(totpUri(secret, 'ada')).toMatch(/^otpauth:\/\/totp\/Tiepoint:ada\?issuer=Tiepoint&secret=GEZDGNBVGY3TQOJQ/);
});
