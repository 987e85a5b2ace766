import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectedPowers } from '../expectation-request.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { landIntervals, numberMeters, settleDays } from '../requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;
beforeEach(async () => {
  place = temporaryFolder();
  store = await testStore({ folder: place.folder, timeZone: 'America/Los_Angeles' });
  await store.ask(numberMeters, [{ name: 'home' }, { name: 'pv' }, { name: 'other' }]);
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

const at = (local: string): number => Date.parse(local) / 1_000;
const row = (local: string, values: Partial<IntervalRow>): IntervalRow => ({
  meter: 1,
  startS: at(local),
  lengthS: 3_600,
  flags: 0,
  source: 'meter',
  readS: at(local) + 7_200,
  ...values,
});
const land = async (rows: readonly IntervalRow[]): Promise<unknown> => await store.ask(landIntervals, columnsOf(rows));
/** Tuesday the 10th, two days after the clocks went forward. */
const expectedAt = async (local = '2026-03-10T18:25:00-07:00', meters = ['home', 'pv', 'nobody']) =>
  Object.fromEntries(
    (await store.ask(expectedPowers, { meters, atS: at(local) })).map(({ meter, powerW }) => [meter, powerW]),
  );

test('the mean of the last five like days at that local time, over the change of the clocks', async () => {
  const days = ['03-02', '03-03', '03-04', '03-05', '03-06'];
  await land([
    ...days.map((day, index) => row(`2026-${day}T18:00:00-08:00`, { importWh: 100 * (index + 1) })),
    row('2026-03-09T18:00:00-07:00', { importWh: 1_000 }),
    // The hour before, the weekend, another meter.
    row('2026-03-09T17:00:00-07:00', { importWh: 9_999 }),
    row('2026-03-08T18:00:00-07:00', { importWh: 9_999 }),
    row('2026-03-09T18:00:00-07:00', { meter: 3, importWh: 9_999 }),
  ]);
  expect(await expectedAt()).toEqual({ home: (200 + 300 + 400 + 500 + 1_000) / 5 });
  await store.ask(settleDays, {});
  expect(await expectedAt()).toEqual({ home: 480 });
});

test('power, not energy, of quarters of an hour; who feeds in is expected to', async () => {
  await land(
    ['03-05', '03-06'].map((day) =>
      row(`2026-${day}T18:15:00-08:00`, { meter: 2, lengthS: 900, importWh: 50, exportWh: 300 }),
    ),
  );
  expect(await expectedAt()).toEqual({ pv: -1_000 });
  expect(await expectedAt('2026-03-10T18:30:00-07:00')).toEqual({});
});

test.each([
  ['one day alone', [row('2026-03-09T18:00:00-07:00', { importWh: 5 })]],
  [
    'estimates',
    ['09T18:00:00-07:00', '06T18:00:00-08:00'].map((local) =>
      row(`2026-03-${local}`, { importWh: 5, source: 'estimate' }),
    ),
  ],
])('%s: no history', async (_, rows) => {
  await land(rows);
  expect(await expectedAt()).toEqual({});
});
