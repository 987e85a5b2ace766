import type { IntervalView } from '../../../src/api/interval-contract.ts';
import { localHour } from '../load/local-hours.ts';

/** An interval, or a stretch of which nothing stands in the warehouse. */
export type IntervalRow = {
  readonly startS: number;
  readonly lengthS: number;
  readonly interval?: IntervalView;
};

/** How an energy is known. `absent`: nothing stands there; `missing`: the gateway said that it has nothing. */
export type Knowledge = 'measured' | 'estimated' | 'edited' | 'missing' | 'absent';

export function knowledgeOf({ interval }: IntervalRow): Knowledge {
  if (interval === undefined) return 'absent';
  const { source, importWh, exportWh } = interval;
  if (source === 'edited') return 'edited';
  if (importWh === undefined && exportWh === undefined) return 'missing';
  return source === 'estimate' || source === 'profile' ? 'estimated' : 'measured';
}

const usualLengthS = 3_600;

/** All of the time until `endS`: what stands, and in the gaps rows of the meter's usual length, so that they can be filled in. */
export function rowsOf(
  intervals: readonly IntervalView[],
  { fromS, toS }: { readonly fromS: number; readonly toS: number },
): readonly IntervalRow[] {
  const lengthS = mostFrequent(intervals.map((each) => each.lengthS)) ?? usualLengthS;
  const rows: IntervalRow[] = [];
  const fill = (from: number, to: number): void => {
    for (let at = from; at < to;) {
      const next = Math.min(to, at - (at % lengthS) + lengthS);
      // What is no whole interval cannot be filled in as one.
      if (next - at === lengthS) rows.push({ startS: at, lengthS });
      at = next;
    }
  };
  let reachedS = fromS;
  for (const interval of intervals) {
    fill(reachedS, interval.startS);
    rows.push({ startS: interval.startS, lengthS: interval.lengthS, interval });
    reachedS = Math.max(reachedS, interval.startS + interval.lengthS);
  }
  fill(reachedS, toS);
  return rows;
}

export type DaySum = {
  readonly day: string;
  readonly rows: readonly IntervalRow[];
  readonly importWh: number;
  readonly exportWh: number;
  readonly counts: Readonly<Record<Knowledge, number>>;
  readonly faults: number;
};

/** By local days, ordered. */
export function daySums(rows: readonly IntervalRow[], timeZone: string): readonly DaySum[] {
  return [...Map.groupBy(rows, ({ startS }) => localHour(startS, timeZone).day)].map(([day, of]) => {
    const counts = { measured: 0, estimated: 0, edited: 0, missing: 0, absent: 0 };
    for (const row of of) counts[knowledgeOf(row)] += 1;
    const total = (name: 'importWh' | 'exportWh'): number =>
      of.reduce((sum, { interval }) => sum + (interval?.[name] ?? 0), 0);
    const faults = of.filter(({ interval }) => (interval?.faults.length ?? 0) > 0).length;
    return { day, rows: of, importWh: total('importWh'), exportWh: total('exportWh'), counts, faults };
  });
}

function mostFrequent(lengths: readonly number[]): number | undefined {
  const counts = [...Map.groupBy(lengths, (length) => length)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return counts[0]?.[0];
}

/** Energies as people type them, in kWh: a number, nothing (not known), or neither. */
export function typedWh(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d{1,7}(\.\d{1,3})?$/.test(trimmed) ? Math.round(Number(trimmed) * 1_000) : undefined;
}

export const kwhText = (wh: number | undefined): string => (wh === undefined ? '' : String(wh / 1_000));
