import { expect, test } from 'vitest';
import type { HourIntervals } from './hour-intervals.ts';
import { isEstimated, none } from './hour-intervals.ts';
import { addWhole, width, withLarge } from './slice-sums.ts';
import type { LargeRow } from './slice-sums.ts';

const meters = 300_000;
const points = 60_000;

/** Numbers that look like chance and are the same each time. */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

function hour(draw: (below: number) => number): HourIntervals {
  const known = (value: number, oneIn: number): number => (draw(oneIn) === 0 ? none : value);
  return {
    rows: meters,
    meters: Uint32Array.from({ length: meters }, (_, index) => index + 1),
    importWh: Int32Array.from({ length: meters }, () => known(draw(5_000), 50)),
    exportWh: Int32Array.from({ length: meters }, () => known(draw(300), 3)),
    reactiveVarh: Int32Array.from({ length: meters }, () => known(draw(900) - 200, 2)),
    shown: Uint32Array.from({ length: meters }, () => draw(2_600) * draw(2) + isEstimated * draw(2)),
    lengthS: Uint16Array.from({ length: meters }, () => 900 + 900 * draw(4)),
    startS: new Uint32Array(0),
  };
}

function rowsOf(intervals: HourIntervals, from: number, to: number): HourIntervals {
  const meters = intervals.meters.subarray(from, to);
  return {
    rows: meters.length,
    meters,
    importWh: intervals.importWh.subarray(from, to),
    exportWh: intervals.exportWh.subarray(from, to),
    reactiveVarh: intervals.reactiveVarh.subarray(from, to),
    shown: intervals.shown.subarray(from, to),
    lengthS: intervals.lengthS.subarray(from, to),
    startS: intervals.startS,
  };
}

/** As it is meant, one row after the other. */
function plainSums(intervals: HourIntervals, pointOfMeter: Uint32Array): Float64Array {
  const sums = new Float64Array(points * width);
  for (let row = 0; row < intervals.rows; row += 1) {
    const [taken, given] = [intervals.importWh[row]!, intervals.exportWh[row]!];
    if (taken === none && given === none) continue;
    const reactive = intervals.reactiveVarh[row]!;
    const shown = intervals.shown[row]!;
    const voltage = shown % isEstimated;
    const lengthS = intervals.lengthS[row]!;
    const add = [
      taken === none ? 0 : taken,
      given === none ? 0 : given,
      reactive === none ? 0 : reactive,
      reactive !== none || taken === none ? 0 : taken,
      voltage,
      voltage === 0 ? 0 : 1,
      shown >= isEstimated ? lengthS : 0,
      lengthS,
    ];
    for (const [place, value] of add.entries()) sums[pointOfMeter[intervals.meters[row]!]! * width + place]! += value;
  }
  return sums;
}

test.each([
  { name: 'along the street', far: (): boolean => false },
  { name: 'one in seven elsewhere', far: (draw: (below: number) => number): boolean => draw(7) === 0 },
  { name: 'anywhere', far: (): boolean => true },
])('meters that hang $name: their sums are those of one after the other', ({ far }) => {
  const draw = drawing(20_260_331);
  const pointOfMeter = Uint32Array.from({ length: meters + 1 }, (_, meter) =>
    far(draw) ? draw(points) : Math.floor((meter * points) / (meters + 1)),
  );
  const places = new Int32Array(2_049);
  for (let time = 0; time < 2; time += 1) {
    const intervals = hour(draw);
    const slice = { points: new Int32Array(points * width), coveredS: new Uint16Array(meters + 1) };
    for (let from = 0; from < meters; from += 2_048)
      addWhole(slice, { pointOfMeter }, rowsOf(intervals, from, from + 2_048), places, []);
    const want = plainSums(intervals, pointOfMeter);
    expect(slice.points.findIndex((value, at) => value !== want[at])).toBe(-1);
    expect(slice.coveredS.reduce((sum, each) => sum + each, 0)).toBe(
      want.reduce((sum, value, at) => sum + (at % width === 7 ? value : 0), 0),
    );
  }
});

test('rows beyond what whole numbers can sum are summed all the same', () => {
  const rows = 40;
  const numbers = { length: rows };
  const intervals: HourIntervals = {
    rows,
    meters: Uint32Array.from(numbers, (_, row) => 1 + (row % 4)),
    importWh: Int32Array.from(numbers, (_, row) => (row % 4 === 3 ? none : 90_000_000)),
    exportWh: Int32Array.from(numbers, (_, row) => (row % 4 === 3 ? 80_000_000 : 5)),
    reactiveVarh: Int32Array.from(numbers, (_, row) => (row % 4 === 2 ? none : -70_000_000)),
    shown: Uint32Array.from(numbers, (_, row) => 2_400 + (row % 4 === 0 ? isEstimated : 0)),
    lengthS: new Uint16Array(rows).fill(360),
    startS: new Uint32Array(0),
  };
  const pointOfMeter = new Uint32Array(5).fill(7);
  const slice = { points: new Int32Array(points * width), coveredS: new Uint16Array(5) };
  const large: LargeRow[] = [];
  addWhole(slice, { pointOfMeter }, intervals, new Int32Array(rows + 1), large);
  const sums = withLarge(slice, { pointOfMeter }, large);
  const want = plainSums(intervals, pointOfMeter);
  expect(want[7 * width]).toBe(2_700_000_000);
  expect([...sums.points.subarray(7 * width, 8 * width)]).toEqual([...want.subarray(7 * width, 8 * width)]);
  expect([...sums.coveredS]).toEqual([0, 3_600, 3_600, 3_600, 3_600]);
});
