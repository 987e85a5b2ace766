import { parentPort, workerData } from 'node:worker_threads';
import type { SeedRange } from './campaign.ts';
import { runSeed } from './world.ts';

const { from, end, step } = workerData as SeedRange;
for (let seed = from; seed < end; seed += step) parentPort?.postMessage(await runSeed(seed));
