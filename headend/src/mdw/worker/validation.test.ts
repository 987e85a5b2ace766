import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { landIntervals, landRegisters, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { flagBit, marksOf } from '../vee-rules.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const day0S = Date.parse('2026-03-01T00:00:00Z') / 1_000;
const dayS = 86_400;
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;

type Values = Partial<Omit<IntervalRow, 'meter' | 'startS'>>;
const hourOf = (day: number, hour: number, values: Values = {}): IntervalRow => {
  const startS = day0S + day * dayS + hour * 3_600;
  const usual = {
    lengthS: 3_600,
    importWh: 300 + 50 * hour,
    exportWh: 0,
    voltageV: 240,
    flags: 0,
    source: 'meter' as const,
  };
  return { meter: 1, startS, ...usual, readS: startS + 3_700, ...values };
};
/** A day of the meter, with some of its hours otherwise; `undefined` leaves an hour out. */
const dayOf = (day: number, other: Record<number, Values | undefined> = {}): IntervalRow[] =>
  Array.from({ length: 24 }, (_, hour) => hour).flatMap((hour) =>
    hour in other && other[hour] === undefined ? [] : [hourOf(day, hour, other[hour])],
  );
const land = async (rows: readonly IntervalRow[]): Promise<void> => {
  await store.ask(landIntervals, columnsOf(rows));
  await store.ask(settleDays, {});
};
/** Hours of a day with what was found of them. */
const faultsOf = async (day: number): Promise<Record<string, readonly string[]>> => {
  const fromS = day0S + day * dayS;
  const found = (await store.ask(meterIntervals, { meter: 'm', fromS, toS: fromS + dayS })) ?? [];
  return Object.fromEntries(
    found.flatMap(({ startS, flags }) => {
      const { faults } = marksOf(flags);
      return faults.length === 0 ? [] : [[(startS - fromS) / 3_600, faults] as const];
    }),
  );
};

beforeEach(async () => {
  place = temporaryFolder();
  store = await testStore({ folder: place.folder });
  await store.ask(numberMeters, [{ name: 'm', serviceW: 24_000 }]);
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

describe('a day by itself', () => {
  test.each<{ what: string; rows: readonly IntervalRow[]; found: Record<number, readonly string[]> }>([
    { what: 'as it should be', rows: dayOf(0), found: {} },
    {
      what: 'an hour without energy',
      rows: dayOf(0, { 3: { importWh: undefined, exportWh: undefined, flags: 1 } }),
      found: { 3: ['missing'] },
    },
    { what: 'an hour that is not there: a gap, not a fault', rows: dayOf(0, { 3: undefined }), found: {} },
    { what: 'below zero', rows: dayOf(0, { 5: { importWh: -1 } }), found: { 5: ['negative'] } },
    {
      what: 'a register that went backwards',
      rows: dayOf(0, { 5: { flags: flagBit('register-reset') } }),
      found: { 5: ['negative'] },
    },
    {
      what: 'a clock that was not right',
      rows: dayOf(0, { 6: { flags: flagBit('clock-set') } }),
      found: { 6: ['time'] },
    },
    {
      what: 'read before it had ended',
      rows: dayOf(0, { 6: { readS: day0S + 7 * 3_600 - 61 } }),
      found: { 6: ['time'] },
    },
    { what: 'read within the tolerance', rows: dayOf(0, { 6: { readS: day0S + 7 * 3_600 - 60 } }), found: {} },
    {
      what: 'a quarter of an hour within an hour',
      rows: [...dayOf(0), { ...hourOf(0, 7), startS: day0S + 7.5 * 3_600, lengthS: 900 }],
      found: { '7.5': ['overlap'] },
    },
    {
      what: 'not aligned to the clock',
      rows: dayOf(0, { 7: undefined }).concat({ ...hourOf(0, 7), startS: day0S + 7 * 3_600 + 60, lengthS: 3_600 }),
      found: { '7.016666666666667': ['time'], 8: ['overlap'] },
    },
    {
      what: 'more than the service carries, for whom the fuse allows 125 %',
      rows: dayOf(0, { 8: { importWh: 30_000 }, 9: { importWh: 30_001 }, 10: { exportWh: 31_000 } }),
      found: { 9: ['capacity'], 10: ['capacity'] },
    },
    { what: 'told twice, the same', rows: [...dayOf(0), hourOf(0, 4)], found: {} },
    {
      what: 'told twice, differently',
      rows: [...dayOf(0), hourOf(0, 4, { importWh: 999 })],
      found: { 4: ['duplicate'] },
    },
    {
      what: 'first told without energy, then with',
      rows: [...dayOf(0), hourOf(0, 4, { importWh: undefined, exportWh: undefined, flags: 1 })],
      found: {},
    },
    { what: 'a peak of a meter that nobody knows yet', rows: dayOf(0, { 12: { importWh: 20_000 } }), found: {} },
  ])('$what', async ({ rows, found }) => {
    await land(rows);
    expect(await faultsOf(0)).toEqual(found);
  });

  test('what was found and what was allowed is kept, and that the day was gone through under which limits', async () => {
    await land(dayOf(0, { 9: { importWh: 40_000 } }));
    const [fault] = await store.access.read(
      async ({ rows }) => await rows('SELECT start_s, found, allowed FROM fault'),
    );
    expect(fault).toEqual({ start_s: day0S + 9 * 3_600, found: 40_000, allowed: 30_000 });
    const [judged] = await store.access.read(
      async ({ rows }) =>
        await rows(
          'SELECT day::VARCHAR AS day, row_count::INTEGER AS n, no_history::INTEGER AS h, no_rating::INTEGER AS r, no_register::INTEGER AS g FROM judged_day',
        ),
    );
    expect(judged).toEqual({ day: '2026-03-01', n: 24, h: 1, r: 0, g: 1 });
  });

  test('a correction takes the fault away', async () => {
    await land(dayOf(0, { 9: { importWh: 40_000 } }));
    await land([hourOf(0, 9, { importWh: 500, readS: day0S + 2 * dayS })]);
    expect(await faultsOf(0)).toEqual({ 9: ['duplicate'] });
  });
});

describe('a meter that is known for a week', () => {
  // Its third highest hour is 1,350 W.
  beforeEach(async () => {
    for (let day = 0; day < 7; day += 1) await store.ask(landIntervals, columnsOf(dayOf(day)));
    await store.ask(settleDays, {});
  });

  test.each([
    { what: 'a peak within 180 % above its high days', importWh: 3_779, found: {} },
    { what: 'a peak above that', importWh: 3_781, found: { 12: ['spike'] } },
  ])('$what', async ({ importWh, found }) => {
    await land(dayOf(7, { 12: { importWh } }));
    expect(await faultsOf(7)).toEqual(found);
  });

  test('nothing for days, with voltage: from the third day on', async () => {
    const nothing = Object.fromEntries(Array.from({ length: 24 }, (_, hour) => [hour, { importWh: 0 }]));
    for (let day = 7; day < 10; day += 1) await land(dayOf(day, nothing));
    expect(await faultsOf(8)).toEqual({});
    expect(Object.keys(await faultsOf(9))).toHaveLength(24);
    expect((await faultsOf(9))['0']).toEqual(['zero-with-voltage']);
  });

  test('nothing for days without voltage is an outage, and no fault', async () => {
    const dark = Object.fromEntries(Array.from({ length: 24 }, (_, hour) => [hour, { importWh: 0, voltageV: 0 }]));
    for (let day = 7; day < 10; day += 1) await land(dayOf(day, dark));
    expect(await faultsOf(9)).toEqual({});
  });
});

describe('sums against the register', () => {
  const sum = dayOf(0).reduce((all, { importWh = 0 }) => all + importWh, 0);
  test.each([
    { what: 'agrees', moved: sum, rows: dayOf(0), hours: 0 },
    { what: 'differs within 0.5 %', moved: sum + 105, rows: dayOf(0), hours: 0 },
    { what: 'differs by more', moved: sum + 106, rows: dayOf(0), hours: 24 },
    {
      what: 'cannot be compared, for an hour is missing',
      moved: sum + 5_000,
      rows: dayOf(0, { 4: undefined }),
      hours: 0,
    },
  ])('$what', async ({ moved, rows, hours }) => {
    await store.ask(landRegisters, [
      { meter: 1, atS: day0S, importWh: 1_000_000 },
      { meter: 1, atS: day0S + dayS, importWh: 1_000_000 + moved },
    ]);
    await land(rows);
    const found = await faultsOf(0);
    expect(Object.keys(found)).toHaveLength(hours);
    expect(Object.values(found).every((each) => each.join() === 'sum')).toBe(true);
  });
});
