import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiUnderFuzz } from './api.ts';
import type { ApiUnderFuzz } from './api.ts';
import { fuzz } from './campaign.ts';
import { decoderTargets } from './targets.ts';

let api: ApiUnderFuzz;
beforeAll(async () => (api = await apiUnderFuzz(12)));
afterAll(() => api.stop());

test('a slice of the campaign: nothing throws, and nothing takes long', async () => {
  const { failures, inputs, byTarget } = await fuzz([...decoderTargets(), api.target], {
    seed: 4,
    inputs: 100_000,
    withinMs: 15_000,
  });
  expect(failures).toEqual([]);
  expect(inputs).toBeGreaterThan(5_000);
  expect(byTarget['api']).toBeGreaterThan(20);
}, 60_000);

test('every route of the API is asked', () => {
  expect(api.routes.length).toBeGreaterThan(30);
});

test('it sees a decoder that throws', async () => {
  const weak = { name: 'weak', perMille: 1, take: () => decodeURIComponent('%') as unknown as void };
  const { failures } = await fuzz([weak], { seed: 1, inputs: 3 });
  expect(failures).toHaveLength(3);
  expect(failures[0]).toMatch(/weak, input \d+: URIError/);
});
