import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Invariant } from './witness.ts';
import type { SeedResult } from './world.ts';

export type CampaignResult = {
  readonly seeds: number;
  /** Seeds under which a promise was broken. */
  readonly broken: number;
  readonly lost: number;
  readonly repeated: number;
  readonly falseConfirmed: number;
  /** All other broken promises. */
  readonly others: number;
  readonly commands: number;
  readonly writes: number;
  readonly confirmed: number;
  readonly crashes: number;
  readonly events: number;
  readonly simulatedHours: number;
  readonly seconds: number;
};

/** What a worker is given: every `step`th seed from `from` on, below `end`. */
export type SeedRange = { readonly from: number; readonly end: number; readonly step: number };

const workers = 2;
const toldAtMost = 20;

/** Runs seeds in two threads. A seed that breaks a promise is told at once, and how to see it again. */
export async function runCampaign({
  from,
  seeds,
  log,
}: {
  from: number;
  seeds: number;
  log: (line: string) => void;
}): Promise<CampaignResult> {
  const began = performance.now();
  const broken: Partial<Record<Invariant, number>> = {};
  const sums = { commands: 0, writes: 0, confirmed: 0, crashes: 0, events: 0, simulatedMs: 0 };
  let brokenSeeds = 0;
  let done = 0;
  const take = ({ seed, findings, counts, events, simulatedMs }: SeedResult): void => {
    for (const name of ['commands', 'writes', 'confirmed', 'crashes'] as const) sums[name] += counts[name];
    sums.events += events;
    sums.simulatedMs += simulatedMs;
    done += 1;
    if (done % 1_000 === 0) log(`${done} of ${seeds} seeds, ${brokenSeeds} broken`);
    if (findings.length === 0) return;
    brokenSeeds += 1;
    for (const { invariant } of findings) broken[invariant] = (broken[invariant] ?? 0) + 1;
    if (brokenSeeds > toldAtMost) return;
    log(`seed ${seed}: ${findings[0]?.invariant}: ${findings[0]?.say}`);
    log(`  again, step by step: npm run soak -- faults --seed ${seed} --trace`);
  };
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const workerData: SeedRange = { from: from + index, end: from + seeds, step: workers };
      const worker = new Worker(new URL('seed-worker.ts', import.meta.url), { workerData });
      worker.on('message', take);
      await once(worker, 'exit');
    }),
  );
  if (done !== seeds) throw new Error(`${done} of ${seeds} seeds came to an end`);
  const { lost = 0, repeated = 0, falseConfirmed = 0 } = broken;
  const all = Object.values(broken).reduce((sum, count) => sum + count, 0);
  const { simulatedMs, ...counts } = sums;
  return {
    seeds,
    broken: brokenSeeds,
    lost,
    repeated,
    falseConfirmed,
    others: all - lost - repeated - falseConfirmed,
    ...counts,
    simulatedHours: Math.round(simulatedMs / 3_600_000),
    seconds: Math.round((performance.now() - began) / 1_000),
  };
}
