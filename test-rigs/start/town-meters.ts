import type { NightReadView } from '@tiepoint/headend/api/read-contract.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { demonstrationNetwork } from '../network/demonstration-network.ts';
import type { Asking } from './first-sign-in.ts';

const metersEach = 400;
const lookMs = 1_000;
const readLongestMs = 20 * 60_000;

/** So many local days back the meters of the town are read at first: what their concentrators keep. */
export const townDays = 40;

export type Concentrator = { readonly id: string; readonly serialNumbers: readonly string[] };
export type TownPlan = {
  readonly mqttUrl: string;
  readonly members: readonly (Concentrator & { readonly identity: string; readonly named: 'by-number' })[];
};

/** The smart meters of the demonstration town, each behind a concentrator, as the network names them. */
export function townConcentrators(): readonly Concentrator[] {
  const serials = [...demonstrationNetwork().usagePoints.values()].flatMap(({ meter }) => meter ?? []);
  return Array.from({ length: Math.ceil(serials.length / metersEach) }, (_, index) => ({
    id: `concentrator-${index + 1}`,
    serialNumbers: serials.slice(index * metersEach, (index + 1) * metersEach),
  }));
}

/**
 * Has the head-end read what the meters kept, as its night's read does, and compute what the transformers carried. `stopped`: ends it between
 * two looks. Resolves to what there is to say.
 */
export async function readTown({ ask }: Asking, meters: number, stopped: () => boolean): Promise<string | undefined> {
  const deadlineMs = performance.now() + readLongestMs;
  while (!stopped() && (await introduced(ask)) < meters) {
    if (performance.now() > deadlineMs) return 'Not all meters of the town were heard.';
    await pause(lookMs);
  }
  if (stopped()) return undefined;
  const begun = await ask('/api/night-read', { method: 'POST' });
  if (!begun.ok) return `The meters of the town are not read: ${await begun.text()}`;
  for (;;) {
    await pause(lookMs);
    if (stopped()) return undefined;
    const { progress } = (await (await ask('/api/night-read')).json()) as NightReadView;
    if (progress?.landingFails !== undefined) return `The warehouse takes nothing: ${progress.landingFails}`;
    if (progress?.state === 'done' || progress?.state === 'over') {
      await ask('/api/load/runs', { method: 'POST' });
      return `${progress.read} of ${progress.meters} meters that lacked something are read (${progress.intervals} hours); the loads of their transformers are computed now.`;
    }
    if (performance.now() > deadlineMs) return 'The meters of the town are still being read.';
  }
}

async function introduced(ask: Asking['ask']): Promise<number> {
  const response = await ask('/api/health');
  const { devices } = (await response.json()) as { devices: Readonly<Record<string, number>> };
  return Object.values(devices).reduce((total, count) => total + count, 0);
}
