import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completenessOf, findGaps } from '../completeness-requests.ts';
import type { GapKind } from '../completeness-requests.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { estimateIntervals } from '../estimate-requests.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { flagBit } from '../vee-rules.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const zone = 'America/Los_Angeles';
const hourS = 3_600;
const spanOf = (day: string): { fromS: number; toS: number } => {
  const date = Temporal.PlainDate.from(day);
  const at = (each: Temporal.PlainDate): number => each.toZonedDateTime({ timeZone: zone }).epochMilliseconds / 1_000;
  return { fromS: at(date), toS: at(date.add({ days: 1 })) };
};
const day = spanOf('2026-03-30');
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;
let nowS: number;

const row = (meter: number, hour: number, values: Partial<IntervalRow> = {}): IntervalRow => ({
  meter,
  startS: day.fromS + hour * hourS,
  lengthS: hourS,
  importWh: 100,
  flags: 0,
  source: 'meter',
  readS: day.toS,
  ...values,
});
const hoursOf = (meter: number, from: number, to: number, values: Partial<IntervalRow> = {}): IntervalRow[] =>
  Array.from({ length: to - from }, (_, index) => row(meter, from + index, values));
const land = async (rows: readonly IntervalRow[]): Promise<unknown> => await store.ask(landIntervals, columnsOf(rows));
const gaps = async (kind: GapKind, meters?: readonly string[], span = day): Promise<Record<string, string>> => {
  const found = await store.ask(findGaps, { ...span, kind, ...(meters === undefined ? {} : { meters }) });
  const text = ({ fromS, toS }: { fromS: number; toS: number }): string =>
    `${(fromS - span.fromS) / hourS}-${(toS - span.fromS) / hourS}`;
  return Object.fromEntries(found.gaps.map(({ meter, ranges }) => [meter, ranges.map(text).join(' ')]));
};

