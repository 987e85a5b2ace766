import { expect, test } from 'vitest';
import type { IntervalView } from '../../../src/api/interval-contract.ts';
import { plotColumns } from './plot-columns.ts';

const row = (startS: number, importWh?: number, source: IntervalView['source'] = 'meter') => ({
  startS,
  lengthS: 900,
  ...(importWh === undefined
    ? {}
    : { interval: { startS, lengthS: 900, importWh, flags: [], faults: [], source, readS: 0 } as const }),
});

test('a step ends where the other curve goes on, or nothing does; one that stands alone is a step, too', () => {
  const [at, measured, others] = plotColumns([row(0, 100), row(900, 50, 'estimate'), row(1_800, 75), row(2_700)]);
  expect(at.map((each, index) => [each, measured[index], others[index]])).toEqual([
    [0, 400, null],
    [900, 400, 200],
    [901, null, 200],
    [1_800, 300, 200],
    [1_801, 300, null],
    [2_700, 300, null],
    [2_701, null, null],
    [3_600, null, null],
  ]);
});

test('of rows that are alike nothing is added but the end', () => {
  const [at, measured] = plotColumns([row(0, 100), row(900, 50)]);
  expect([at, measured]).toEqual([
    [0, 900, 1_800, 1_801],
    [400, 200, 200, null],
  ]);
});
