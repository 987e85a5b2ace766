import type { DeviceModel, Profile } from '@tiepoint/hardware-profiles';
import { profileHash } from '@tiepoint/hardware-profiles';
import { judgeItems } from '@tiepoint/protocol/field';
import type { CommissioningReport, ReportDevice, ReportItem } from '@tiepoint/protocol/field';
import type { Judgement } from './judgement.ts';
import type { PlannedItem } from './plan.ts';
import type { Progress } from './progress-file.ts';
import type { Photograph } from './photographs.ts';

/** The result of an item that was done or left out. `acceptance`: why a difference was accepted; without it, it failed. */
export function resultOf(
  item: PlannedItem,
  judged: Judgement & { readonly outcome: Exclude<Judgement['outcome'], 'interrupted'> },
  at: {
    readonly atMs: number;
    readonly tookMs: number;
    readonly attempts: number;
    readonly acceptance?: string | undefined;
  },
): ReportItem {
  const { say, measured, expected, plot, commandIds } = judged;
  const outcome = judged.outcome === 'differs' ? (at.acceptance === undefined ? 'failed' : 'passed') : judged.outcome;
  return {
    id: item.id,
    title: item.title,
    required: item.required,
    outcome,
    say: say.slice(0, 1_000),
    measured: measured.slice(0, 64),
    atMs: at.atMs,
    tookMs: Math.round(at.tookMs),
    attempts: at.attempts,
    ...(item.deviceId === undefined ? {} : { deviceId: item.deviceId }),
    ...(expected === undefined ? {} : { expected }),
    ...(judged.outcome === 'skipped' ? { reason: say.slice(0, 1_000) } : {}),
    ...(judged.outcome === 'differs' && at.acceptance !== undefined
      ? { accepted: true, reason: at.acceptance.slice(0, 1_000) }
      : {}),
    ...(commandIds === undefined || commandIds.length === 0 ? {} : { commandIds: commandIds.slice(0, 16) }),
    ...(plot === undefined ? {} : { plot }),
  };
}

/**
 * What counts now. A failure stands until the item passes: who leaves it out afterwards, or finds that it does not apply any more, has
 * mended nothing. `reason` tells what came of it since.
 */
export function standingResult(before: ReportItem | undefined, result: ReportItem): ReportItem {
  const isDone = result.outcome === 'passed' || result.outcome === 'failed';
  return before?.outcome === 'failed' && !isDone ? { ...before, reason: result.reason ?? result.say } : result;
}

/** What the report says of a device; of one that was never identified, what the configuration says. */
export function reportDevice(
  settings: { readonly id: string; readonly title?: string | undefined },
  profile: Profile,
  model: DeviceModel | undefined,
): ReportDevice {
  const { manufacturer, model: modelName, serialNumber, firmware } = model?.identity ?? {};
  const { ratedPowerW, ratedCurrentA, switchRatingA } = model?.limits ?? {};
  const known = {
    title: settings.title,
    manufacturer,
    model: modelName,
    serialNumber,
    firmware,
    ratedPowerW,
    ratedCurrentA,
    switchRatingA,
  };
  return {
    id: settings.id,
    profile: profile.name,
    profileHash: profileHash(profile),
    kind: profile.kind,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  };
}

/** The report of everything that was planned: what was never done is there, too, as not done. */
export function composeReport(
  progress: Progress,
  plan: readonly PlannedItem[],
  around: {
    readonly id: string;
    readonly gateway: CommissioningReport['gateway'];
    readonly devices: readonly ReportDevice[];
    readonly photographs: readonly Photograph[];
    readonly isEmulated: boolean;
    readonly nowMs: number;
  },
): CommissioningReport {
  const items = plan.map((item) => progress.results[item.id] ?? undone(item, around.nowMs));
  const { instrument, technician, siteId, siteTitle } = progress;
  return {
    version: 1,
    id: around.id,
    ...(around.isEmulated ? { emulated: true } : {}),
    site: { title: siteTitle ?? 'Site without a name', ...(siteId === undefined ? {} : { id: siteId }) },
    gateway: around.gateway,
    technician: technician ?? { name: 'not named' },
    ...(instrument === undefined
      ? {}
      : {
          instrument: {
            name: instrument.name,
            accuracy: `± ${instrument.accuracyPct} % of reading`,
            ...(instrument.serialNumber === undefined ? {} : { serialNumber: instrument.serialNumber }),
            ...(instrument.calibratedOn === undefined ? {} : { calibratedOn: instrument.calibratedOn }),
          },
        }),
    devices: around.devices,
    items,
    photographs: around.photographs.map(({ bytes: _bytes, ...photograph }) => photograph),
    startedAtMs: progress.startedAtMs,
    finishedAtMs: Math.max(around.nowMs, progress.startedAtMs),
    ...judgeItems(items),
  };
}

function undone(item: PlannedItem, nowMs: number): ReportItem {
  const say = 'Not done yet.';
  const outcome = resultOf(item, { outcome: 'skipped', say, measured: [] }, { atMs: nowMs, tookMs: 0, attempts: 0 });
  return outcome;
}
