import type { ReportMeasurement, ReportPlot, Seen } from '@tiepoint/protocol/field';
import { allMet, plain } from './judgement.ts';
import type { Judgement } from './judgement.ts';

/** One device over the window: how it should report, and what the head-end saw. */
export type CadenceView = {
  readonly deviceId: string;
  readonly periodMs: number;
  /** Longest silence of a device that reports by exception. */
  readonly heartbeatMs: number | undefined;
  /** Only of the window. */
  readonly seen: Pick<Seen, 'statuses' | 'missedSeqs' | 'events'>;
};

/** Of the period: a report may come this much later or earlier than the last one plus a period. */
const jitterPct = 25;

/**
 * The rhythm of reports as it arrived at the head-end: how many, no gap, no missing sequence number, jitter of the sample times. A
 * change is reported between the beats, which is no jitter. `windowMs` shorter than asked for is told, and differs.
 */
export function judgeCadence(views: readonly CadenceView[], windowMs: number, askedMs: number): Judgement {
  const measured = views.flatMap((view) => rowsOf(view, windowMs)).slice(0, 64);
  const plot = arrivals(views, windowMs);
  const bad = measured
    .filter(({ met }) => met !== 'yes')
    .map(({ point, value, unit }) => `${point} ${value === undefined ? 'unknown' : plain(value)} ${unit ?? ''}`.trim());
  const minutes = `${plain(windowMs / 60_000)} min`;
  if (!allMet(measured))
    return { outcome: 'failed', say: `Over ${minutes} not on its rhythm: ${bad.join('; ')}.`, measured, plot };
  const say = `Over ${minutes} every report arrived at the head-end, on its rhythm.`;
  return windowMs >= askedMs - 1_000
    ? { outcome: 'passed', say, measured, plot }
    : { outcome: 'differs', say: `${say} Asked for are ${plain(askedMs / 60_000)} min.`, measured, plot };
}

function rowsOf(view: CadenceView, windowMs: number): readonly ReportMeasurement[] {
  const { deviceId, periodMs, heartbeatMs, seen } = view;
  const missed: ReportMeasurement = {
    point: `${deviceId}: reports missing`,
    value: seen.missedSeqs.length,
    expected: '0',
    met: seen.missedSeqs.length === 0 ? 'yes' : 'no',
  };
  const longestMs = Math.max(0, ...intervals(view));
  if (heartbeatMs !== undefined) return [missed, longest(deviceId, longestMs, 1.5 * heartbeatMs, seen.statuses.length)];
  const expected = Math.floor(windowMs / periodMs);
  // The beats at both ends of the window may fall on either side of it.
  const enough = seen.statuses.length >= expected - 1;
  const jitterMs = jitterOf(view);
  const allowedMs = (periodMs * jitterPct) / 100;
  return [
    {
      point: `${deviceId}: reports`,
      value: seen.statuses.length,
      expected: `at least ${expected - 1}`,
      met: enough ? 'yes' : 'no',
    },
    missed,
    longest(deviceId, longestMs, 1.5 * periodMs, seen.statuses.length),
    {
      point: `${deviceId}: jitter, 95 of 100 within`,
      ...(jitterMs === undefined ? {} : { value: jitterMs }),
      unit: 'ms',
      expected: `at most ${plain(allowedMs)} ms`,
      met: jitterMs === undefined ? 'unknown' : jitterMs <= allowedMs ? 'yes' : 'no',
    },
  ];
}

function longest(deviceId: string, longestMs: number, allowedMs: number, count: number): ReportMeasurement {
  const isKnown = count >= 2;
  return {
    point: `${deviceId}: longest silence`,
    ...(isKnown ? { value: longestMs } : {}),
    unit: 'ms',
    expected: `at most ${plain(allowedMs)} ms`,
    met: isKnown ? (longestMs <= allowedMs ? 'yes' : 'no') : 'unknown',
  };
}

/** Between the samples, in their order. */
function intervals({ seen }: CadenceView): readonly number[] {
  const times = seen.statuses.map(({ sampleMs }) => sampleMs).toSorted((a, b) => a - b);
  return times.slice(1).map((each, i) => each - (times[i] ?? each));
}

/** How far the samples are from the beat, which is the period laid over them as they lie best. */
function jitterOf({ seen, periodMs }: CadenceView): number | undefined {
  const times = seen.statuses.map(({ sampleMs }) => sampleMs);
  if (times.length < 3) return undefined;
  const phases = times.map((each) => each % periodMs);
  const beat = median(phases.map((each) => offset(each, phases[0] ?? 0, periodMs))) + (phases[0] ?? 0);
  const beats = new Map<number, number>();
  for (const each of times) {
    const nth = Math.round((each - beat) / periodMs);
    const off = Math.abs(offset(each, beat, periodMs));
    // Of several reports about one beat, the nearest is the beat's; the others told a change.
    beats.set(nth, Math.min(off, beats.get(nth) ?? Number.POSITIVE_INFINITY));
  }
  const offs = [...beats.values()].toSorted((a, b) => a - b);
  return offs[Math.min(offs.length - 1, Math.ceil(0.95 * offs.length) - 1)];
}

/** In (-period/2, period/2]. */
function offset(timeMs: number, beatMs: number, periodMs: number): number {
  const rest = (((timeMs - beatMs) % periodMs) + periodMs) % periodMs;
  return rest > periodMs / 2 ? rest - periodMs : rest;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const plotted = 4;

/** The time between reports, over time; the first devices only, for a plot of many tells nothing. */
function arrivals(views: readonly CadenceView[], windowMs: number): ReportPlot {
  const beginMs = Math.min(
    ...views.flatMap(({ seen }) => seen.statuses.slice(0, 1).map(({ sampleMs }) => sampleMs)),
    Number.MAX_SAFE_INTEGER,
  );
  return {
    title: `Time since the report before, over ${plain(windowMs / 60_000)} min`,
    unit: 's',
    curves: views.slice(0, plotted).map((view) => {
      const times = view.seen.statuses.map(({ sampleMs }) => sampleMs).toSorted((a, b) => a - b);
      return {
        name: view.deviceId,
        drawn: 'dots' as const,
        atS: times
          .slice(1)
          .map((each) => (each - beginMs) / 1000)
          .slice(0, 2_000),
        values: intervals(view)
          .map((each) => each / 1000)
          .slice(0, 2_000),
      };
    }),
    marks: [],
  };
}
