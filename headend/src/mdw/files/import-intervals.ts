import type { Result } from '@tiepoint/protocol';
import type { ImportProgress } from '../../network/importing/aside.ts';
import type { Finding } from '../../network/model/finding.ts';
import { importRows, knownMeters } from '../import-requests.ts';
import { misfitOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { numberMeters } from '../requests.ts';
import { veeLimits } from '../vee-rules.ts';
import type { Asker } from '../warehouse-request.ts';
import { findingsOf } from './interval-file.ts';
import type { FileInterval, FileReading } from './interval-file.ts';
import { readIntervalFile } from './read-interval-file.ts';
import type { FileContent } from './read-interval-file.ts';

export type IntervalImport = {
  /** As findings name it. */
  readonly file: string;
  readonly content: FileContent;
  readonly reading: FileReading;
  /** Meters that the warehouse does not know are made. */
  readonly newMeters: boolean;
  readonly dryRun: boolean;
  /** What is well is taken, though other lines are not. */
  readonly acceptErrors: boolean;
  /** Also what the meter itself counted otherwise; else that is a fault. */
  readonly replaceMeasured: boolean;
  readonly readAtMs: number;
  readonly nowMs: number;
  /** Counts intervals. */
  readonly progress: (at: ImportProgress) => void;
  /** Before anything is changed; where it is refused, nothing is. */
  readonly record: (say: string) => Promise<{ readonly ok: true } | { readonly ok: false; readonly say: string }>;
};

export type IntervalImported = {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly say: string;
  readonly landed: number;
  readonly same: number;
  /** Passed over: what stands was counted by the meter, read later, or is more than an estimate. */
  readonly behind: number;
  readonly meters: number;
};

const rowsAtOnce = 20_000;
/** As everywhere over the API. */
const longestName = 200;

/** Reads a file, checks all of it, and takes it whole or not at all; once more it changes nothing. */
export async function importIntervals(ask: Asker, asked: IntervalImport): Promise<IntervalImported> {
  const { file, content, reading, progress } = asked;
  progress({ state: 'reading', done: 0, total: 0 });
  const { intervals, findings: read } = await readIntervalFile(file, content, reading);
  progress({ state: 'checking', done: 0, total: intervals.length });
  const byMeter = Map.groupBy(intervals, ({ meter }) => meter);
  const { faulty, findings: faults } = impossible(asked, byMeter);
  const known = await knownAmong(
    ask,
    [...byMeter.keys()].filter((name) => nameFault(name) === undefined),
  );
  const strangers = asked.newMeters ? [] : unknownMeters(file, byMeter, known);
  const { otherwise, findings: counted } = await countedOtherwise(
    ask,
    asked,
    intervals.filter((each) => known.has(each.meter) && !faulty.has(each)),
  );
  const findings = [...read, ...strangers, ...faults, ...counted].toSorted((one, other) => lineOf(one) - lineOf(other));
  const counts = { landed: 0, same: 0, behind: 0, meters: byMeter.size };
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const ended = (ok: boolean, say: string): IntervalImported => ({ ok, findings, say: `${file}: ${say}`, ...counts });
  if (errors > 0 && !asked.acceptErrors)
    return ended(
      false,
      `${errors} ${errors === 1 ? 'error' : 'errors'}; nothing is imported. Mend them, or accept errors to take the rest`,
    );
  const unknown = new Set(strangers.flatMap(({ elements = [] }) => elements));
  const taken = intervals.filter((each) => !unknown.has(each.meter) && !faulty.has(each) && !otherwise.has(each));
  if (taken.length === 0) return ended(false, 'holds no interval that can be taken; nothing is imported');
  const what = `${taken.length} intervals of ${byMeter.size - unknown.size} meters, ${spanWords(taken)}`;
  if (asked.dryRun) return ended(true, `${what} could be imported; nothing is changed`);
  const recorded = await asked.record(`${file}: imports ${what}`);
  if (!recorded.ok) return ended(false, `nothing is imported: ${recorded.say}`);
  const names = [...new Set(taken.map(({ meter }) => meter))];
  const numbered = await numbersOf(ask, names);
  if (!numbered.ok) return ended(false, `nothing is imported: ${numbered.say}`);
  const numbers = numbered.value;
  for (let from = 0; from < taken.length; from += rowsAtOnce) {
    const rows = taken.slice(from, from + rowsAtOnce).map((each) => rowOf(each, numbers.get(each.meter) ?? 0, asked));
    const done = await ask(importRows, { rows, replaceMeasured: asked.replaceMeasured });
    if (!done.ok)
      return ended(
        false,
        `ended after ${from} of ${taken.length} intervals: ${done.say}. Import it again: what is there is passed over`,
      );
    counts.landed += done.value.landed;
    counts.same += done.value.same;
    counts.behind += done.value.behind + done.value.measured.length;
    progress({ state: 'landing', done: from + rows.length, total: taken.length });
  }
  const behind = counts.behind === 0 ? '' : `, ${counts.behind} passed over, for better or later ones stand`;
  return ended(true, `${what}: ${counts.landed} new or changed, ${counts.same} known already${behind}`);
}

async function knownAmong(ask: Asker, names: readonly string[]): Promise<ReadonlySet<string>> {
  const known = await ask(knownMeters, { names });
  if (!known.ok) throw new Error(known.say);
  return new Set(known.value);
}

async function numbersOf(ask: Asker, names: readonly string[]): Promise<Result<ReadonlyMap<string, number>>> {
  const numbered = await ask(
    numberMeters,
    names.map((name) => ({ name })),
  );
  if (!numbered.ok) return numbered;
  return { ok: true, value: new Map(names.map((name, index) => [name, numbered.value[index] ?? 0])) };
}

const lineOf = ({ place }: Finding): number => place?.line ?? 0;

/** What the meter itself counted is better than any file, unless it is said that it is not. */
async function countedOtherwise(
  ask: Asker,
  asked: IntervalImport,
  intervals: readonly FileInterval[],
): Promise<{ readonly otherwise: ReadonlySet<FileInterval>; readonly findings: readonly Finding[] }> {
  const { tell, findings } = findingsOf(asked.file);
  const otherwise = new Set<FileInterval>();
  if (intervals.length === 0) return { otherwise, findings };
  const numbered = await numbersOf(ask, [...new Set(intervals.map(({ meter }) => meter))]);
  if (!numbered.ok) throw new Error(numbered.say);
  for (let from = 0; from < intervals.length; from += rowsAtOnce) {
    const some = intervals.slice(from, from + rowsAtOnce);
    const rows = some.map((each) => rowOf(each, numbered.value.get(each.meter) ?? 0, asked));
    const looked = await ask(importRows, { rows, look: true });
    if (!looked.ok) throw new Error(looked.say);
    for (const index of looked.value.measured) {
      const each = some[index];
      if (each === undefined) continue;
      const say = `the meter ${each.meter} itself counted this interval, and otherwise`;
      if (asked.replaceMeasured) tell(each.line, `${say}: that gives way, and is kept`, 'warning');
      else {
        otherwise.add(each);
        tell(each.line, `${say}: that stands, unless measured values shall be replaced`);
      }
    }
  }
  return { otherwise, findings };
}

function unknownMeters(
  file: string,
  byMeter: ReadonlyMap<string, readonly FileInterval[]>,
  known: ReadonlySet<string>,
): readonly Finding[] {
  return [...byMeter].flatMap(([meter, [first]]): Finding[] => {
    if (known.has(meter) || nameFault(meter) !== undefined) return [];
    const say = `the warehouse knows no meter ${meter}: enter it in the network, or say that new meters are made`;
    return [{ severity: 'error', code: 'intervals', say, elements: [meter], place: { file, line: first?.line ?? 1 } }];
  });
}

/** What no meter can have counted, before any of the file is taken. */
function impossible(
  { file, content, nowMs }: IntervalImport,
  byMeter: ReadonlyMap<string, readonly FileInterval[]>,
): { readonly faulty: ReadonlySet<FileInterval>; readonly findings: readonly Finding[] } {
  const { tell, findings } = findingsOf(file);
  const unit = typeof content === 'string' ? 'line' : 'row';
  const faulty = new Set<FileInterval>();
  for (const [name, intervals] of byMeter) {
    const misnamed = nameFault(name);
    if (misnamed !== undefined) {
      for (const each of intervals) faulty.add(each);
      tell(intervals[0]?.line ?? 1, misnamed);
      continue;
    }
    let before: FileInterval | undefined;
    for (const each of intervals.toSorted((one, other) => one.startS - other.startS)) {
      const fault =
        faultOf(each, nowMs) ??
        (before !== undefined && each.startS < before.startS + before.lengthS
          ? `lies in the time of the interval of ${unit} ${before.line}`
          : undefined);
      if (fault === undefined) before = each;
      else {
        faulty.add(each);
        tell(each.line, fault);
      }
    }
  }
  return { faulty, findings };
}

function nameFault(name: string): string | undefined {
  if (name.length > longestName) return `the name of the meter has ${name.length} characters: ${longestName} at most`;
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(name) ? 'the name of the meter has characters that nobody can write' : undefined;
}

function faultOf(interval: FileInterval, nowMs: number): string | undefined {
  const { meter: _name, line: _line, isEstimate: _is, ...values } = interval;
  const misfit = misfitOf(values);
  if (misfit !== undefined) return misfit;
  const { importWh = 0, exportWh = 0, reactiveVarh = 0 } = values;
  const mostWh = Math.max(importWh, exportWh, Math.abs(reactiveVarh));
  if (mostWh > veeLimits.mostWh)
    return `tells ${mostWh / 1_000} kWh, which nobody takes in ${interval.lengthS / 60} minutes: are units mixed up?`;
  const endMs = (interval.startS + interval.lengthS) * 1_000;
  if (endMs > nowMs)
    return `ends at ${new Date(endMs).toISOString()}, which is still to come: nothing can be counted yet`;
  return undefined;
}

function rowOf(
  { meter: _name, line: _line, isEstimate, readS = Number.POSITIVE_INFINITY, ...values }: FileInterval,
  meter: number,
  { replaceMeasured, nowMs, readAtMs }: IntervalImport,
): IntervalRow {
  const source = isEstimate === true ? 'estimate' : 'file';
  const readAtS = Math.floor((replaceMeasured ? nowMs : readAtMs) / 1_000);
  // Who says that measured values give way, says it now; otherwise an old copy does not stand above what was corrected since.
  return { ...values, meter, flags: 0, source, readS: replaceMeasured ? readAtS : Math.min(readS, readAtS) };
}

function spanWords(intervals: readonly FileInterval[]): string {
  let [fromS, toS] = [Number.POSITIVE_INFINITY, 0];
  for (const { startS, lengthS } of intervals)
    [fromS, toS] = [Math.min(fromS, startS), Math.max(toS, startS + lengthS)];
  return `${new Date(fromS * 1_000).toISOString()} to ${new Date(toS * 1_000).toISOString()}`;
}
