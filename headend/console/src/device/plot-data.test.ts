import { expect, test } from 'vitest';
import type { HistoryResponse } from '../../../src/api/contract.ts';
import { keepSample, keptSamples, plotData } from './plot-data.ts';

const raw: HistoryResponse = {
  id: 'gw.pv',
  fromMs: 0,
  toMs: 60_000,
  resolution: 'raw',
  truncated: false,
  timesMs: [4_000, 8_000, 40_000],
  points: [{ point: 'activePowerW', unit: 'W', mean: [100, null, 300] }],
};
const rolled: HistoryResponse = {
  id: 'gw.pv',
  fromMs: 0,
  toMs: 300_000,
  resolution: 'minute',
  stepMs: 60_000,
  truncated: false,
  timesMs: [0, 60_000],
  points: [{ point: 'activePowerW', unit: 'W', mean: [100, 110], min: [90, 95], max: [120, 130] }],
};

test('a silence and a value not known both break the line', () => {
  expect(plotData(raw, 'activePowerW', [], 12_000)).toEqual([
    [4, 8, 8.001, 40],
    [100, null, null, 300],
    [100, null, null, 300],
    [100, null, null, 300],
  ]);
});

test('rolled-up history keeps its band, and live samples follow after the last bucket only', () => {
  const live = [
    { timeMs: 90_000, value: 1 }, // inside the last bucket: counted there already
    { timeMs: 124_000, value: 105 },
    { timeMs: 128_000, value: undefined },
  ];
  expect(plotData(rolled, 'activePowerW', live, 12_000)).toEqual([
    [0, 60, 124, 128],
    [90, 95, 105, null],
    [120, 130, 105, null],
    [100, 110, 105, null],
  ]);
});

test('a point that history does not have is a gap all along', () => {
  expect(plotData(raw, 'frequencyHz', [], 12_000)[3]).toEqual([null, null, null, null]);
  expect(plotData(undefined, 'frequencyHz', [], 12_000)).toEqual([[], [], [], []]);
});

test('samples are kept once, in order, and no more than the bound', () => {
  let samples = keepSample([], { timeMs: 5, value: 1 });
  expect(keepSample(samples, { timeMs: 5, value: 2 })).toBe(samples);
  for (let i = 6; i < keptSamples + 100; i += 1) samples = keepSample(samples, { timeMs: i, value: i });
  expect(samples.length).toBe(keptSamples);
  expect(samples.at(-1)?.timeMs).toBe(keptSamples + 99);
});
