import type { Seen } from '@tiepoint/protocol/field';
import { judgeCadence } from './cadence-check.ts';
import type { CadenceView } from './cadence-check.ts';
import { joined, judgeCommands } from './command-outcome.ts';
import type { CommandRun } from './command-outcome.ts';
import { judgeLinkLoss, missingSeqs } from './link-loss.ts';
import type { LinkLossView } from './link-loss.ts';
import { order, pause, waited } from './item-context.ts';
import type { DeviceContext, ItemContext } from './item-context.ts';
import type { HeadEndClient } from './head-end-client.ts';
import { interrupted, notApplicable, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { unidentified } from './looking-items.ts';
import { aboveRating, isLimitBack, limitFound, stopper } from './moving-items.ts';
import { crossingEvent, judgeThreshold, trialThreshold } from './threshold-check.ts';
import type { Crossing } from './threshold-check.ts';

const outOfReach =
  'The head-end is out of reach: enrol this gateway, or give --url, and repeat this item when the line is up.';
const onlineWaitMs = 30_000;
const eventWaitMs = 20_000;

/** A threshold on trial at half of what the device gives; a limit takes it below, lifting the limit brings it back. */
export async function threshold(context: DeviceContext): Promise<Judgement> {
  const { site, device, headEnd, signal } = context;
  if (headEnd === undefined) return skipped(outOfReach);
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  if (!model.commands.includes('limit-power'))
    return notApplicable('Its power cannot be limited, so no crossing can be brought about here.');
  const { activePowerW } = (await site.read(device.id, ['activePowerW']))?.measured ?? {};
  const excess = aboveRating(activePowerW, model.limits.ratedPowerW);
  if (excess !== undefined) return excess;
  const trial = trialThreshold(activePowerW, model.limits.ratedPowerW);
  if (trial === undefined)
    return skipped(
      'It gives less than 12 % of its rating (or its rating is not known): too little to cross a threshold.',
    );
  const stopped = await stopper(context, ['limit-power']);
  if (stopped !== undefined) return stopped;
  const wasMoved = context.found.get() !== undefined;
  const foundPct = await limitFound(context);
  site.tryOutThresholds(device.id, [trial.thresholdPct]);
  const crossings: Crossing[] = [];
  const limits: CommandRun[] = [];
  let events: Seen['events'] = [];
  const cross = async (direction: Crossing['direction'], limitPct: number): Promise<void> => {
    const crossing = { direction, fromMs: Date.now() - 1_000 };
    crossings.push(crossing);
    const run = await order(context, 'limit-power', { limitPct });
    if (run !== undefined) limits.push(run);
    await waited(
      context,
      `${device.id}: waiting for the event at the head-end`,
      { withinMs: eventWaitMs, everyMs: 1_000 },
      async () => {
        const seen = await headEnd.seen(device.id, crossings[0]?.fromMs ?? 0);
        if (seen.ok) events = seen.value.events;
        return crossingEvent(events, trial.thresholdPct, crossing);
      },
    );
  };
  try {
    // The agent must have seen it above the new threshold before it can see it fall below.
    await pause(3 * device.pollMs, signal);
    await cross('down', trial.limitPct);
    await cross('up', foundPct);
  } finally {
    site.tryOutThresholds(device.id, undefined);
  }
  // The trial is over only when the limit of before is back.
  const isBack = isLimitBack(limits, wasMoved);
  if (isBack) context.found.set(undefined);
  if (signal.aborted) return interrupted;
  return joined([
    judgeThreshold(trial.thresholdPct, crossings, events),
    ...(limits[1]?.last.state === 'confirmed' ? [] : [judgeCommands(limits, ['limit-power', 'limit-power'])]),
  ]);
}

const cutMs = 25_000;
const backWaitMs = 60_000;
const fillWaitMs = 60_000;
/** The head-end answers a gateway about twice a second for long. */
const askPaceMs = 600;

/** Cuts the line, sees at the head-end that it was seen, and afterwards that nothing is missing. */
export async function linkLoss(context: ItemContext): Promise<Judgement> {
  const { headEnd, site, ask, item, devices, signal } = context;
  if (headEnd === undefined) return skipped(outOfReach);
  const consent = await ask.consent(item.id, item.warning ?? '');
  if (!consent.ok) return consent.stop;
  if (!consent.value) return skipped('No consent was given.');
  const [first] = devices;
  if (first === undefined) return notApplicable('The configuration has no device.');
  const ready = await waited(
    context,
    'waiting until the head-end sees the gateway',
    { withinMs: onlineWaitMs, everyMs: 1_000 },
    async () => {
      const seen = await headEnd.seen(first.id, Date.now() - 60_000);
      return site.online && seen.ok && seen.value.gatewayOnline ? seen.value : undefined;
    },
  );
  if (signal.aborted) return interrupted;
  if (ready === undefined)
    return {
      outcome: 'failed',
      say: 'The head-end does not see this gateway: is the broker reached (`tiepoint-agent doctor`)?',
      measured: [],
    };
  for (const { id } of devices) await headEnd.seen(id, ready.nowMs);
  // Something from before the cut, so that a gap at its edge shows.
  await pause(2 * first.periodMs, signal);
  const cutAtMs = Date.now();
  site.cutLink(cutMs);
  const elapsedMs = (): number => Date.now() - cutAtMs;
  const lost = await waited(
    context,
    'the line is cut; waiting until the head-end sees it',
    { withinMs: cutMs - 1_000, everyMs: 1_000 },
    async () => {
      const seen = await headEnd.seen(first.id, cutAtMs);
      return seen.ok && !seen.value.gatewayOnline ? elapsedMs() : undefined;
    },
  );
  await pause(cutMs - elapsedMs(), signal);
  const endMs = Date.now();
  const back = await waited(
    context,
    'waiting until the head-end sees it back',
    { withinMs: backWaitMs, everyMs: 1_000 },
    async () => {
      const seen = await headEnd.seen(first.id, cutAtMs);
      return site.online && seen.ok && seen.value.gatewayOnline ? elapsedMs() : undefined;
    },
  );
  const views = await filled(context, headEnd, { cutAtMs, endMs });
  return signal.aborted ? interrupted : judgeLinkLoss({ cutMs, seenLostAfterMs: lost, backAfterMs: back, views });
}

/** Waits until no device has a gap any more, and gives what is there then. */
async function filled(
  context: ItemContext,
  headEnd: HeadEndClient,
  { cutAtMs, endMs }: { cutAtMs: number; endMs: number },
): Promise<readonly LinkLossView[]> {
  const { devices } = context;
  let views: readonly LinkLossView[] = [];
  await waited(
    context,
    'waiting until history has filled the gap',
    { withinMs: fillWaitMs, everyMs: Math.max(2_000, askPaceMs * devices.length) },
    async () => {
      views = await Promise.all(
        devices.map(async ({ id, periodMs, reporting }): Promise<LinkLossView> => {
          const seen = await headEnd.seen(id, cutAtMs - 2 * periodMs);
          const value = seen.ok ? seen.value : undefined;
          const statuses = value?.statuses ?? [];
          const inCut = statuses.filter(({ sampleMs }) => sampleMs >= cutAtMs && sampleMs <= endMs).length;
          const seqs = [
            ...statuses.map(({ seq }) => seq),
            ...(value?.events ?? []).flatMap(({ seq }) => (seq === undefined ? [] : [seq])),
          ];
          const expectedInCut =
            reporting === 'periodic' ? Math.max(0, Math.floor((endMs - cutAtMs) / periodMs) - 1) : 0;
          return { deviceId: id, seqs, sampledInCut: inCut, expectedInCut };
        }),
      );
      const isWhole = views.every(
        ({ seqs, sampledInCut, expectedInCut }) =>
          seqs.length > 0 && missingSeqs(seqs).length === 0 && sampledInCut >= expectedInCut,
      );
      return isWhole ? views : undefined;
    },
  );
  return views;
}

/** What the requirement asks for. */
export const fiveMinutesMs = 300_000;

/** Watches the rhythm of all devices at the head-end at once. */
export async function cadence(context: ItemContext): Promise<Judgement> {
  const { headEnd, devices, signal, cadenceMs, progress } = context;
  if (headEnd === undefined) return skipped(outOfReach);
  // The head-end notes arrivals from the first question on.
  let beganMs = 0;
  for (const { id } of devices) {
    const first = await headEnd.seen(id, Date.now());
    if (!first.ok) return skipped(`${outOfReach} ${first.say}`);
    beganMs = first.value.nowMs;
  }
  const endsAt = performance.now() + cadenceMs;
  while (performance.now() < endsAt && !signal.aborted) {
    progress(`rhythm at the head-end: ${Math.ceil((endsAt - performance.now()) / 1000)} s to go`);
    await pause(Math.min(1_000, endsAt - performance.now()), signal);
  }
  progress(undefined);
  if (signal.aborted) return interrupted;
  const views: CadenceView[] = [];
  for (const { id, periodMs, reporting, heartbeatMs } of devices) {
    const seen = await headEnd.seen(id, beganMs);
    if (!seen.ok) return { outcome: 'failed', say: `The head-end could not be asked: ${seen.say}`, measured: [] };
    views.push({
      deviceId: id,
      periodMs,
      heartbeatMs: reporting === 'periodic' ? undefined : heartbeatMs,
      seen: seen.value,
    });
  }
  return judgeCadence(views, cadenceMs, fiveMinutesMs);
}
