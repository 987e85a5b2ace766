import { expect, test } from 'vitest';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { fullnessOf, measureOf, ratingsOf, shareText, sizesOf } from './fullness.ts';
import { knownDays, knownOf } from './known-days.ts';

const atS = Date.parse('2026-06-01T22:00:00Z') / 1_000;
const hours: LoadHoursResponse = {
  element: { kind: 'transformer', id: '=cmd|"x"/pole 7', title: 'T', ratedVa: 25_000 },
  hourS: [atS, atS + 3_600, atS + 7_200],
  activeW: [-30_000, null, 12_000],
  reactiveVar: [0, null, 9_000],
  ampsA: [4, null, 2],
  ampsB: [null, null, 3],
  ampsC: [null, null, null],
  measured: [2, 0, 3],
  estimated: [1, 1, 0],
  missing: [1, 0, 0],
  rated: [25_000, 25_000, 50_000],
};

test('apparent power fills a transformer, back-feed as load does, and what is not known stays so', () => {
  const measure = measureOf(hours.element);
  expect(measure).toEqual({ unit: 'W', rated: 25_000, ratedUnit: 'VA' });
  expect(sizesOf(hours, measure)).toEqual([30_000, null, 15_000]);
  expect(ratingsOf(hours, measure)).toEqual([25_000, 25_000, 50_000]);
});

test('of everything else, the most loaded phase is compared with the rated current', () => {
  const measure = measureOf({ kind: 'switch', id: 's', title: 's', ratedA: 400 });
  expect(measure).toEqual({ unit: 'A', rated: 400, ratedUnit: 'A' });
  expect(sizesOf(hours, measure)).toEqual([4, null, 3]);
  const segment = { ...hours, element: { kind: 'segment', id: 's', title: 's' } } as const;
  expect(measureOf(segment.element).rated).toBeUndefined();
  // Its rating was one of current, and what is shown is power.
  expect(ratingsOf(segment, measureOf(segment.element))).toEqual([null, null, null]);
});

test.each([
  [0.5, 'usual', '50\u00a0%'],
  [0.05, 'usual', '5.0\u00a0%'],
  [0.8, 'full', '80\u00a0%'],
  [1, 'over', '100\u00a0%'],
] as const)('%f of the rating is %s', (share, fullness, text) => {
  expect([fullnessOf(share), shareText(share)]).toEqual([fullness, text]);
});

test('how hours are known, in all and by local day', () => {
  expect(knownOf(hours)).toEqual({ measured: 5 / 8, estimated: 2 / 8, missing: 1 / 8 });
  expect(knownDays(hours, 'UTC')).toEqual([
    { day: '2026-06-01', measured: 2 / 5, estimated: 2 / 5, missing: 1 / 5 },
    { day: '2026-06-02', measured: 1, estimated: 0, missing: 0 },
  ]);
  expect(knownOf({ ...hours, measured: [], estimated: [], missing: [] })).toBeUndefined();
});
