import { instantsOf } from '../local-instant.ts';
import { childrenOf, numberOf, readEspiFeed } from './espi-feed.ts';
import type { EspiElement, EspiEntry } from './espi-feed.ts';
import { findingsOf, isIntervalLength, lengthWords } from './interval-file.ts';
import type { FileInterval, FileReading, IntervalFileRead, Teller } from './interval-file.ts';

/** Of `ReadingType`, by the numbers of IEC 61968-9 that ESPI uses. */
const wattHour = 72;
const varHour = 73;
const watt = 38;
const deltaData = 4;
const indicating = 6;
const average = 2;
const forward = 1;
const net = 4;
const reverse = 19;
/** Of `ReadingQuality`: by a like day, by a straight line, projected. */
const estimatedQualities: readonly number[] = [8, 9, 12];

type Kind = { readonly quantity: 'energy' | 'reactive' | 'power'; readonly factor: number; readonly flow: number };

/**
 * Green Button: interval readings of electricity, in Wh after power of ten, direction and unit of their reading type. What is cumulative, of gas or water, or
 * in intervals of more than an hour is left out and told.
 */
export function readGreenButton(file: string, text: string, reading: FileReading): IntervalFileRead {
  const { tell, findings } = findingsOf(file);
  const read = readEspiFeed(text);
  if (!read.ok) {
    tell(read.line, read.say);
    return { intervals: [], findings };
  }
  const { entries } = read;
  const feed = feedOf(entries);
  const merged = new Map<string, FileInterval>();
  const blocks = entries.flatMap((entry) =>
    entry.content.filter(({ name }) => name === 'IntervalBlock').map((block) => ({ entry, block })),
  );
  if (blocks.length === 0) tell(1, 'holds no IntervalBlock: there is nothing to import');
  const kinds = new Map<EspiElement, Kind | undefined>();
  for (const { entry, block } of blocks) {
    const type = typeOf(feed, entry);
    if (type === undefined) {
      tell(block.line, 'the ReadingType of this IntervalBlock is not in the file: its unit is unknown, it is left out');
      continue;
    }
    const kind = kinds.has(type) ? kinds.get(type) : kindOf(type, tell);
    kinds.set(type, kind);
    const meter = reading.meter ?? meterOf(feed, entry);
    if (kind === undefined || isOtherService(feed, entry)) continue;
    if (meter === undefined) {
      tell(block.line, 'it is not said of which usage point this IntervalBlock is: name the meter');
      continue;
    }
    for (const each of childrenOf(block, 'IntervalReading')) {
      const interval = intervalOf(each, kind, meter, reading, tell);
      if (interval !== undefined) merge(merged, interval, tell);
    }
  }
  const points = new Set(entries.filter(({ content }) => content[0]?.name === 'UsagePoint').map(({ self }) => self));
  if (reading.meter !== undefined && points.size > 1)
    tell(
      1,
      `holds ${points.size} usage points, and all of them cannot be meter ${reading.meter}: split the file, or name no meter`,
    );
  if (reading.isLocalAsUtc !== true) tellLocal(entries, blocks, tell);
  return {
    intervals: [...merged.values()].filter(
      ({ importWh, exportWh }) => importWh !== undefined || exportWh !== undefined,
    ),
    findings,
  };
}

/** Entries by what they hold, made once: a file has a block for each day. */
type Feed = Readonly<Record<'readings' | 'types' | 'points', readonly EspiEntry[]>>;

const feedOf = (entries: readonly EspiEntry[]): Feed => {
  const holding = (name: string): readonly EspiEntry[] => entries.filter((each) => contentOf(each, name) !== undefined);
  return { readings: holding('MeterReading'), types: holding('ReadingType'), points: holding('UsagePoint') };
};

const contentOf = (entry: EspiEntry | undefined, name: string): EspiElement | undefined =>
  entry?.content.find((each) => each.name === name);

/** By links; where there are none, the only one that the file has. */
function readingOf({ readings }: Feed, { up }: EspiEntry): EspiEntry | undefined {
  const linked = readings.find(
    ({ self, related }) => up !== undefined && (related.includes(up) || self === up.replace(/\/IntervalBlock$/, '')),
  );
  return linked ?? (readings.length === 1 ? readings[0] : undefined);
}

function typeOf(feed: Feed, block: EspiEntry): EspiElement | undefined {
  const { types } = feed;
  const reading = readingOf(feed, block);
  const linked = types.find(({ self }) => self !== undefined && reading?.related.includes(self) === true);
  return contentOf(linked ?? (types.length === 1 ? types[0] : undefined), 'ReadingType');
}

function pointOf(feed: Feed, block: EspiEntry): EspiEntry | undefined {
  const { points } = feed;
  const reading = readingOf(feed, block);
  const linked = points.find(
    ({ self, related }) =>
      reading?.up !== undefined && (related.includes(reading.up) || self === reading.up.replace(/\/MeterReading$/, '')),
  );
  return linked ?? (points.length === 1 ? points[0] : undefined);
}

/** The last part of the usage point's own address. */
const meterOf = (feed: Feed, block: EspiEntry): string | undefined => pointOf(feed, block)?.self?.split('/').at(-1);

function isOtherService(feed: Feed, block: EspiEntry): boolean {
  const point = contentOf(pointOf(feed, block), 'UsagePoint');
  const kind = point === undefined ? undefined : numberOf(point, 'ServiceCategory', 'kind');
  return kind !== undefined && kind !== 0;
}

