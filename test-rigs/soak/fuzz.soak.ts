import { seededRandom } from '../devices/seeded-random.ts';
import { apiUnderFuzz } from './fuzz/api.ts';
import { again, fuzz } from './fuzz/campaign.ts';
import type { FuzzResult } from './fuzz/campaign.ts';
import { fileTargets } from './fuzz/file-targets.ts';
import { decoderTargets } from './fuzz/targets.ts';
import type { Soak, SoakResult } from './soak.ts';

const wholeCampaign = 5_000_000;
/** A request costs as much as a hundred messages. */
const apiShare = 0.03;
/** Each of the two parts; on a machine that has other work, too, there may be time for fewer inputs. */
const mostMs = 30 * 60_000;
/** Every byte that each input left behind would make five megabytes. */
const decodersKeepBytes = 1;
/** What was entered and issued is there to stay. */
const apiKeepsBytes = 50;
/** What is compiled and cached late on the way passes for growth in a short campaign. */
const unevenBytes = 6_000_000;

/** Every decoder and every route, by everybody, under spoilt and odd inputs: nothing throws, nothing takes long, nothing is kept. */
const soak: Soak = async ({ seed, amount = wholeCampaign, input, log }) => {
  if (input !== undefined) return await ofOne(input, log);
  const ofApi = Math.ceil(amount * apiShare);
  const decoders = await ofDecoders(seed, amount - ofApi, log);
  const { routes, done, ...api } = await ofRoutes(seed, ofApi, log);
  const failures = [...decoders.failures, ...api.failures];
  if (failures.length > 0)
    log(
      `one of them again: npm run soak -- fuzz --input TARGET:SEED, as it begins; what comes of those before it, too: --seed ${seed} --seeds ${amount}`,
    );
  const isFlat = isFlatEnough(decoders, decodersKeepBytes) && isFlatEnough(api, apiKeepsBytes);
  return {
    name: 'fuzz',
    value: failures.length,
    unit: `failures in ${decoders.inputs + api.inputs} inputs (${decoders.seconds + api.seconds} s; kept of an input: ${decoders.keptBytesPerInput} bytes by decoders, ${api.keptBytesPerInput} by the API)`,
    limit: 0,
    kept: failures.length === 0 && isFlat,
    routes: routes.length,
    routesDone: done.size,
    neverDone: routes.filter((route) => !done.has(route)),
    decoders,
    api,
  };
};

async function ofOne(input: string, log: (line: string) => void): Promise<SoakResult> {
  const [files, api] = [await fileTargets(), await apiUnderFuzz(1_000)];
  try {
    const fault = await again([...decoderTargets(), ...files.targets, ...api.targets], input);
    if (fault !== undefined) log(fault);
    const value = fault === undefined ? 0 : 1;
    return { name: 'fuzz', value, unit: `failures of ${input}`, limit: 0, kept: value === 0 };
  } finally {
    files.end();
    await api.stop();
  }
}

async function ofDecoders(seed: number, inputs: number, log: (line: string) => void): Promise<FuzzResult> {
  const files = await fileTargets();
  try {
    return await fuzz([...decoderTargets(), ...files.targets], { seed, inputs, withinMs: mostMs, log });
  } finally {
    files.end();
  }
}

async function ofRoutes(
  seed: number,
  inputs: number,
  log: (line: string) => void,
): Promise<FuzzResult & { routes: readonly string[]; done: ReadonlySet<string> }> {
  const api = await apiUnderFuzz(1_000);
  try {
    log(`${await api.sweep(seededRandom(seed))} requests: every route by ${api.callers.join(', ')}`);
    const result = await fuzz(api.targets, { seed, inputs, withinMs: mostMs, log });
    return { ...result, routes: api.routes, done: api.done() };
  } finally {
    await api.stop();
  }
}

function isFlatEnough({ keptBytesPerInput, inputs }: FuzzResult, limitBytes: number): boolean {
  return keptBytesPerInput <= Math.max(limitBytes, unevenBytes / inputs);
}

export default soak;
