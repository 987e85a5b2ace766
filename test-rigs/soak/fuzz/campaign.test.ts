import { expect, test } from 'vitest';
import { again, fuzz, slopeOf } from './campaign.ts';
import type { Target } from './targets.ts';

test('it sees a decoder that throws, and gives it the same input again', async () => {
  const weak = { name: 'weak', perMille: 1, take: () => decodeURIComponent('%') as unknown as void };
  const { failures } = await fuzz([weak], { seed: 1, inputs: 3 });
  expect(failures).toHaveLength(3);
  expect(failures[0]).toMatch(/^weak:\d+: URIError/);
  const name = /^weak:\d+/.exec(failures[0] ?? '')?.[0] ?? '';
  expect(await again([weak], name)).toBe(failures[0]);
  await expect(again([weak], 'strong:1')).rejects.toThrow('of weak');
});

test('it sees a decoder that keeps something of each input, and one that does not', async () => {
  const kept: Buffer[] = [];
  const slope = async (take: Target['take']): Promise<number> =>
    (await fuzz([{ name: 'one', perMille: 1, take }], { seed: 1, inputs: 10_000 })).keptBytesPerInput;
  expect(await slope(() => void kept.push(Buffer.alloc(1_000)))).toBeGreaterThan(900);
  kept.length = 0;
  expect(await slope(() => void Buffer.alloc(1_000))).toBeLessThan(100);
  expect(slopeOf([0, 1, 2].map((at) => ({ at, bytes: 7 + 3 * at })))).toBe(3);
}, 30_000);
