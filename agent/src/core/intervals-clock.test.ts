import type { TimeQuality } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { clockIsRight, proveClock } from './intervals-clock.ts';

const proof = { offsetMs: 1_000_000, atMs: 0 };
const hourMs = 3_600_000;

test.each<[string, TimeQuality, number, number, boolean]>([
  ['told to be right', 'synchronised', 0, 0, true],
  ['told to be wrong', 'unsynchronised', hourMs, 0, false],
  ['without a word for hours', 'unknown', 20 * hourMs, 0, true],
  ['without a word for more than a day', 'unknown', 25 * hourMs, 0, false],
  ['without a word, and set meanwhile', 'unknown', hourMs, 3_000, false],
  ['without a word, and a little off', 'unknown', hourMs, -1_500, true],
])('a clock %s', (_, quality, monotonicMs, setMs, isRight) => {
  const now = { wallMs: 1_000_000 + monotonicMs + setMs, monotonicMs, quality };
  expect(clockIsRight(proof, now)).toBe(isRight);
});

test('a word that it is wrong takes away what was proven before', () => {
  const wrong = proveClock(proof, { wallMs: 1_000_000, monotonicMs: 5, quality: 'unsynchronised' });
  expect(wrong).toBe(undefined);
  const again = proveClock(wrong, { wallMs: 1_000_000, monotonicMs: 7, quality: 'synchronised' });
  expect(again).toEqual({ offsetMs: 999_993, atMs: 7 });
  expect(clockIsRight(undefined, { wallMs: 0, monotonicMs: 0, quality: 'unknown' })).toBe(false);
});
