import { expect, test } from 'vitest';
import { heatGrid as gridOf, isOver, ratingsIn } from './heat-grid.ts';
import { localText } from './local-hours.ts';

const hoursFrom = (iso: string, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Date.parse(iso) / 1_000 + at * 3_600);
const zone = 'America/New_York';
const heatGrid = (hourS: readonly number[], values: readonly (number | null)[], timeZone: string) =>
  gridOf(hourS, { values, rated: [] }, timeZone);

test('a day of 23 hours has no field for the hour that is not there', () => {
  const hourS = hoursFrom('2026-03-08T05:00:00Z', 23);
  const { days, cells } = heatGrid(
    hourS,
    hourS.map((_, at) => at),
    zone,
  );
  expect(days).toEqual(['2026-03-08']);
  expect(cells).toHaveLength(23);
  expect(cells.map(({ hour }) => hour)).not.toContain(2);
});

test('of the hour that comes twice, the higher is shown', () => {
  const hourS = hoursFrom('2026-11-01T04:00:00Z', 25);
  const values = hourS.map((_, at) => (at === 1 ? 7 : at === 2 ? 5 : 1));
  const { cells } = heatGrid(hourS, values, zone);
  expect(cells).toHaveLength(24);
  expect(cells.find(({ hour }) => hour === 1)?.value).toBe(7);
  const other = heatGrid(
    hourS,
    values.map((value, at) => (at === 1 ? null : value)),
    zone,
  );
  expect(other.cells.find(({ hour }) => hour === 1)?.value).toBe(5);
});

test('days without any hour keep their place, and what is not known is no zero', () => {
  const hourS = [...hoursFrom('2026-06-01T12:00:00Z', 1), ...hoursFrom('2026-06-04T12:00:00Z', 1)];
  const { days, cells } = heatGrid(hourS, [3, null], 'UTC');
  expect(days).toEqual(['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04']);
  expect(cells.map(({ column, hour, value }) => [column, hour, value])).toEqual([
    [0, 12, 3],
    [3, 12, null],
  ]);
  expect(heatGrid([], [], 'UTC')).toEqual({ days: [], cells: [] });
});

test('an hour is above the rating of its time', () => {
  const hourS = hoursFrom('2026-06-01T10:00:00Z', 4);
  const grid = gridOf(hourS, { values: [30, 30, null, 30], rated: [25, 50, 50, null] }, 'UTC');
  expect(grid.cells.map(isOver)).toEqual([true, false, false, false]);
  expect(ratingsIn(grid)).toEqual([25, 50]);
});

test.each([
  ['2026-11-01T05:30:00Z', zone, '2026-11-01 01:30 EDT'],
  ['2026-11-01T06:30:00Z', zone, '2026-11-01 01:30 EST'],
  ['2026-06-01T00:00:00Z', 'UTC', '2026-06-01 00:00 UTC'],
])('%s in %s is %s', (iso, timeZone, text) => {
  expect(localText(Date.parse(iso) / 1_000, timeZone)).toBe(text);
});
