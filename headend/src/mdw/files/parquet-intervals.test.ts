import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IntervalFileRead } from './interval-file.ts';
import { readParquetIntervals } from './parquet-intervals.ts';

let folder: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

const startS = Date.parse('2026-03-31T00:00:00Z') / 1_000;
const usual = { meter: `'a'`, start_s: String(startS), length_s: '3600', import_wh: '1' };
const row = (changes: Record<string, string> = {}): string =>
  `SELECT ${Object.entries({ ...usual, ...changes })
    .map(([name, value]) => `${value} AS ${name}`)
    .join(', ')}`;
const path = (): string => join(folder, 'posted.parquet');
const made = async (select: string, options = ''): Promise<void> =>
  void (await connection.run(`COPY (${select}) TO '${path()}' (FORMAT parquet${options})`));
const read = async (): Promise<IntervalFileRead> => await readParquetIntervals('f.parquet', path());
/** What is said of it, with the row. */
const says = ({ findings }: IntervalFileRead): readonly string[] =>
  findings.map(({ place, say }) => (place === undefined ? say : `${place.line}: ${say}`));

test('columns of an export, and what may lack', async () => {
  const all = { export_wh: '2', reactive_varh: '-3', voltage_dv: '2401', flags: '1', source: `'meter'`, read_s: '7' };
  await made(`${row(all)} UNION ALL ${row({ ...all, start_s: String(startS + 3_600), source: `'profile'` })}`);
  const known = { meter: 'a', line: 1, startS, lengthS: 3_600, importWh: 1 };
  const more = { ...known, exportWh: 2, reactiveVarh: -3, voltageV: 240.1, readS: 7 };
  expect(await read()).toEqual({
    findings: [],
    intervals: [more, { ...more, line: 2, startS: startS + 3_600, isEstimate: true }],
  });
  await made(row({ import_wh: 'NULL' }));
  expect((await read()).intervals).toEqual([{ meter: 'a', line: 1, startS, lengthS: 3_600 }]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no meter', { meter: 'NULL::VARCHAR' }, /^2: meter is empty/],
  ['a fraction of a second', { start_s: '1.5::DOUBLE' }, /^2: start_s is 1.5/],
  ['no number', { start_s: `'NaN'::DOUBLE` }, /^2: start_s is NaN/],
  ['a length that is none', { length_s: '77' }, /^2: length_s is 77: intervals of/],
  ['what is not aligned', { start_s: String(startS + 60) }, /^2: .*is not aligned to 60 minutes/],
  ['less than nothing', { import_wh: '-1' }, /^2: .*energy is never below zero/],
  ['a source that is none', { source: `'moon'` }, /^2: source is 'moon'/],
  ['a reading before all time', { read_s: '-5' }, /^2: read_s is -5/],
])('%s is a fault of its row', async (_, changes, say) => {
  const whole = { source: `'file'`, read_s: '5' };
  await made(`${row(whole)} UNION ALL ${row({ ...whole, ...changes })}`);
  const told = await read();
  expect(says(told)).toEqual([expect.stringMatching(say)]);
  expect(told.intervals.length).toBe(1);
});

test.each<[string, string, RegExp]>([
  ['other columns', 'SELECT 1 AS meter, 2 AS start_s', /^has no column length_s/],
  ['a meter that is a number', row({ meter: '7' }), /^column meter is INTEGER, not text/],
  ['energy in words', row({ import_wh: `'much'` }), /^column import_wh is VARCHAR, not a number/],
  ['lists', row({ import_wh: '[1, 2]' }), /^column import_wh is INTEGER\[\], not a number/],
  ['times of another kind', row({ start_s: `TIMESTAMP '2026-03-31'` }), /^column start_s is TIMESTAMP/],
  [
    'more rows than there may be',
    `SELECT 'a' AS meter, 0 AS start_s, 3600 AS length_s, 1 AS import_wh FROM range(1000001)`,
    /^tells of 1000001 intervals in/,
  ],
])('a file with %s is refused as such', async (_, select, say) => {
  await made(select, ', COMPRESSION zstd');
  const told = await read();
  expect(says(told)).toContainEqual(expect.stringMatching(say));
  expect(told.intervals).toEqual([]);
});

test('no Parquet, and Parquet that is cut off or has bytes changed, is refused or read, and ends', async () => {
  writeFileSync(path(), 'meter,start,minutes,wh\na,2026-03-31,60,1');
  expect(says(await read())).toEqual([expect.stringMatching(/^cannot be read as Parquet: /)]);
  await made(`SELECT * FROM (${row()}), range(50)`);
  const whole = readFileSync(path());
  for (let length = 0; length < whole.length; length += 331) {
    writeFileSync(path(), whole.subarray(0, length));
    expect(says(await read()).length).toBe(1);
  }
  // The footer is where counts and sizes are told.
  const footerAt = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  for (let at = 4; at < whole.length; at += at < footerAt ? 97 : 29) {
    const changed = Buffer.from(whole);
    changed[at] = 0xff - (changed[at] ?? 0);
    writeFileSync(path(), changed);
    const { intervals } = await read();
    expect(intervals.length).toBeLessThanOrEqual(1_000_000);
  }
});
