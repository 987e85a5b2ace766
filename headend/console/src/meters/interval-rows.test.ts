import { expect, test } from 'vitest';
import type { IntervalView } from '../../../src/api/interval-contract.ts';
import { daySums, knowledgeOf, rowsOf, typedWh } from './interval-rows.ts';

const hourS = 3_600;
const midnightS = Date.parse('2026-03-08T00:00:00-08:00') / 1_000;
const at = (hour: number, more: Partial<IntervalView> = {}): IntervalView => ({
  startS: midnightS + hour * hourS,
  lengthS: hourS,
  importWh: 100,
  flags: [],
  faults: [],
  source: 'meter',
  readS: 0,
  ...more,
});

test('what stands, and rows of the usual length where nothing does', () => {
  const rows = rowsOf([at(1), at(2), at(4, { lengthS: 900 })], { fromS: midnightS, toS: midnightS + 6 * hourS });
  expect(
    rows.map(({ startS, lengthS, interval }) => [(startS - midnightS) / hourS, lengthS, interval === undefined]),
  ).toEqual([
    [0, hourS, true],
    [1, hourS, false],
    [2, hourS, false],
    [3, hourS, true],
    [4, 900, false],
    [5, hourS, true],
  ]);
});

const { importWh: _wh, ...noEnergy } = at(0);
test.each([
  [at(0), 'measured'],
  [at(0, { source: 'file' }), 'measured'],
  [at(0, { source: 'estimate', method: 'linear' }), 'estimated'],
  [at(0, { source: 'profile' }), 'estimated'],
  [at(0, { source: 'edited' }), 'edited'],
  [noEnergy, 'missing'],
  [undefined, 'absent'],
] as const)('%# is known as %s', (interval, known) => {
  expect(knowledgeOf({ startS: 0, lengthS: hourS, ...(interval === undefined ? {} : { interval }) })).toBe(known);
});

test('by local day, of 23 hours where the clocks go forward', () => {
  const rows = rowsOf([at(0), at(23, { faults: ['spike'] })], { fromS: midnightS, toS: midnightS + 24 * hourS });
  const [first, second] = daySums(rows, 'America/Los_Angeles');
  expect(first).toMatchObject({ day: '2026-03-08', importWh: 100, faults: 0, counts: { measured: 1, absent: 22 } });
  expect(second).toMatchObject({ day: '2026-03-09', faults: 1, counts: { measured: 1, absent: 0 } });
});

test.each([
  ['1.5', 1_500],
  [' 0 ', 0],
  ['', null],
  ['-1', undefined],
  ['1,5', undefined],
  ['1e9', undefined],
  ['0.0004', undefined],
])('%o typed is %s Wh', (text, wh) => {
  expect(typedWh(text)).toBe(wh);
});
