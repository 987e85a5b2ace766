import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { customerYears, tellCustomerYears } from '../customer-year-request.ts';
import { estimateIntervals } from '../estimate-requests.ts';
import type { EstimatesMade } from '../estimate-requests.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { localDay } from '../local-days.ts';
import { forgetProfile, listProfiles, tellProfiles } from '../profile-requests.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { flagBit, marksOf } from '../vee-rules.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const zone = 'America/Los_Angeles';
const hourS = 3_600;
const dayS = 86_400;
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;
let nowMs = 0;

/** Hours of a local day; what stands in `hours` is in Wh, undefined is a gap. */
const hoursOf = (
  day: string,
  hours: readonly (number | undefined)[],
  values: Partial<IntervalRow> = {},
): IntervalRow[] => {
  const { fromS } = localDay(zone, day);
  return hours.flatMap((importWh, hour) =>
    importWh === undefined
      ? []
      : [
          {
            meter: 1,
            startS: fromS + hour * hourS,
            lengthS: hourS,
            importWh,
            exportWh: 0,
            flags: 0,
            source: 'meter' as const,
            readS: fromS + 2 * dayS,
            ...values,
          },
        ],
  );
};
const usual = (hour: number): number => 400 + 20 * hour;
const whole = (count = 24, factor = 1): number[] => Array.from({ length: count }, (_, hour) => factor * usual(hour));
const without = (hours: readonly number[], gaps: readonly number[]): (number | undefined)[] =>
  hours.map((each, hour) => (gaps.includes(hour) ? undefined : each));
const land = async (rows: readonly IntervalRow[]): Promise<unknown> => await store.ask(landIntervals, columnsOf(rows));
const estimated = async (day: string, more = {}): Promise<EstimatesMade> => {
  nowMs += 1_000;
  const { fromS, toS } = localDay(zone, day);
  return await store.ask(estimateIntervals, { fromS, toS, ...more });
};
/** By hour: value and method of what is estimated. */
const estimatesOf = async (day: string): Promise<Record<number, readonly [number | undefined, string | undefined]>> => {
  const { fromS, toS } = localDay(zone, day);
  const rows = (await store.ask(meterIntervals, { meter: 'm', fromS, toS })) ?? [];
  return Object.fromEntries(
    rows
      .filter(({ source }) => source === 'estimate')
      .map(({ startS, importWh, flags }) => [(startS - fromS) / hourS, [importWh, marksOf(flags).method] as const]),
  );
};

