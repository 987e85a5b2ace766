import type { Finding } from '../../network/model/finding.ts';
import { importRows, knownMeters } from '../import-requests.ts';
import { misfitOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { numberMeters } from '../requests.ts';
import type { Asker } from '../warehouse-request.ts';
import { findingsOf } from './interval-file.ts';
import type { FileInterval, FileReading } from './interval-file.ts';
import { readIntervalFile } from './read-interval-file.ts';

export type IntervalImport = {
  /** As findings name it. */
  readonly file: string;
  readonly text: string;
  readonly reading: FileReading;
  /** Meters that the warehouse does not know are made. */
  readonly newMeters: boolean;
  readonly dryRun: boolean;
  /** What is well is taken, though other lines are not. */
  readonly acceptErrors: boolean;
  readonly readAtMs: number;
  readonly nowMs: number;
  readonly progress: (at: ImportProgress) => void;
  /** Before anything is changed; where it is refused, nothing is. */
  readonly record: (say: string) => Promise<{ readonly ok: true } | { readonly ok: false; readonly say: string }>;
};

/** How far it is, in intervals; nothing is counted before the file is understood. */
export type ImportProgress = {
  readonly state: 'reading' | 'checking' | 'landing';
  readonly done: number;
  readonly total: number;
};

export type IntervalImported = {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly say: string;
  readonly landed: number;
  readonly same: number;
  readonly meters: number;
};

const rowsAtOnce = 20_000;

/** Reads a file, checks all of it, and takes it whole or not at all; once more it changes nothing. */
export async function importIntervals(ask: Asker, asked: IntervalImport): Promise<IntervalImported> {
  const { file, text, reading, progress } = asked;
  progress({ state: 'reading', done: 0, total: 0 });
  const { intervals, findings: read } = readIntervalFile(file, text, reading);
  progress({ state: 'checking', done: 0, total: intervals.length });
  const byMeter = Map.groupBy(intervals, ({ meter }) => meter);
  const strangers = asked.newMeters ? [] : await unknownMeters(ask, file, byMeter);
  const { faulty, findings: faults } = impossible(file, byMeter, asked.nowMs);
  const findings = [...read, ...strangers, ...faults];
  const counts = { landed: 0, same: 0, meters: byMeter.size };
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const ended = (ok: boolean, say: string): IntervalImported => ({ ok, findings, say: `${file}: ${say}`, ...counts });
  if (errors > 0 && !asked.acceptErrors)
    return ended(
      false,
      `${errors} ${errors === 1 ? 'error' : 'errors'}; nothing is imported. Mend them, or accept errors to take the rest`,
    );
  const unknown = new Set(strangers.flatMap(({ elements = [] }) => elements));
  const taken = intervals.filter((each) => !unknown.has(each.meter) && !faulty.has(each));
  if (taken.length === 0) return ended(false, 'holds no interval that can be taken; nothing is imported');
  const what = `${taken.length} intervals of ${byMeter.size - unknown.size} meters, ${spanWords(taken)}`;
  if (asked.dryRun) return ended(true, `${what} could be imported; nothing is changed`);
  const recorded = await asked.record(`${file}: imports ${what}`);
  if (!recorded.ok) return ended(false, `nothing is imported: ${recorded.say}`);
  const names = [...new Set(taken.map(({ meter }) => meter))];
  const numbered = await ask(
    numberMeters,
    names.map((name) => ({ name })),
  );
  if (!numbered.ok) return ended(false, `nothing is imported: ${numbered.say}`);
  const numbers = new Map(names.map((name, index) => [name, numbered.value[index] ?? 0]));
  for (let from = 0; from < taken.length; from += rowsAtOnce) {
    const rows = taken
      .slice(from, from + rowsAtOnce)
      .map((each) => rowOf(each, numbers.get(each.meter) ?? 0, asked.readAtMs));
    const done = await ask(importRows, { rows });
    if (!done.ok)
      return ended(
        false,
        `ended after ${counts.landed + counts.same} of ${taken.length} intervals: ${done.say}. Import it again: what is there is passed over`,
      );
    counts.landed += done.value.landed;
    counts.same += done.value.same;
    progress({ state: 'landing', done: counts.landed + counts.same, total: taken.length });
  }
  return ended(true, `${what}: ${counts.landed} new or changed, ${counts.same} known already`);
}

async function unknownMeters(
  ask: Asker,
  file: string,
  byMeter: ReadonlyMap<string, readonly FileInterval[]>,
): Promise<readonly Finding[]> {
  const names = [...byMeter.keys()];
  const known = await ask(knownMeters, { names });
  if (!known.ok) throw new Error(known.say);
  const found = new Set(known.value);
  return [...byMeter].flatMap(([meter, [first]]): Finding[] => {
    if (found.has(meter)) return [];
    const say = `the warehouse knows no meter ${meter}: enter it in the network, or say that new meters are made`;
    return [{ severity: 'error', code: 'intervals', say, elements: [meter], place: { file, line: first?.line ?? 1 } }];
  });
}

/** What no meter can have counted, before any of the file is taken. */
function impossible(
  file: string,
  byMeter: ReadonlyMap<string, readonly FileInterval[]>,
  nowMs: number,
): { readonly faulty: ReadonlySet<FileInterval>; readonly findings: readonly Finding[] } {
  const { tell, findings } = findingsOf(file);
  const faulty = new Set<FileInterval>();
  for (const intervals of byMeter.values()) {
    let before: FileInterval | undefined;
    for (const each of intervals.toSorted((one, other) => one.startS - other.startS)) {
      const fault = faultOf(each, before, nowMs);
      if (fault === undefined) before = each;
      else {
        faulty.add(each);
        tell(each.line, fault);
      }
    }
  }
  return { faulty, findings };
}

function faultOf(interval: FileInterval, before: FileInterval | undefined, nowMs: number): string | undefined {
  const { meter: _name, line: _line, isEstimate: _is, ...values } = interval;
  const misfit = misfitOf(values);
  if (misfit !== undefined) return misfit;
  const endMs = (interval.startS + interval.lengthS) * 1_000;
  if (endMs > nowMs)
    return `ends at ${new Date(endMs).toISOString()}, which is still to come: nothing can be counted yet`;
  if (before !== undefined && interval.startS < before.startS + before.lengthS)
    return `lies in the time of the interval of line ${before.line}`;
  return undefined;
}

function rowOf(
  { meter: _name, line: _line, isEstimate, ...values }: FileInterval,
  meter: number,
  readAtMs: number,
): IntervalRow {
  const source = isEstimate === true ? 'estimate' : 'file';
  return { ...values, meter, flags: 0, source, readS: Math.floor(readAtMs / 1_000) };
}

function spanWords(intervals: readonly FileInterval[]): string {
  let [fromS, toS] = [Number.POSITIVE_INFINITY, 0];
  for (const { startS, lengthS } of intervals)
    [fromS, toS] = [Math.min(fromS, startS), Math.max(toS, startS + lengthS)];
  return `${new Date(fromS * 1_000).toISOString()} to ${new Date(toS * 1_000).toISOString()}`;
}
