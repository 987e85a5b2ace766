import { maxIntervals } from '@tiepoint/protocol';
import type { IntervalBlock, MeterInterval } from '@tiepoint/protocol';
import { floorTo } from './intervals-grid.ts';
import type { ClosedInterval } from './intervals.ts';

export type IntervalRange = {
  readonly requestId: string;
  /** Intervals that end after this; absent: from the first that is kept. */
  readonly fromMs: number | undefined;
  /** … and not after this. */
  readonly toMs: number;
  /** Those that end later have not ended yet, unless they are kept. */
  readonly nowMs: number;
  /** Of what is missing after the last that is kept. */
  readonly lengthS: number;
};

/**
 * The answer to a request for intervals: all of the range, `kept` in order and those that are not as `missing`, in blocks of one length each, the
 * last one `final`. Empty where nothing ended in the range.
 */
export function intervalBlocks(kept: readonly ClosedInterval[], range: IntervalRange): readonly IntervalBlock[] {
  const runs: { lengthS: number; intervals: MeterInterval[]; end: ClosedInterval | undefined }[] = [];
  const add = (interval: MeterInterval, lengthS: number, end: ClosedInterval | undefined): void => {
    const run = runs.at(-1);
    if (run?.lengthS === lengthS && run.intervals.length < maxIntervals) {
      run.intervals.push(interval);
      run.end = end;
    } else runs.push({ lengthS, intervals: [interval], end });
  };
  let untilMs = range.fromMs ?? startOf(kept[0]) ?? range.toMs;
  let lengthS = kept[0]?.lengthS ?? range.lengthS;
  const fill = (toMs: number, nextS: number): void => {
    for (const [endMs, ofS] of missingEnds(untilMs, toMs, lengthS, nextS))
      add({ endMs, flags: ['missing'] }, ofS, undefined);
  };
  for (const interval of kept) {
    fill(interval.endMs - interval.lengthS * 1_000, interval.lengthS);
    const { lengthS: ofS, importedRegisterWh: _imported, exportedRegisterWh: _exported, ...told } = interval;
    add(told, ofS, interval);
    [untilMs, lengthS] = [interval.endMs, ofS];
  }
  fill(Math.min(range.toMs, range.nowMs), range.lengthS);
  return runs.map(({ lengthS: intervalS, intervals, end }, index) => ({
    requestId: range.requestId,
    intervalS,
    intervals,
    final: index === runs.length - 1,
    importedRegisterWh: end?.importedRegisterWh,
    exportedRegisterWh: end?.exportedRegisterWh,
  }));
}

const startOf = (interval: ClosedInterval | undefined): number | undefined =>
  interval && interval.endMs - interval.lengthS * 1_000;

/** Ends after `fromMs` up to `toMs`, of the old length as long as the new one cannot begin, for that needs a full hour. */
function* missingEnds(
  fromMs: number,
  toMs: number,
  lengthS: number,
  nextS: number,
): Generator<readonly [number, number]> {
  let ofS = lengthS;
  for (let startMs = floorTo(fromMs, ofS); ;) {
    if (ofS !== nextS && startMs === floorTo(startMs, 3_600)) ofS = nextS;
    startMs += ofS * 1_000;
    if (startMs > toMs) return;
    if (startMs > fromMs) yield [startMs, ofS];
  }
}
