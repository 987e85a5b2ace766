import type { Acknowledgement, CommandKind, Reason } from '@tiepoint/protocol';
import type { ReportMeasurement } from '@tiepoint/protocol/field';
import { plain, toldMeasurement } from './judgement.ts';
import type { Judgement } from './judgement.ts';

/** A command as it was carried out by the gateway's own executor, and its last acknowledgement. */
export type CommandRun = {
  readonly commandId: string;
  readonly kind: CommandKind;
  /** What the report calls it, where an item gives one kind twice. */
  readonly words?: string;
  readonly last: Acknowledgement;
  /** From issuing to the last acknowledgement. */
  readonly tookMs: number;
};

/** Each command must be confirmed, which the executor says only of what it measured. Ends with the first that is not. */
export function judgeCommands(runs: readonly CommandRun[], asked: readonly CommandKind[]): Judgement {
  const measured = runs.flatMap(rowsOf).slice(0, 64);
  const commandIds = runs.map(({ commandId }) => commandId);
  const bad = runs.find(({ last }) => last.state !== 'confirmed');
  if (bad !== undefined)
    return {
      outcome: 'failed',
      say: `${bad.kind} ended ${bad.last.state}: ${bad.last.say ?? 'no reason told'}`,
      measured,
      commandIds,
    };
  if (runs.length < asked.length)
    return {
      outcome: 'failed',
      say: `${asked.slice(runs.length).join(', ')} was not carried out.`,
      measured,
      commandIds,
    };
  const times = runs.map(({ kind, words = kind, tookMs }) => `${words} in ${seconds(tookMs)}`);
  return { outcome: 'passed', say: `Measured as commanded: ${times.join(', ')}.`, measured, commandIds };
}

/** A command that must be refused, for one of these reasons. Anything else, a confirmation first of all, fails. */
export function judgeRefusal(run: CommandRun, wanted: readonly Reason[], when: string): Judgement {
  const { kind, last, commandId } = run;
  const expected = `refused: ${wanted.join(' or ')}`;
  const told = last.reason === undefined ? last.state : `${last.state}: ${last.reason}`;
  const isRight = last.state === 'refused' && last.reason !== undefined && wanted.includes(last.reason);
  const measured: readonly ReportMeasurement[] = [
    { point: kind, word: told, expected, met: isRight ? 'yes' : 'no' },
    ...(last.measured ?? []).map(toldMeasurement),
  ];
  const say = isRight
    ? `${kind} was refused ${when}, as it must be: ${last.say ?? ''}`.trim()
    : `${kind} must be refused ${when}, and ended ${told}: ${last.say ?? 'no reason told'}`;
  return { outcome: isRight ? 'passed' : 'failed', say, measured, commandIds: [commandId] };
}

/** Several parts of one item: the gravest counts, everything is told. */
export function joined(parts: readonly Judgement[]): Judgement {
  const gravity = ['interrupted', 'failed', 'skipped', 'differs', 'passed', 'not-applicable'] as const;
  const outcome = gravity.find((each) => parts.some((part) => part.outcome === each)) ?? 'not-applicable';
  const plot = parts.find((part) => part.plot !== undefined)?.plot;
  return {
    outcome,
    say: parts
      .map(({ say }) => say)
      .join(' ')
      .slice(0, 1_000),
    measured: parts.flatMap(({ measured }) => measured).slice(0, 64),
    commandIds: parts.flatMap(({ commandIds }) => commandIds ?? []).slice(0, 16),
    ...(plot === undefined ? {} : { plot }),
  };
}

function rowsOf({ kind, last, tookMs }: CommandRun): readonly ReportMeasurement[] {
  const met = last.state === 'confirmed' ? 'yes' : last.state === 'unconfirmed' ? 'unknown' : 'no';
  return [
    { point: kind, word: `${last.state} in ${seconds(tookMs)}`, expected: 'confirmed', met },
    ...(last.measured ?? []).map((measurement) => ({
      ...toldMeasurement(measurement),
      point: `${kind}: ${measurement.point}`,
    })),
  ];
}

export const seconds = (ms: number): string => `${plain(Math.round(ms / 10) / 100)} s`;
