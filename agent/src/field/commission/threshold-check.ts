import type { ReportMeasurement, Seen } from '@tiepoint/protocol/field';
import type { Judgement } from './judgement.ts';

/** A crossing that was brought about, and when. */
export type Crossing = { readonly direction: 'up' | 'down'; readonly fromMs: number };

/** Each crossing must have come to the head-end as an event of its own, in this order, sampled after it was brought about. */
export function judgeThreshold(
  thresholdPct: number,
  crossings: readonly Crossing[],
  events: Seen['events'],
): Judgement {
  const measured = crossings.map(({ direction, fromMs }): ReportMeasurement => {
    const found = crossingEvent(events, thresholdPct, { direction, fromMs });
    const point = `crossing ${thresholdPct} % ${direction}, event at the head-end`;
    if (found === undefined) return { point, expected: 'an event', met: 'no' };
    const tookS = Math.max(0, Math.round((found.atMs - fromMs) / 100) / 10);
    return { point, value: tookS, unit: 's', expected: 'an event', met: 'yes' };
  });
  const lost = measured.filter(({ met }) => met !== 'yes').length;
  return lost === 0 && measured.length > 0
    ? {
        outcome: 'passed',
        say: `The head-end was told of ${measured.length} crossings of ${thresholdPct} % as they happened.`,
        measured,
      }
    : {
        outcome: 'failed',
        say: `${lost} of ${measured.length} crossings of ${thresholdPct} % were not told to the head-end.`,
        measured,
      };
}

export function crossingEvent(
  events: Seen['events'],
  thresholdPct: number,
  { direction, fromMs }: Crossing,
): Seen['events'][number] | undefined {
  return events.find((event) => {
    if (event.kind !== 'threshold-crossed' || (event.deviceTimeMs ?? event.atMs) < fromMs) return false;
    const detail = (event.detail ?? {}) as { direction?: unknown; thresholdPct?: unknown };
    return detail.direction === direction && Math.abs(Number(detail.thresholdPct) - thresholdPct) < 0.06;
  });
}

/** A threshold that a limit can bring the device across, up and down: half of what it gives now. `undefined`: it gives too little. */
export function trialThreshold(
  activePowerW: number | undefined,
  ratedPowerW: number | undefined,
): { readonly thresholdPct: number; readonly limitPct: number } | undefined {
  if (activePowerW === undefined || ratedPowerW === undefined || ratedPowerW <= 0) return undefined;
  const nowPct = (100 * activePowerW) / ratedPowerW;
  if (nowPct < 12) return undefined;
  return { thresholdPct: Math.round(5 * nowPct) / 10, limitPct: Math.round(2.5 * nowPct) / 10 };
}
