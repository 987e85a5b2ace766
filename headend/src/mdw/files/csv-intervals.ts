import { tableLines } from '../../network/tables/table-lines.ts';
import type { Columns, TableLine } from '../../network/tables/table-lines.ts';
import { instantOf, instantsOf } from '../local-instant.ts';
import { findingsOf, isIntervalLength, lengthWords } from './interval-file.ts';
import type { FileInterval, FileReading, IntervalFileRead, Teller } from './interval-file.ts';

type Column =
  | 'meter'
  | 'start'
  | 'end'
  | 'minutes'
  | 'import_wh'
  | 'import_kwh'
  | 'export_wh'
  | 'export_kwh'
  | 'reactive_varh'
  | 'reactive_kvarh'
  | 'voltage_v'
  | 'quality';

const columns: Columns<Column> = {
  meter: { names: ['meter_number', 'meter_id', 'service_point', 'usage_point'] },
  start: { names: ['from', 'interval_start', 'start_time', 'time'] },
  end: { names: ['to', 'interval_end', 'end_time'] },
  minutes: { names: ['length_min', 'interval_minutes'] },
  import_wh: { names: ['wh', 'delivered_wh'] },
  import_kwh: { names: ['kwh', 'delivered_kwh', 'usage_kwh'] },
  export_wh: { names: ['received_wh'] },
  export_kwh: { names: ['received_kwh', 'generated_kwh'] },
  reactive_varh: { names: ['varh'] },
  reactive_kvarh: { names: ['kvarh'] },
  voltage_v: { names: ['voltage', 'volts'] },
  quality: { names: ['status'] },
};

type Line = TableLine<Column>;
/** A line whose meter and time are understood. */
type Timed = {
  readonly line: Line;
  readonly meter: string;
  readonly atS: number;
  /** Of a time that is there twice, as the clocks go back: the other instant that it can mean. */
  readonly orS?: number;
};

/**
 * CSV with a line an interval. Times are local by the zone unless they have an offset; of the hour that is there twice the first lines of a meter are the
 * earlier, so that its lines are in the order of time. `end` may stand for `start`. Where such a time is there once, nobody can tell which it is, and it is told.
 */
export function readCsvIntervals(file: string, text: string, reading: FileReading): IntervalFileRead {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const { tell, findings } = findingsOf(file);
  findings.push(...faults);
  const byMeter = Map.groupBy(timed(lines, reading, tell), ({ meter }) => meter);
  for (const each of byMeter.values()) tellOnce(each, tell);
  const intervals = [...byMeter.values()].flatMap((each) => ofMeter(each, tell));
  return { intervals, findings };
}

function timed(lines: readonly Line[], { timeZone, meter: given }: FileReading, tell: Teller): readonly Timed[] {
  const lastOf = new Map<string, number>();
  return lines.flatMap((line): Timed[] => {
    const { cells } = line;
    const meter = cells.meter ?? given;
    const written = cells.start ?? cells.end;
    if (meter === undefined)
      return told(tell, line, 'names no meter: fill the column meter, or name it for the whole file');
    if (written === undefined) return told(tell, line, 'has neither start nor end');
    const found = instantAfter(timeZone, written, lastOf.get(meter));
    if (typeof found === 'string') return told(tell, line, found);
    lastOf.set(meter, found.atS);
    return [{ line, meter, ...found }];
  });
}

/** A file of a system that knows the hour but once has lost the other, or added both up. */
function tellOnce(lines: readonly Timed[], tell: Teller): void {
  const there = new Set(lines.map(({ atS }) => atS));
  for (const { line, atS, orS } of lines)
    if (orS !== undefined && !there.has(orS)) {
      const [taken, other] = [atS, orS].map((each) => new Date(each * 1_000).toISOString());
      const say = `this time is there twice, for the clocks go back, and the file has it once: write it with its offset (it may be ${taken} or ${other})`;
      tell(line.line, say);
    }
}