beforeEach(async () => {
  nowMs = Date.parse('2026-04-20T00:00:00Z');
  place = temporaryFolder();
  store = await testStore({ folder: place.folder, timeZone: zone, nowMs: () => nowMs });
  await store.ask(numberMeters, [{ name: 'm', sinceS: 0, customerClass: 'residential' }]);
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

describe('a straight line', () => {
  // Tuesday, with nothing known of days before.
  const day = '2026-03-31';
  test.each([
    { what: 'an hour between measured ones', gaps: [5], found: { 5: [500, 'linear'] }, none: 0 },
    { what: 'two hours', gaps: [5, 6], found: { 5: [500, 'linear'], 6: [520, 'linear'] }, none: 0 },
    { what: 'three hours are too many', gaps: [5, 6, 7], found: {}, none: 3 },
    { what: 'no neighbour on one side', gaps: [23], found: {}, none: 1 },
  ])('$what', async ({ gaps, found, none }) => {
    await land(hoursOf(day, without(whole(), gaps)));
    expect(await estimated(day)).toMatchObject({ days: 1, linear: Object.keys(found).length, none });
    expect(await estimatesOf(day)).toEqual(found);
  });

  test('over midnight', async () => {
    await land([...hoursOf('2026-03-30', without(whole(), [23])), ...hoursOf(day, without(whole(), [0]))]);
    await estimated(day);
    // From 840 at half past 22 to 420 at half past 1.
    expect(await estimatesOf(day)).toEqual({ 0: [560, 'linear'] });
  });

  test('quarters of an hour', async () => {
    const { fromS } = localDay(zone, day);
    const quarters = Array.from({ length: 96 }, (_, index) => index).filter((index) => index !== 10);
    await land(
      quarters.map((index) => ({
        meter: 1,
        startS: fromS + index * 900,
        lengthS: 900,
        importWh: 100 + index,
        flags: 0,
        source: 'meter',
        readS: fromS,
      })),
    );
    await estimated(day);
    expect(await estimatesOf(day)).toEqual({ 2.5: [110, 'linear'] });
  });
});

describe('like days', () => {
  const days = (...dates: readonly [string, number][]): IntervalRow[] =>
    dates.flatMap(([date, factor]) => hoursOf(date, whole(24, factor)));

  test('the mean of the last five days of the same kind, at the same local time', async () => {
    // A Tuesday; of the weekdays before it the oldest and the weekend must not count.
    await land(
      days(
        ['2026-03-23', 100],
        ['2026-03-24', 1],
        ['2026-03-25', 2],
        ['2026-03-26', 3],
        ['2026-03-27', 4],
        ['2026-03-28', 50],
        ['2026-03-29', 50],
        ['2026-03-30', 5],
      ),
    );
    expect(await estimated('2026-03-31')).toMatchObject({ likeDay: 24, none: 0 });
    expect(await estimatesOf('2026-03-31')).toEqual(
      Object.fromEntries(whole(24, 3).map((wh, hour) => [hour, [wh, 'like-day']])),
    );
  });

  test.each([
    { what: 'scaled by the root of what was measured of the day', factor: 2.25, scaled: 1.5 },
    { what: 'not by more than twofold', factor: 20, scaled: 2 },
    { what: 'nor by less than a half', factor: 0.01, scaled: 0.5 },
  ])('$what', async ({ factor, scaled }) => {
    await land(days(['2026-03-26', 1], ['2026-03-27', 1], ['2026-03-30', 1]));
    await land(hoursOf('2026-03-31', without(whole(24, factor), [10, 11, 12])));
    await estimated('2026-03-31');
    expect(await estimatesOf('2026-03-31')).toEqual(
      Object.fromEntries([10, 11, 12].map((hour) => [hour, [usual(hour) * scaled, 'like-day']])),
    );
  });

  test.each([
    {
      what: 'a day of 23 hours',
      day: '2026-03-08',
      before: ['2026-02-22', '2026-03-01'],
      local: [0, 1, ...Array.from({ length: 21 }, (_, hour) => hour + 3)],
    },
    {
      what: 'a day of 25 hours',
      day: '2026-11-01',
      before: ['2026-10-18', '2026-10-25'],
      local: [0, 1, 1, ...Array.from({ length: 22 }, (_, hour) => hour + 2)],
    },
  ])('$what takes hours by the local clock', async ({ day, before, local }) => {
    nowMs = localDay(zone, day).toS * 1_000;
    await land(days(...before.map((date) => [date, 1] as [string, number])));
    expect(await estimated(day)).toMatchObject({ likeDay: local.length });
    expect(await estimatesOf(day)).toEqual(
      Object.fromEntries(local.map((hour, index) => [index, [usual(hour), 'like-day']])),
    );
  });

  test('days before that were estimated themselves do not count', async () => {
    await land(hoursOf('2026-03-30', whole(), { source: 'estimate' }));
    expect(await estimated('2026-03-31')).toMatchObject({ likeDay: 0, none: 24 });
  });
});

test('the profile of its class, scaled by what the meter counts a day, where it has no days of that kind', async () => {
  await store.access.write(
    async ({ run }) =>
      await run(
        `INSERT INTO profile SELECT 'residential', t, h, CASE WHEN t = 2 THEN 2 ELSE 1 END FROM range(3) d(t), range(24) e(h)`,
      ),
  );
  // UTC days from Thursday to Saturday are whole: 24 kWh each. The week has 5 + 1 + 2 parts.
  const { fromS } = localDay(zone, '2026-03-25');
  const startS = Math.ceil(fromS / dayS) * dayS;
  await land(
    Array.from({ length: 72 }, (_, hour) => ({
      meter: 1,
      startS: startS + hour * hourS,
      lengthS: hourS,
      importWh: 1_000,
      flags: 0,
      source: 'meter',
      readS: startS,
    })),
  );
  await store.ask(settleDays, {});
  expect(await estimated('2026-03-29')).toMatchObject({ profile: 24, none: 0 });
  const found = await estimatesOf('2026-03-29');
  expect(found[12]).toEqual([Math.round((24_000 * 2) / (24 * (8 / 7))), 'profile']);
});

test('what was measured is never replaced, and replaces an estimate when it comes', async () => {
  const day = '2026-03-31';
  await land(hoursOf(day, without(whole(), [5])));
  await estimated(day);
  nowMs += 1_000;
  expect(await estimated(day)).toMatchObject({ meters: 0, linear: 0 });
  await land(hoursOf(day, whole(), { readS: 5 }));
  expect(await estimatesOf(day)).toEqual({});
  await store.ask(settleDays, {});
  expect(await estimatesOf(day)).toEqual({});
});

test('asked again, an estimate is made anew of what is known by then', async () => {
  const day = '2026-03-31';
  await land(hoursOf('2026-03-30', whole()));
  await land(hoursOf(day, without(whole(), [5, 6, 7])));
  await estimated(day);
  await land(
    hoursOf(
      day,
      whole().map((wh, hour) => (hour === 6 || hour === 7 ? wh * 2 : undefined)),
    ),
  );
  expect(await estimated(day)).toMatchObject({ meters: 0 });
  expect(await estimated(day, { again: true })).toMatchObject({ meters: 1, linear: 1 });
  expect(await estimatesOf(day)).toEqual({ 5: [(480 + 1_040) / 2, 'linear'] });
});

test('of named meters only; what a gateway said that it does not have stays told', async () => {
  const day = '2026-03-31';
  await store.ask(numberMeters, [{ name: 'other', sinceS: 0 }]);
  const missing = hoursOf(day, without(whole(), []), {
    flags: flagBit('missing'),
    importWh: undefined,
    exportWh: undefined,
  }).slice(5, 6);
  await land([...hoursOf(day, without(whole(), [5])), ...missing]);
  expect(await estimated(day, { meters: ['other'] })).toMatchObject({ meters: 0, none: 24 });
  expect(await estimated(day, { meters: ['m'] })).toMatchObject({ linear: 1, none: 0 });
  const { fromS } = localDay(zone, day);
  const [row] =
    (await store.ask(meterIntervals, { meter: 'm', fromS: fromS + 5 * hourS, toS: fromS + 6 * hourS })) ?? [];
  expect(row?.source).toBe('estimate');
  expect(marksOf(row?.flags ?? 0)).toEqual({ flags: ['missing'], faults: [], method: 'linear' });
});

describe('a measured value that does not begin where an estimate does', () => {
  const day = '2026-03-31';
  const quarters = (indexes: readonly number[], importWh: number): IntervalRow[] =>
    indexes.map((index) => ({
      meter: 1,
      startS: localDay(zone, day).fromS + index * 900,
      lengthS: 900,
      importWh,
      exportWh: 0,
      flags: 0,
      source: 'meter',
      readS: localDay(zone, day).fromS + dayS,
    }));
  const energyOf = async (fromHour: number, toHour: number): Promise<number> => {
    const { fromS } = localDay(zone, day);
    const span = { fromS: fromS + fromHour * hourS, toS: fromS + toHour * hourS };
    const rows = (await store.ask(meterIntervals, { meter: 'm', ...span })) ?? [];
    return rows.reduce((sum, { importWh = 0 }) => sum + importWh, 0);
  };

  test('hours give way to quarters, and what is still open of them is estimated anew', async () => {
    await land(hoursOf('2026-03-30', whole()));
    await estimated(day);
    expect(await energyOf(5, 6)).toBe(500);
    await land(quarters([21, 22, 23], 100));
    await estimated(day);
    // The rest is by the day before, or by the line between what is known: never the hour beside its quarters.
    expect(await energyOf(5, 6)).toBeLessThan(500);
    expect(await energyOf(5, 6)).toBeGreaterThan(300);
    await store.ask(settleDays, {});
    await land(quarters([20], 100));
    expect(await energyOf(5, 6)).toBe(400);
  });

  test('quarters give way to an hour', async () => {
    await land(quarters([16, 17, 18, 19, 24, 25, 26, 27], 100));
    await estimated(day);
    expect(await energyOf(5, 6)).toBe(400);
    await land(hoursOf(day, whole()).slice(5, 6));
    await estimated(day);
    expect(await energyOf(5, 6)).toBe(500);
  });

  test('of a meter that is expected from the middle of an hour on, the whole hour is estimated, and given way', async () => {
    const { fromS } = localDay(zone, day);
    await store.ask(numberMeters, [{ name: 'm', sinceS: fromS + 5 * hourS + 1_000 }]);
    await land(hoursOf('2026-03-30', whole()));
    await estimated(day);
    expect(Object.keys(await estimatesOf(day))[0]).toBe('5');
    await land(hoursOf(day, whole()));
    await estimated(day);
    expect(await energyOf(0, 24)).toBe(whole().reduce((sum, wh) => sum + wh));
  });
});

describe('a customer of whom nothing is counted', () => {
  const weekS = 7 * dayS;
  const fromS = localDay(zone, '2026-03-09').fromS;

  test.each(['residential', 'industrial'])(
    '%s: a week of the profile adds up to its share of the year, and is marked as such',
    async (profile) => {
      await store.ask(tellCustomerYears, {
        years: [{ meter: 'shop', yearWh: 36_525_000, profile }],
        sinceS: fromS,
      });
      await store.ask(estimateIntervals, { fromS, toS: fromS + weekS, meters: ['shop'] });
      const rows = (await store.ask(meterIntervals, { meter: 'shop', fromS, toS: fromS + weekS })) ?? [];
      expect(new Set(rows.map(({ source, flags }) => `${source} ${marksOf(flags).method ?? ''}`))).toEqual(
        new Set(['profile profile']),
      );
      const sum = rows.reduce((all, { importWh = 0 }) => all + importWh, 0);
      expect(Math.abs(sum / 700_000 - 1)).toBeLessThan(0.001);
    },
  );

  test('a profile of the utility’s own gives the day its shape, whatever the class that the network has', async () => {
    const flat = Array.from({ length: 24 }, () => 0);
    const shape = { weekday: flat.with(9, 3).with(10, 1), saturday: flat, sunday: flat };
    await store.ask(tellProfiles, { profiles: [{ name: 'bakery', shape }] });
    await store.ask(tellCustomerYears, { years: [{ meter: 'b', yearWh: 365_250, profile: 'bakery' }], sinceS: fromS });
    await store.ask(numberMeters, [{ name: 'b', customerClass: 'industrial' }]);
    const day = { fromS, toS: fromS + dayS };
    await store.ask(estimateIntervals, { ...day, meters: ['b'] });
    const rows = (await store.ask(meterIntervals, { meter: 'b', ...day })) ?? [];
    // A week of 7 kWh on five days: 1.4 kWh each.
    expect(rows.flatMap(({ importWh = 0 }, hour) => (importWh > 0 ? [[hour, importWh]] : []))).toEqual([
      [9, 1_050],
      [10, 350],
    ]);
    expect(await store.ask(customerYears, { search: 'B', limit: 9 })).toEqual({
      customers: [{ meter: 'b', yearWh: 365_250, profile: 'bakery', toldS: expect.any(Number) }],
      total: 1,
    });
    const named = async () => (await store.ask(listProfiles, {})).find(({ name }) => name === 'bakery');
    expect(await named()).toEqual({ name: 'bakery', origin: 'told', customers: 1, shape });
    await expect(store.ask(forgetProfile, { name: 'bakery' })).rejects.toThrow(/1 customers follow bakery/);
    await store.ask(tellCustomerYears, { years: [{ meter: 'b', yearWh: 1, profile: 'public' }] });
    await store.ask(forgetProfile, { name: 'bakery' });
    expect(await named()).toBeUndefined();
    await expect(store.ask(forgetProfile, { name: 'public' })).rejects.toThrow(/no profile public was told/);
  });

  test('what is counted after all stands above it; without a class nothing is known', async () => {
    const day = { fromS, toS: fromS + dayS };
    await store.ask(tellCustomerYears, {
      years: [
        { meter: 'm', yearWh: 9_000_000 },
        { meter: 'other', yearWh: 1 },
      ],
      sinceS: fromS,
    });
    expect(await store.ask(estimateIntervals, day)).toMatchObject({ profile: 24, none: 24 });
    await land(hoursOf('2026-03-09', whole()));
    const rows = (await store.ask(meterIntervals, { meter: 'm', ...day })) ?? [];
    expect(rows.map(({ source }) => source)).toEqual(Array.from({ length: 24 }, () => 'meter'));
  });
});