beforeEach(async () => {
  place = temporaryFolder();
  // Meters are heard of after the day.
  nowS = day.toS;
  store = await testStore({ folder: place.folder, nowMs: () => nowS * 1_000 + 5 });
  await store.ask(
    numberMeters,
    ['a', 'b', 'c'].map((name) => ({ name })),
  );
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

describe('gaps of a day', () => {
  test.each<{
    what: string;
    rows: readonly IntervalRow[];
    unread: string | undefined;
    unmeasured: string | undefined;
    unknown: string | undefined;
  }>([
    { what: 'nothing', rows: [], unread: '0-24', unmeasured: '0-24', unknown: '0-24' },
    { what: 'all', rows: hoursOf(1, 0, 24), unread: undefined, unmeasured: undefined, unknown: undefined },
    { what: 'the middle', rows: hoursOf(1, 5, 10), unread: '0-5 10-24', unmeasured: '0-5 10-24', unknown: '0-5 10-24' },
    {
      what: 'all but some',
      rows: [...hoursOf(1, 0, 4), ...hoursOf(1, 5, 22)],
      unread: '4-5 22-24',
      unmeasured: '4-5 22-24',
      unknown: '4-5 22-24',
    },
    {
      what: 'an hour of which the gateway has nothing: asking again does not help',
      rows: [...hoursOf(1, 0, 23), row(1, 23, { importWh: undefined, flags: flagBit('missing') })],
      unread: undefined,
      unmeasured: '23-24',
      unknown: '23-24',
    },
    {
      what: 'estimates',
      rows: [...hoursOf(1, 0, 12), ...hoursOf(1, 12, 24, { source: 'estimate' })],
      unread: '12-24',
      unmeasured: '12-24',
      unknown: undefined,
    },
    {
      what: 'an estimate of what the gateway does not have',
      rows: [...hoursOf(1, 0, 12), ...hoursOf(1, 12, 24, { source: 'estimate', flags: flagBit('missing') })],
      unread: undefined,
      unmeasured: '12-24',
      unknown: undefined,
    },
    {
      what: 'from a file',
      rows: hoursOf(1, 0, 24, { source: 'file' }),
      unread: undefined,
      unmeasured: undefined,
      unknown: undefined,
    },
    {
      what: 'quarters of an hour, one missing',
      rows: [...hoursOf(1, 0, 23), ...[0, 1, 3].map((each) => row(1, 23 + each / 4, { lengthS: 900 }))],
      unread: '23.5-23.75',
      unmeasured: '23.5-23.75',
      unknown: '23.5-23.75',
    },
    {
      what: 'an interval that reaches in from the day before',
      rows: [row(1, -0.5), ...hoursOf(1, 1, 24)],
      unread: '0.5-1',
      unmeasured: '0.5-1',
      unknown: '0.5-1',
    },
  ])('$what', async ({ rows, ...found }) => {
    if (rows.length > 0) await land(rows);
    for (const settled of [false, true]) {
      if (settled) await store.ask(settleDays, {});
      for (const kind of ['unread', 'unmeasured', 'unknown'] as const)
        expect({ settled, kind, a: (await gaps(kind, ['a']))['a'] }).toEqual({ settled, kind, a: found[kind] });
    }
  });

  test('of all meters: those of which something is expected then, page by page', async () => {
    await land([...hoursOf(1, 0, 24), ...hoursOf(2, 0, 23)]);
    await store.ask(settleDays, {});
    // Of `c` nothing was ever heard before the day ended.
    expect(await gaps('unread')).toEqual({ b: '23-24' });
    await store.ask(numberMeters, [
      { name: 'c', sinceS: day.fromS + 12 * hourS },
      { name: 'b', untilS: day.fromS + 23 * hourS },
      { name: 'd', sinceS: day.fromS - 5 },
    ]);
    expect(await gaps('unread')).toEqual({ c: '12-24', d: '0-24' });
    const first = await store.ask(findGaps, { ...day, kind: 'unread', limit: 1 });
    expect(first).toMatchObject({ gaps: [{ meter: 'c' }], next: 3 });
    expect(await store.ask(findGaps, { ...day, kind: 'unread', limit: 1, afterMeter: 3 })).toMatchObject({
      gaps: [{ meter: 'd' }],
    });
  });

  test('a meter that is named is expected, also one that nobody heard of', async () => {
    expect(await gaps('unread', ['c', 'never heard of'])).toEqual({ c: '0-24', 'never heard of': '0-24' });
  });
});

describe('days on which clocks change', () => {
  test.each([
    { date: '2026-03-08', hours: 23 },
    { date: '2026-11-01', hours: 25 },
    { date: '2026-07-01', hours: 24 },
  ])('$date has $hours hours', async ({ date, hours }) => {
    const span = spanOf(date);
    nowS = span.toS;
    const rows = (count: number): IntervalRow[] =>
      Array.from({ length: count }, (_, index) => ({ ...row(1, 0), startS: span.fromS + index * hourS }));
    await land(rows(hours - 1));
    expect(await gaps('unread', ['a'], span)).toEqual({ a: `${hours - 1}-${hours}` });
    const ofA = async () =>
      (await store.ask(completenessOf, { ...span, groups: [{ name: 'a', meters: ['a'] }] })).groups[0];
    await store.ask(numberMeters, [{ name: 'a', sinceS: 0 }]);
    expect(await ofA()).toMatchObject({ expectedS: hours * hourS, measuredS: (hours - 1) * hourS, whole: 0 });
    await land(rows(hours));
    expect(await gaps('unread', ['a'], span)).toEqual({});
    expect(await ofA()).toMatchObject({ measuredS: hours * hourS, whole: 1 });
  });
});

test('completeness of all, of groups, and the least complete meters', async () => {
  await land([...hoursOf(1, 0, 24), ...hoursOf(2, 0, 6), ...hoursOf(2, 6, 12, { source: 'estimate' })]);
  await store.ask(settleDays, {});
  await store.ask(numberMeters, [{ name: 'c', sinceS: day.fromS }]);
  const found = await store.ask(completenessOf, {
    ...day,
    worst: 5,
    groups: [
      { name: 'north', meters: ['a', 'b'] },
      { name: 'south', meters: ['c', 'stranger'] },
      { name: 'empty', meters: [] },
    ],
  });
  const h = (hours: number): number => hours * hourS;
  expect(found).toEqual({
    all: { meters: 3, whole: 1, expectedS: h(72), measuredS: h(30), estimatedS: h(6) },
    groups: [
      { name: 'north', meters: 2, whole: 1, expectedS: h(48), measuredS: h(30), estimatedS: h(6) },
      { name: 'south', meters: 2, whole: 0, expectedS: h(48), measuredS: 0, estimatedS: 0 },
      { name: 'empty', meters: 0, whole: 0, expectedS: 0, measuredS: 0, estimatedS: 0 },
    ],
    worst: [
      { meter: 'c', expectedS: h(24), measuredS: 0, estimatedS: 0 },
      { meter: 'b', expectedS: h(24), measuredS: h(6), estimatedS: h(6) },
    ],
  });
});

describe('a day that is not over', () => {
  const all = ['a', 'b', 'c'];
  beforeEach(async () => {
    await store.ask(
      numberMeters,
      all.map((name) => ({ name, sinceS: day.fromS - 86_400 })),
    );
    await land([...hoursOf(1, 0, 10), ...hoursOf(2, 0, 7)]);
    nowS = day.fromS + 10 * hourS + 1_200;
  });

  test('has no gaps in what is still to come', async () => {
    expect(await gaps('unmeasured')).toEqual({ b: '7-10', c: '0-10' });
    expect(await gaps('unread', ['b', 'stranger'])).toEqual({ b: '7-10', stranger: '0-10' });
    expect(await gaps('unknown', undefined, { fromS: nowS, toS: day.toS })).toEqual({});
  });

  test('is complete when all is there that can be, and no sooner', async () => {
    const groups = [{ name: 'g', meters: ['a', 'stranger'] }];
    const found = await store.ask(completenessOf, { ...day, groups, worst: 5 });
    expect(found.all).toEqual({ meters: 3, whole: 1, expectedS: 30 * hourS, measuredS: 17 * hourS, estimatedS: 0 });
    expect(found.groups).toMatchObject([{ meters: 2, whole: 1, expectedS: 20 * hourS, measuredS: 10 * hourS }]);
    expect(found.worst.map(({ meter }) => meter)).toEqual(['c', 'b']);
    const toCome = await store.ask(completenessOf, { fromS: nowS, toS: day.toS, groups });
    expect(toCome).toMatchObject({ all: { meters: 0, expectedS: 0 }, groups: [{ name: 'g', meters: 0 }], worst: [] });
  });

  test('is estimated until now, and no further', async () => {
    await store.ask(estimateIntervals, day);
    const there = (await store.ask(meterIntervals, { meter: 'b', ...day })) ?? [];
    expect(Math.max(...there.map(({ startS, lengthS }) => startS + lengthS))).toBeLessThanOrEqual(nowS);
    expect(await store.ask(estimateIntervals, { fromS: day.toS, toS: day.toS + 86_400 })).toMatchObject({ days: 0 });
  });
});