/** Text: why not. */
function instantAfter(
  timeZone: string,
  written: string,
  beforeS: number | undefined,
): Pick<Timed, 'atS' | 'orS'> | string {
  const found = instantOf(timeZone, written);
  if (found.ok) return { atS: found.value };
  const [first, second] = bothOf(timeZone, written);
  if (first !== undefined && second !== undefined)
    return beforeS === undefined || first > beforeS ? { atS: first, orS: second } : { atS: second, orS: first };
  const hint = found.say.includes('go forward')
    ? '. Does the file keep standard time all year? Then say so by the time zone, as Etc/GMT+8'
    : '';
  return found.say + hint;
}

function bothOf(timeZone: string, written: string): readonly number[] {
  try {
    return instantsOf(timeZone, written);
  } catch {
    return [];
  }
}

function ofMeter(lines: readonly Timed[], tell: Teller): readonly FileInterval[] {
  const usualS = usualStep(lines.map(({ atS }) => atS));
  const seen = new Map<number, number>();
  return lines.flatMap(({ line, meter, atS }): FileInterval[] => {
    const { cells } = line;
    const lengthS = cells.minutes === undefined ? usualS : Math.round(60 * Number(cells.minutes));
    if (lengthS === undefined)
      return told(
        tell,
        line,
        'cannot tell how long its interval is, for there is one line of it: fill the column minutes',
      );
    if (!isIntervalLength(lengthS))
      return told(tell, line, `is of ${lengthS / 60} minutes; intervals have ${lengthWords}`);
    const startS = cells.start === undefined ? atS - lengthS : atS;
    if (startS % lengthS !== 0)
      return told(
        tell,
        line,
        `begins at ${cells.start ?? cells.end ?? ''}, which is not aligned to ${lengthS / 60} minutes`,
      );
    const before = seen.get(startS);
    if (before !== undefined) return told(tell, line, `tells the interval of line ${before} again`);
    const values = valuesOf(line, tell);
    if (values === undefined) return [];
    seen.set(startS, line.line);
    return [{ meter, line: line.line, startS, lengthS, ...values }];
  });
}

/** The most frequent step from one line to the next. */
function usualStep(timesS: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const [index, atS] of timesS.entries()) {
    const stepS = atS - (timesS[index - 1] ?? Number.NaN);
    if (stepS > 0) counts.set(stepS, (counts.get(stepS) ?? 0) + 1);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

type Values = Pick<FileInterval, 'importWh' | 'exportWh' | 'reactiveVarh' | 'voltageV' | 'isEstimate'>;

function valuesOf(line: Line, tell: Teller): Values | undefined {
  let isWell = true;
  const value = (column: Column, factor: number, least: number): number | undefined => {
    const text = line.cells[column];
    if (text === undefined) return undefined;
    const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) * factor : Number.NaN;
    if (number >= least && number <= 0x7fff_ffff) return number;
    const hint = text.includes(',') ? ': write the decimal point as a point, and no thousands' : '';
    tell(line.line, `${column} '${text.slice(0, 60)}' is no such value${hint}`);
    isWell = false;
    return undefined;
  };
  const importWh = value('import_wh', 1, 0) ?? value('import_kwh', 1_000, 0);
  const exportWh = value('export_wh', 1, 0) ?? value('export_kwh', 1_000, 0);
  const reactiveVarh = value('reactive_varh', 1, -0x7fff_ffff) ?? value('reactive_kvarh', 1_000, -0x7fff_ffff);
  const voltageV = value('voltage_v', 1, 0);
  if (!isWell) return undefined;
  if (importWh === undefined && exportWh === undefined) {
    tell(line.line, 'has no energy; the interval stays a gap', 'warning');
    return undefined;
  }
  const isEstimate = /^(e|est|estimated?)$/i.test(line.cells.quality ?? '');
  return { importWh, exportWh, reactiveVarh, voltageV, ...(isEstimate ? { isEstimate } : {}) };
}

function told(tell: Teller, { line }: Line, say: string): [] {
  tell(line, say);
  return [];
}
