import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../../devices/seeded-random.ts';
import type { Target } from './targets.ts';

export type FuzzResult = {
  readonly inputs: number;
  readonly byTarget: Readonly<Record<string, number>>;
  /** What went wrong, with how to see it again. */
  readonly failures: readonly string[];
  readonly slowestMs: number;
  readonly slowest: string;
  /** The heap, after collection, at the end less that after a tenth of the way: what is kept from each input would show here. */
  readonly grownMb: number;
  readonly seconds: number;
};

/** No input may take longer, on a machine that has other work, too. */
const longestMs = 2_000;
const looks = 20;
const toldAtMost = 20;

/**
 * Gives `inputs` inputs, or as many as there is time for, to the targets by their share. Each input has a seed of its own, so that one
 * that fails is given again alone.
 */
export async function fuzz(
  targets: readonly Target[],
  {
    seed,
    inputs,
    withinMs = Number.POSITIVE_INFINITY,
    log,
  }: { seed: number; inputs: number; withinMs?: number; log?: (line: string) => void },
): Promise<FuzzResult> {
  const beganMs = performance.now();
  const draw = seededRandom(seed);
  const sum = targets.reduce((all, { perMille }) => all + perMille, 0);
  const failures: string[] = [];
  const byTarget: Record<string, number> = {};
  const heaps: number[] = [];
  let slowest = { ms: 0, what: '' };
  let done = 0;
  for (; done < inputs && performance.now() - beganMs < withinMs; done += 1) {
    if (done % Math.max(1, Math.floor(inputs / looks)) === 0) {
      heaps.push(heapMb());
      log?.(`${done} inputs, ${failures.length} failures, heap ${heaps.at(-1)?.toFixed(1)} MB`);
    }
    const target = drawn(targets, draw.next() * sum);
    const inputSeed = Math.floor(draw.next() * 0x1_0000_0000);
    byTarget[target.name] = (byTarget[target.name] ?? 0) + 1;
    const fromMs = performance.now();
    try {
      const taken = target.take(seededRandom(inputSeed));
      if (taken !== undefined) await taken;
    } catch (error) {
      if (failures.length < toldAtMost) failures.push(`${target.name}, input ${inputSeed}: ${wordsOf(error)}`);
    }
    const tookMs = performance.now() - fromMs;
    if (tookMs > slowest.ms) slowest = { ms: tookMs, what: `${target.name}, input ${inputSeed}` };
    if (tookMs > longestMs && failures.length < toldAtMost)
      failures.push(`${target.name}, input ${inputSeed}: took ${Math.round(tookMs)} ms`);
  }
  heaps.push(heapMb());
  const warm = heaps[Math.ceil(heaps.length / 10)] ?? 0;
  return {
    inputs: done,
    byTarget,
    failures,
    slowestMs: Math.round(slowest.ms),
    slowest: slowest.what,
    grownMb: Math.round(10 * ((heaps.at(-1) ?? 0) - warm)) / 10,
    seconds: Math.round((performance.now() - beganMs) / 1_000),
  };
}

function drawn(targets: readonly Target[], at: number): Target {
  let left = at;
  for (const target of targets) if ((left -= target.perMille) < 0) return target;
  return targets[0]!;
}

let collect: (() => void) | undefined;

function heapMb(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error);
}