function kindOf(type: EspiElement, tell: Teller): Kind | undefined {
  const of = (name: string): number | undefined => numberOf(type, name);
  const [unit, accumulation, flow = forward] = [of('uom'), of('accumulationBehaviour'), of('flowDirection')];
  const factor = 10 ** (of('powerOfTenMultiplier') ?? 0);
  const none = (say: string): undefined => {
    tell(type.line, `${say}: its readings are left out`);
    return undefined;
  };
  if (![forward, net, reverse].includes(flow))
    return none(`flowDirection ${flow} is neither forward (1), net (4) nor reverse (19)`);
  const quantity = unit === wattHour ? 'energy' : unit === varHour ? 'reactive' : unit === watt ? 'power' : undefined;
  if (quantity === undefined) return none(`uom ${unit ?? 'is missing'} is neither Wh (72), varh (73) nor W (38)`);
  if (quantity === 'power') {
    if (accumulation === indicating || of('dataQualifier') === average) return { quantity, factor, flow };
    return none('uom is W, and it is not said to be the mean of the interval');
  }
  if (accumulation !== undefined && accumulation !== deltaData)
    return none(`accumulationBehaviour ${accumulation} is not deltaData (4): readings of registers are no intervals`);
  return { quantity, factor, flow };
}

/** The end of the year 9999. */
const lastS = 253_402_300_799;

function intervalOf(
  element: EspiElement,
  { quantity, factor, flow }: Kind,
  meter: string,
  reading: FileReading,
  tell: Teller,
): FileInterval | undefined {
  const { line } = element;
  const [writtenS, lengthS] = [numberOf(element, 'timePeriod', 'start'), numberOf(element, 'timePeriod', 'duration')];
  const value = numberOf(element, 'value');
  const quality = childrenOf(element, 'ReadingQuality').flatMap((each) => numberOf(each, 'quality') ?? []);
  const none = (say: string): undefined => {
    tell(line, say);
    return undefined;
  };
  if (writtenS === undefined || lengthS === undefined) return none('has no timePeriod with start and duration');
  if (writtenS < 0 || writtenS > lastS) return none(`begins at ${writtenS} s since 1970, which is no time`);
  const startS = reading.isLocalAsUtc === true ? localAsUtc(writtenS, reading.timeZone) : writtenS;
  if (startS === undefined) return none(`begins at a time that is not there in ${reading.timeZone}`);
  if (!isIntervalLength(lengthS)) return none(`is of ${lengthS / 60} minutes; intervals have ${lengthWords}`);
  if (startS % lengthS !== 0) return none(`begins at ${startS}, which is not aligned to ${lengthS / 60} minutes`);
  if (value === undefined) return undefined;
  const inUnits = value * factor * (quantity === 'power' ? lengthS / 3_600 : 1);
  const base = {
    meter,
    line,
    startS,
    lengthS,
    ...(quality.some((each) => estimatedQualities.includes(each)) ? { isEstimate: true as const } : {}),
  };
  if (quantity === 'reactive') return { ...base, reactiveVarh: flow === reverse ? -inUnits : inUnits };
  if (flow === net) return { ...base, importWh: Math.max(0, inUnits), exportWh: Math.max(0, -inUnits) };
  if (inUnits < 0) return none(`its value is below zero, and its reading type has one direction`);
  return flow === reverse ? { ...base, exportWh: inUnits } : { ...base, importWh: inUnits };
}

/** Of an hour that is there twice the first. */
function localAsUtc(writtenS: number, timeZone: string): number | undefined {
  return instantsOf(timeZone, new Date(writtenS * 1_000).toISOString().slice(0, 19))[0];
}

/** Import, export and reactive energy of one interval come as readings of their own. */
function merge(merged: Map<string, FileInterval>, interval: FileInterval, tell: Teller): void {
  const key = `${interval.meter} ${interval.startS}`;
  const before = merged.get(key);
  if (before === undefined) return void merged.set(key, interval);
  const again = (['importWh', 'exportWh', 'reactiveVarh'] as const).find(
    (name) => interval[name] !== undefined && before[name] !== undefined,
  );
  if (before.lengthS !== interval.lengthS)
    return tell(interval.line, `is of another length than that of line ${before.line}`);
  if (again !== undefined && before[again] !== interval[again])
    return tell(interval.line, `tells the interval of line ${before.line} again, otherwise`);
  merged.set(key, {
    ...before,
    ...Object.fromEntries(Object.entries(interval).filter(([name, value]) => value !== undefined && name !== 'line')),
  });
}

/** Blocks begin at local midnight: where they do so as if it were UTC, local time was written as UTC. */
function tellLocal(
  entries: readonly EspiEntry[],
  blocks: readonly { readonly block: EspiElement }[],
  tell: Teller,
): void {
  const local = entries.flatMap(({ content }) => content.filter(({ name }) => name === 'LocalTimeParameters'))[0];
  const offsetS = local === undefined ? undefined : numberOf(local, 'tzOffset');
  const days = blocks.filter(({ block }) => (numberOf(block, 'interval', 'duration') ?? 0) >= 82_800);
  if (offsetS === undefined || offsetS === 0 || days.length === 0) return;
  const isUtcMidnight = days.every(({ block }) => (numberOf(block, 'interval', 'start') ?? 1) % 86_400 === 0);
  if (isUtcMidnight)
    tell(
      local?.line ?? 1,
      `days begin at midnight UTC though the offset is ${offsetS / 3_600} h: is local time written as UTC? Then say so, else all is ${Math.abs(offsetS / 3_600)} h off`,
      'warning',
    );
}
