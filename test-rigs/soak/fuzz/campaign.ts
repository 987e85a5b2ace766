import { setTimeout as wait } from 'node:timers/promises';
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
  /**
   * What an input leaves behind in memory: the slope of the straight line through what was used, after collection, from a fifth of the way on.
   * What is compiled and cached on the way is not in it.
   */
  readonly keptBytesPerInput: number;
  readonly memoryMb: number;
  readonly seconds: number;
};

/** No input may take more of the processor; and, waiting included, on a machine that has other work, too, no longer than ten times that. */
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
  const used: Look[] = [];
  let slowest = { ms: 0, what: '' };
  let done = 0;
  for (; done < inputs && performance.now() - beganMs < withinMs; done += 1) {
    if (done % Math.max(1, Math.floor(inputs / looks)) === 0) {
      used.push({ at: done, bytes: await usedBytes() });
      log?.(`${done} inputs, ${failures.length} failures, memory ${megabytes(used.at(-1)?.bytes ?? 0)} MB`);
    }
    const target = drawn(targets, draw.next() * sum);
    const inputSeed = Math.floor(draw.next() * 0x1_0000_0000);
    byTarget[target.name] = (byTarget[target.name] ?? 0) + 1;
    const fromMs = performance.now();
    const fault = await faultOf(target, inputSeed);
    const tookMs = performance.now() - fromMs;
    if (tookMs > slowest.ms) slowest = { ms: tookMs, what: nameOf(target, inputSeed) };
    if (fault !== undefined && failures.length < toldAtMost) {
      failures.push(fault);
      log?.(fault);
    }
  }
  used.push({ at: done, bytes: await usedBytes() });
  return {
    inputs: done,
    byTarget,
    failures,
    slowestMs: Math.round(slowest.ms),
    slowest: slowest.what,
    keptBytesPerInput: slopeOf(used.filter(({ at }) => at >= done / 5)),
    memoryMb: megabytes(used.at(-1)?.bytes ?? 0),
    seconds: Math.round((performance.now() - beganMs) / 1_000),
  };
}

/** One input alone, as a failure names it. Throws where no target is of that name. */
export async function again(targets: readonly Target[], input: string): Promise<string | undefined> {
  const [, name, seed] = /^(.+):(\d{1,10})$/.exec(input) ?? [];
  const target = targets.find((each) => each.name === name);
  if (target === undefined)
    throw new Error(`--input ${input}: it is TARGET:SEED, of ${targets.map((each) => each.name).join(', ')}`);
  return await faultOf(target, Number(seed));
}

const nameOf = ({ name }: Target, inputSeed: number): string => `${name}:${inputSeed}`;

async function faultOf(target: Target, inputSeed: number): Promise<string | undefined> {
  const fromMs = performance.now();
  const used = process.cpuUsage();
  try {
    const taken = target.take(seededRandom(inputSeed));
    if (taken !== undefined) await taken;
  } catch (error) {
    return `${nameOf(target, inputSeed)}: ${wordsOf(error)}`;
  }
  const tookMs = performance.now() - fromMs;
  if (tookMs <= longestMs) return undefined;
  const { user, system } = process.cpuUsage(used);
  const isTooLong = (user + system) / 1_000 > longestMs || tookMs > 10 * longestMs;
  return isTooLong ? `${nameOf(target, inputSeed)}: took ${Math.round(tookMs)} ms` : undefined;
}

function drawn(targets: readonly Target[], at: number): Target {
  let left = at;
  for (const target of targets) if ((left -= target.perMille) < 0) return target;
  return targets[0]!;
}

let collect: (() => void) | undefined;

/** Sockets and child processes that are over give their memory back a little later. */
const restMs = 150;

/** On the heap and beside it, as buffers are. */
async function usedBytes(): Promise<number> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  await wait(restMs);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

type Look = { readonly at: number; readonly bytes: number };

/** Of the line with the least squares, in bytes an input, to a tenth. */
export function slopeOf(looks: readonly Look[]): number {
  const mean = (of: (look: Look) => number): number => looks.reduce((sum, look) => sum + of(look), 0) / looks.length;
  const [at, bytes] = [mean((look) => look.at), mean((look) => look.bytes)];
  const spread = mean((look) => (look.at - at) ** 2);
  return spread === 0 ? 0 : Math.round((10 * mean((look) => (look.at - at) * (look.bytes - bytes))) / spread) / 10;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error);
}
