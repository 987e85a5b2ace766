import { expect, test } from 'vitest';
import { findProfile, layOut, noHoles, readsEvery, WordImage } from '@tiepoint/hardware-profiles';
import type { ReadRequest } from './bus/bus.ts';
import { readSpans } from './device-reader.ts';

test.each([
  { profile: 'eastron-sdm630', what: 'floats of 32 bits', pointWords: [2] },
  { profile: 'abb-b23-b24', what: 'words, double words and counters of 64 bits', pointWords: [1, 2, 4] },
])('the bus is told how many registers a value of $profile takes: $what', async ({ profile, pointWords }) => {
  const { model } = layOut(findProfile(profile)!);
  const asked: ReadRequest[] = [];
  const reader = {
    read: (request: ReadRequest) => {
      asked.push(request);
      return Promise.resolve({ ok: true as const, value: Array.from({ length: request.quantity }, () => 0) });
    },
  };
  const target = {
    reader,
    unit: 1,
    model,
    // Gaps cost more than transactions: a read for each run of values.
    wireCost: { perTransactionMs: 0, perRegisterMs: 1 },
    learned: { holes: noHoles },
  };
  await readSpans(target, readsEvery(model, ['cycle', 'minute']), new WordImage(), {
    priority: 'poll',
    nowMs: () => 0,
  });
  expect(new Set(asked.map((each) => each.pointWords))).toEqual(new Set(pointWords));
  for (const { quantity, pointWords: words = 1 } of asked) expect(quantity % words).toBe(0);
});
