import type { ReportMeasurement } from '@tiepoint/protocol/field';
import type { Judgement } from './judgement.ts';
import { allMet } from './judgement.ts';

/** A device over the time of the cut, as the head-end tells it afterwards. */
export type LinkLossView = {
  readonly deviceId: string;
  /** Sequence numbers of statuses and events that it has, from before the cut until after. */
  readonly seqs: readonly number[];
  /** Sampled while the line was cut. */
  readonly sampledInCut: number;
  /** So many at least should have been. */
  readonly expectedInCut: number;
};

/**
 * The gateway cut its own line: did the head-end see it lost, did it come back, and was what was measured meanwhile filled in without a
 * gap? `seenLostAfterMs` and the like are absent where it did not happen in time.
 */
export function judgeLinkLoss(cut: {
  readonly cutMs: number;
  readonly seenLostAfterMs: number | undefined;
  readonly backAfterMs: number | undefined;
  readonly views: readonly LinkLossView[];
}): Judgement {
  const measured: readonly ReportMeasurement[] = [
    after('seen lost at the head-end after', cut.seenLostAfterMs, 'while the line is cut'),
    after('back at the head-end after', cut.backAfterMs, `after ${Math.round(cut.cutMs / 1000)} s`),
    ...cut.views.slice(0, 20).flatMap(filled),
  ];
  if (allMet(measured))
    return {
      outcome: 'passed',
      say: `The line was cut for ${Math.round(cut.cutMs / 1000)} s: the head-end saw it, and afterwards had every report of that time.`,
      measured,
    };
  const bad = measured.filter(({ met }) => met !== 'yes').map(({ point }) => point);
  return {
    outcome: 'failed',
    say: `After a cut of ${Math.round(cut.cutMs / 1000)} s not as it must be: ${bad.join('; ')}.`,
    measured,
  };
}

function after(point: string, tookMs: number | undefined, expected: string): ReportMeasurement {
  return tookMs === undefined
    ? { point, unit: 's', expected, met: 'no' }
    : { point, value: Math.round(tookMs / 100) / 10, unit: 's', expected, met: 'yes' };
}

function filled({ deviceId, seqs, sampledInCut, expectedInCut }: LinkLossView): readonly ReportMeasurement[] {
  const missing = missingSeqs(seqs).length;
  return [
    {
      point: `${deviceId}: reports of the time of the cut`,
      value: sampledInCut,
      expected: `at least ${expectedInCut}`,
      met: sampledInCut >= expectedInCut ? 'yes' : 'no',
    },
    {
      point: `${deviceId}: reports missing`,
      value: missing,
      expected: '0',
      met: seqs.length > 0 && missing === 0 ? 'yes' : 'no',
    },
  ];
}

/** Numbers that are not there between the first and the last; at most 1000 are named. */
export function missingSeqs(seqs: readonly number[]): readonly number[] {
  const has = new Set(seqs);
  const missing: number[] = [];
  const last = Math.max(...seqs);
  for (let seq = Math.min(...seqs); seq <= last && missing.length < 1_000; seq++) if (!has.has(seq)) missing.push(seq);
  return missing;
}
