import { expect, test } from 'vitest';
import { readCsvIntervals } from './csv-intervals.ts';

const zone = 'America/Los_Angeles';
const read = (text: string, more = {}) => readCsvIntervals('f.csv', text, { timeZone: zone, ...more });
const told = (text: string, more = {}): readonly string[] =>
  read(text, more).findings.map(({ place, say }) => `${place?.line ?? 0} ${say}`);
const starts = (text: string, more = {}): readonly string[] =>
  read(text, more).intervals.map(({ startS }) => new Date(startS * 1_000).toISOString().slice(5, 16));

test('values in their units, of several meters, with lengths of their own', () => {
  const text = [
    'Meter Number;Start;kWh;Export kWh;kvarh;Voltage;Quality',
    'A;2026-03-31 00:00;1.25;0;0.5;240.1;',
    'A;2026-03-31 00:15;.5;;;;Estimated',
    'B;2026-03-31T00:00Z;0;3;;;',
    'B;2026-03-31T01:00Z;1;;;;',
  ].join('\n');
  const startS = Date.parse('2026-03-31T00:00:00-07:00') / 1_000;
  expect(read(text).findings).toEqual([]);
  expect(read(text).intervals).toEqual([
    { meter: 'A', line: 2, startS, lengthS: 900, importWh: 1_250, exportWh: 0, reactiveVarh: 500, voltageV: 240.1 },
    { meter: 'A', line: 3, startS: startS + 900, lengthS: 900, importWh: 500, isEstimate: true },
    { meter: 'B', line: 4, startS: startS - 7 * 3_600, lengthS: 3_600, importWh: 0, exportWh: 3_000 },
    { meter: 'B', line: 5, startS: startS - 6 * 3_600, lengthS: 3_600, importWh: 1_000 },
  ]);
});

test('the end of an interval may be told instead of its start', () => {
  expect(starts('end,minutes,wh\n2026-03-31 00:00,60,5\n2026-03-31 00:30,30,5', { meter: 'A' })).toEqual([
    '03-31T06:00',
    '03-31T07:00',
  ]);
});

test.each([
  [
    'the hour that is there twice is told twice',
    ['2026-11-01 00:00', '2026-11-01 01:00', '2026-11-01 01:00', '2026-11-01 02:00'],
    ['11-01T07:00', '11-01T08:00', '11-01T09:00', '11-01T10:00'],
  ],
  [
    'so are its halves',
    ['2026-11-01 01:00', '2026-11-01 01:30', '2026-11-01 01:00', '2026-11-01 01:30', '2026-11-01 02:00'],
    ['11-01T08:00', '11-01T08:30', '11-01T09:00', '11-01T09:30', '11-01T10:00'],
  ],
  [
    'the hour that is not there is passed over',
    ['2026-03-08 01:00', '2026-03-08 03:00', '2026-03-08 04:00'],
    ['03-08T09:00', '03-08T10:00', '03-08T11:00'],
  ],
])('clocks change: %s', (_, times, expected) => {
  const text = ['start,wh', ...times.map((time) => `${time},1`)].join('\n');
  expect(told(text, { meter: 'A' })).toEqual([]);
  expect(starts(text, { meter: 'A' })).toEqual(expected);
});

test.each([
  ['start,wh\n2026-03-31 00:00,1\n2026-03-31 01:00,1', /^2 names no meter/],
  ['meter,start,wh\nA,31.3.2026 00:00,1\nA,31.3.2026 01:00,1', /^2 31\.3\.2026 00:00 is no time: write/],
  [
    'meter,start,wh\nA,2026-03-31 00:00,"1,5"\nA,2026-03-31 01:00,1',
    /^2 import_wh '1,5' is no such value: write the decimal/,
  ],
  ['meter,start,wh\nA,2026-03-31 00:00,-1\nA,2026-03-31 01:00,1', /^2 import_wh '-1'/],
  ['meter,start,wh\nA,2026-03-31 00:00,1', /^2 cannot tell how long/],
  ['meter,start,wh\nA,2026-03-31 00:00,1\nA,2026-04-01 00:00,1', /^2 is of 1440 minutes; intervals have 5, 10, 15/],
  ['meter,start,wh\nA,2026-03-31 00:05,1\nA,2026-03-31 01:05,1', /^2 begins at .* not aligned to 60/],
  ['meter,start,minutes,wh\nA,2026-03-31 00:00,60,1\nA,2026-03-31 00:00,60,1', /^3 tells the interval of line 2 again/],
  ['meter,start,minutes,wh\nA,2026-03-08 02:30,30,1', /^2 2026-03-08 02:30 is not there .* standard time all year/],
  ['meter,start,minutes,wh\nA,2026-03-08 02:30,30,', /./],
  ['meter,minutes,wh\nA,60,1', /^2 has neither start nor end/],
  ['meter,start,minutes,wh\nA,2026-03-31 00:00,60', /^2 has 3 cells/],
])('%o is told', (text, say) => {
  expect(told(text)[0]).toMatch(say);
});

test.each([
  ['hours', ['2026-11-01 00:00', '2026-11-01 01:00', '2026-11-01 02:00'], ['3']],
  ['halves', ['2026-11-01 00:30', '2026-11-01 01:00', '2026-11-01 01:30', '2026-11-01 02:00'], ['3', '4']],
  ['the second half', ['2026-11-01 00:30', '2026-11-01 01:00', '2026-11-01 01:30', '2026-11-01 01:30'], ['3']],
])('the hour that is there twice, once in a file of %s, is no guess', (_, times, lines) => {
  const text = ['start,wh', ...times.map((time) => `${time},1`)].join('\n');
  const findings = told(text, { meter: 'A' });
  expect(findings.map((say) => say.split(' ')[0])).toEqual(lines);
  expect(findings[0]).toMatch(/the file has it once: write it with its offset/);
});
