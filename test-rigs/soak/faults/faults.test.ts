import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { runSeed } from './world.ts';

const seeds = 60;
/** Within so many a breakage must show. */
const mutantSeeds = 300;

test('no seed breaks a promise', async () => {
  const sums = { commands: 0, confirmed: 0, crashes: 0 };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { findings, counts } = await runSeed(seed);
    expect({ seed, findings }).toEqual({ seed, findings: [] });
    sums.commands += counts.commands;
    sums.confirmed += counts.confirmed;
    sums.crashes += counts.crashes;
  }
  // A simulation in which nothing happens keeps every promise.
  expect(sums.commands).toBeGreaterThan(5 * seeds);
  expect(sums.confirmed).toBeGreaterThan(3 * seeds);
  expect(sums.crashes).toBeGreaterThan(seeds / 3);
}, 120_000);

test('one seed is one world: twice the same, event by event', async () => {
  const told = async (seed: number): Promise<string[]> => {
    const lines: string[] = [];
    await runSeed(seed, { trace: (say) => lines.push(say) });
    return lines;
  };
  const once = await told(7);
  expect(once.length).toBeGreaterThan(50);
  expect(await told(7)).toEqual(once);
});

test.each(Object.entries<Mutant>(mutants))(
  'it finds %s',
  async (_name, mutant) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= mutantSeeds && !mutant.breaks?.some((each) => found.has(each)); seed += 1)
      for (const { invariant } of (await runSeed(seed, { mutant })).findings) found.add(invariant);
    expect(mutant.breaks?.filter((each) => found.has(each))).not.toEqual([]);
  },
  120_000,
);
