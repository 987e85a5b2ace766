import type { Profile, SetpointName } from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters, Measured, PointName } from '@tiepoint/protocol';
import type { OrderedDevice, ReportPlot } from '@tiepoint/protocol/field';
import type { DeviceSettings } from '../../io/configuration.ts';
import type { CommandRun } from './command-outcome.ts';
import { seconds } from './command-outcome.ts';
import type { HeadEndClient } from './head-end-client.ts';
import type { SiteAccess } from './hosted-gateway.ts';
import type { PlannedItem } from './plan.ts';
import type { Questioner } from './questioner.ts';

/** All that an item may use. */
export type ItemContext = {
  readonly item: PlannedItem;
  readonly site: SiteAccess;
  readonly headEnd: HeadEndClient | undefined;
  readonly ask: Questioner;
  readonly technician: string;
  /** Class of the instrument, in percent of the reading. */
  readonly accuracyPct: number;
  readonly devices: readonly DeviceSettings[];
  readonly ordered: (deviceId: string) => OrderedDevice | undefined;
  /** Kept over a crash: how the device was found before this item moved it; `undefined` when it is so again. */
  readonly found: { get(): string | undefined; set(state: string | undefined): void };
  readonly cadenceMs: number;
  readonly progress: (text: string | undefined) => void;
  readonly signal: AbortSignal;
};

/** Of one device: its item always names one. */
export type DeviceContext = ItemContext & { readonly device: DeviceSettings; readonly profile: Profile };

/** Issues a command as the technician; an interrupt ends the waiting of the item, never the command. */
export async function order(
  context: DeviceContext,
  kind: CommandKind,
  parameters?: CommandParameters,
): Promise<CommandRun | undefined> {
  const { site, device, item, technician, progress } = context;
  const beganMs = performance.now();
  const ticking = setInterval(() => progress(`${device.id}: ${kind}, ${seconds(performance.now() - beganMs)}`), 500);
  try {
    return await site.command(device.id, {
      kind,
      operator: `commissioning by ${technician}`,
      cause: item.title,
      ...(parameters === undefined ? {} : { parameters }),
    });
  } finally {
    clearInterval(ticking);
    progress(undefined);
  }
}

/** The bus may have been opened a moment ago, or plugged in again: longer than it takes to open it and to ask who is there. */
export const identifyMs = 45_000;

/** Waits until each of these devices is identified, or the time is over, and says so. Those that are not. */
export async function awaitIdentified(
  { site, progress, signal }: Pick<ItemContext, 'site' | 'progress' | 'signal'>,
  deviceIds: readonly string[],
): Promise<readonly string[]> {
  const missing = (): readonly string[] => deviceIds.filter((id) => site.model(id) === undefined);
  if (missing().length === 0) return [];
  const beganMs = performance.now();
  const tell = (): void =>
    progress(
      `${missing().join(', ')}: waiting for an answer, ${Math.round((performance.now() - beganMs) / 1000)} s of at most ${identifyMs / 1000} s`,
    );
  tell();
  const ticking = setInterval(tell, 500);
  try {
    await Promise.all(deviceIds.map((id) => site.identified(id, identifyMs, signal)));
  } finally {
    clearInterval(ticking);
    progress(undefined);
  }
  return missing();
}

export type Sample = { readonly atS: number; readonly measured: Measured };

const samplePauseMs = 150;
const leadMs = 1_000;
const maxSamples = 1_500;

/** Looks at these points over and over while work is under way; bounded, thinning out when it takes long. */
export async function sampled<T>(
  { site, device }: DeviceContext,
  names: readonly (PointName | SetpointName)[],
  work: (mark: (say: string) => void) => Promise<T>,
): Promise<{ readonly value: T; readonly samples: readonly Sample[]; readonly marks: ReportPlot['marks'] }> {
  const beganMs = performance.now();
  const atS = (): number => (performance.now() - beganMs) / 1000;
  const samples: Sample[] = [];
  const marks: { atS: number; say: string }[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver && samples.length < maxSamples) {
      const decoded = await site.read(device.id, names);
      if (decoded !== undefined) samples.push({ atS: atS(), measured: decoded.measured });
      await pause(Math.max(samplePauseMs, atS() * 4));
    }
  })();
  try {
    // What was before shows beside what comes.
    await pause(leadMs);
    const value = await work((say) => marks.length < 8 && marks.push({ atS: atS(), say }));
    await pause(leadMs);
    return { value, samples, marks };
  } finally {
    isOver = true;
    await looking;
  }
}

/** One curve of what was sampled, as the report draws it; `undefined` where the device told nothing. */
export function plotOf(
  title: string,
  point: 'currentA' | 'activePowerW',
  samples: readonly Sample[],
  marks: ReportPlot['marks'],
): ReportPlot | undefined {
  const known = samples.flatMap(({ atS, measured }) => {
    const value = measured[point];
    return value === undefined ? [] : [{ atS: Math.round(atS * 1000) / 1000, value }];
  });
  if (known.length < 2) return undefined;
  return {
    title,
    unit: point === 'currentA' ? 'A' : 'W',
    curves: [{ name: point, drawn: 'line', atS: known.map(({ atS }) => atS), values: known.map(({ value }) => value) }],
    marks,
  };
}

/** Ends early when the signal does. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
    signal?.addEventListener('abort', end);
  });
}

/** Asks until it says so, with progress; `undefined` when the time is over or the work was interrupted. */
export async function waited<T>(
  { progress, signal }: Pick<ItemContext, 'progress' | 'signal'>,
  what: string,
  { withinMs, everyMs }: { withinMs: number; everyMs: number },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const beganMs = performance.now();
  try {
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      const passedMs = performance.now() - beganMs;
      if (passedMs >= withinMs || signal.aborted) return undefined;
      progress(`${what}: ${seconds(passedMs)} of at most ${seconds(withinMs)}`);
      await pause(Math.min(everyMs, withinMs - passedMs), signal);
    }
  } finally {
    progress(undefined);
  }
}
