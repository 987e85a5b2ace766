import type { HistoryPoint, HistoryResponse } from '../../../src/api/contract.ts';

type Column = (number | null)[];
/** Times in seconds, then lowest, highest and mean: the order that the plot draws. null is a gap, never a line across it. */
export type PlotData = readonly [times: number[], min: Column, max: Column, mean: Column];

export type Sample = { readonly timeMs: number; readonly value: number | undefined };

/** What came live is kept for the shown range, at most this many samples (two days at one a minute, three hours at 4 s). */
export const keptSamples = 3_000;

/**
 * History and what came live since, in one. Where nothing was heard for longer than `gapMs` the line is broken; and it ends
 * where hearing ended, so that an old value is not drawn up to now.
 */
export function plotData(
  history: HistoryResponse | undefined,
  point: HistoryPoint,
  live: readonly Sample[],
  gapMs: number,
): PlotData {
  const data: PlotData = [[], [], [], []];
  const column = history?.points.find((one) => one.point === point);
  const timesMs = history?.timesMs ?? [];
  const bucketMs = history?.stepMs ?? 0;
  let lastMs: number | undefined;
  for (const [place, timeMs] of timesMs.entries()) {
    const mean = column?.mean[place] ?? null;
    push(data, { timeMs, lastMs, gapMs: Math.max(gapMs, bucketMs * 2.5) }, [
      column?.min?.[place] ?? mean,
      column?.max?.[place] ?? mean,
      mean,
    ]);
    lastMs = timeMs;
  }
  const endMs = lastMs === undefined ? Number.NEGATIVE_INFINITY : lastMs + bucketMs;
  for (const { timeMs, value } of live) {
    if (timeMs <= endMs) continue;
    const shown = value ?? null;
    push(data, { timeMs, lastMs, gapMs: Math.max(gapMs, bucketMs * 2.5) }, [shown, shown, shown]);
    lastMs = timeMs;
  }
  return data;
}

function push(
  [times, ...columns]: PlotData,
  { timeMs, lastMs, gapMs }: { timeMs: number; lastMs: number | undefined; gapMs: number },
  values: readonly (number | null)[],
): void {
  if (lastMs !== undefined && timeMs - lastMs > gapMs) {
    times.push((lastMs + 1) / 1000);
    for (const column of columns) column.push(null);
  }
  times.push(timeMs / 1000);
  for (const [place, column] of columns.entries()) column.push(values[place] ?? null);
}

/** A sample that is not newer than the last replaces nothing; the oldest go first. */
export function keepSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.timeMs <= last.timeMs) return samples;
  return [...samples.slice(-(keptSamples - 1)), sample];
}
