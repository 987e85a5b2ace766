import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { editIntervals } from '../edit-requests.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { exportDays, forgetDays, importDays, warehouseStatus } from '../transfer-requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const dayS = Date.parse('2026-03-31T00:00:00Z') / 1_000;
const span = { fromS: dayS, toS: dayS + 86_400 };
let place: ReturnType<typeof temporaryFolder>;
let other: ReturnType<typeof temporaryFolder>;
let store: TestStore;
let target: TestStore;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.parse('2026-04-02T00:00:00Z');
  [place, other] = [temporaryFolder(), temporaryFolder()];
  store = await testStore({ folder: place.folder, nowMs: () => nowMs, keepDays: 40 });
  target = await testStore({ folder: other.folder });
  await store.ask(numberMeters, [{ name: 'a' }, { name: 'b, "c"' }]);
});
afterEach(async () => {
  for (const each of [store, target]) await each.stop();
  for (const each of [place, other]) each.remove();
});

const row = (meter: number, hour: number, values: Partial<IntervalRow> = {}): IntervalRow => ({
  meter,
  startS: dayS + hour * 3_600,
  lengthS: 3_600,
  importWh: 100 * hour,
  flags: 0,
  source: 'meter',
  readS: dayS + 90_000,
  ...values,
});
const land = async (rows: readonly IntervalRow[]): Promise<unknown> => await store.ask(landIntervals, columnsOf(rows));
const out = (): string => join(dirname(place.folder), 'out');

test('all that stands comes over as it is: files, what is landed since, and edits', async () => {
  await land([
    row(1, 0),
    row(1, 1, { voltageV: 240.1, exportWh: 7, reactiveVarh: -3 }),
    row(2, 5, { source: 'estimate' }),
  ]);
  await store.ask(settleDays, {});
  await land([row(1, 2, { importWh: undefined, flags: 1 })]);
  await store.ask(editIntervals, {
    meter: 'a',
    changes: [{ startS: dayS, importWh: 9 }],
    who: 'ada',
    reason: 'x',
    atMs: nowMs,
  });
  expect(await store.ask(exportDays, { ...span, folder: out() })).toMatchObject({ files: 1, rows: 4 });
  expect(await target.ask(importDays, { path: out(), newMeters: true })).toEqual({ files: 1, landed: 4, same: 0 });
  const told = async (from: TestStore, meter: string) => await from.ask(meterIntervals, { meter, ...span });
  expect(await told(target, 'b, "c"')).toEqual(await told(store, 'b, "c"'));
  const [edited, ...rest] = (await told(target, 'a')) ?? [];
  expect(edited).toMatchObject({ importWh: 9, source: 'file' });
  const [, ...before] = (await told(store, 'a')) ?? [];
  expect(rest).toEqual(before);
  await target.ask(settleDays, {});
  expect(await target.ask(importDays, { path: out(), newMeters: true })).toEqual({ files: 1, landed: 0, same: 4 });
});

test('of named meters and of a part of the day', async () => {
  await land([row(1, 0), row(1, 5), row(2, 5)]);
  const asked = { fromS: dayS + 3_600, toS: dayS + 86_400, folder: out(), meters: ['a'] };
  expect(await store.ask(exportDays, asked)).toMatchObject({ files: 1, rows: 1 });
});

test.each([
  ['nothing', async () => undefined, /is not there/],
  ['a folder without days', async () => mkdirSync(out()), /has no folder of a day/],
  [
    'no Parquet',
    async () => {
      mkdirSync(join(out(), 'day=2026-03-31'), { recursive: true });
      writeFileSync(join(out(), 'day=2026-03-31', 'x.parquet'), 'hello');
    },
    /cannot be read as Parquet/,
  ],
  [
    'Parquet that is cut',
    async () => {
      // Columns longer than what is left: DuckDB says of its own database the same.
      await made(
        `SELECT * EXCLUDE (n) REPLACE ((hash(n) % 1000000000)::INTEGER AS start_s) FROM (${values()}), range(9000) t(n)`,
      );
      const path = join(out(), 'day=2026-03-31', 'x.parquet');
      const whole = readFileSync(path);
      const footerAt = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
      writeFileSync(path, Buffer.concat([whole.subarray(0, footerAt / 4), whole.subarray(footerAt)]));
    },
    /cannot be read as Parquet .*Could not read enough bytes/,
  ],
  ['other columns', async () => await made('SELECT 1 AS meter, 2 AS start_s'), /has no column length_s, nor import_wh/],
  ['a length that is none', async () => await made(values({ length_s: '77' })), /1 rows lack/],
  ['a source that is none', async () => await made(values({ source: `'moon'` })), /1 rows lack/],
  ['a row twice', async () => await made(`${values()} UNION ALL ${values()}`), /1 intervals are in it twice/],
  [
    'less than nothing',
    async () => await made(values({ import_wh: '-1' })),
    /1 rows have what no meter can have counted/,
  ],
  ['no number', async () => await made(values({ import_wh: `'NaN'::DOUBLE` })), /1 rows have what/],
  [
    'a gigawatt hour',
    async () => await made(values({ export_wh: '1000000000', source: `'file'` })),
    /1 rows have what/,
  ],
  [
    'what is still to come',
    async () => await made(values({ start_s: String(dayS + 10 * 86_400) })),
    /1 rows have what/,
  ],
  [
    'what is not aligned',
    async () => await made(values({ start_s: String(dayS + 60), source: `'file'` })),
    /1 rows have what/,
  ],
  ['a name with a NUL', async () => await made(values({ meter: `'a' || chr(0)` })), /1 rows have what/],
  ['a meter that nobody knows', async () => await made(values({ meter: `'zz'` })), /knows no meter zz/],
])('%s is refused, and nothing is imported', async (_, make, say) => {
  await make();
  await expect(store.ask(importDays, { path: out(), newMeters: false })).rejects.toThrow(say);
  expect(await store.ask(warehouseStatus, {})).toMatchObject({ waiting: 0, rows: 0 });
  expect([store.says, existsSync(join(place.folder, 'warehouse.duckdb.damaged'))]).toEqual([[], false]);
});

const values = (changes: Record<string, string> = {}): string =>
  `SELECT ${Object.entries({
    meter: `'a'`,
    start_s: String(dayS),
    length_s: '3600',
    import_wh: '1',
    export_wh: 'NULL',
    reactive_varh: 'NULL',
    voltage_dv: 'NULL',
    flags: '0',
    source: `'meter'`,
    read_s: '5',
    ...changes,
  })
    .map(([name, value]) => `${value} AS ${name}`)
    .join(', ')}`;
async function made(select: string): Promise<void> {
  mkdirSync(join(out(), 'day=2026-03-31'), { recursive: true });
  await store.access.read(
    async ({ run }) =>
      await run(`COPY (${select}) TO '${join(out(), 'day=2026-03-31', 'x.parquet')}' (FORMAT parquet)`),
  );
}

test('what the meter itself counted gives way to a file where that is said alone', async () => {
  await land([row(1, 0, { importWh: 700 })]);
  await made(values({ source: `'file'` }));
  await expect(store.ask(importDays, { path: out(), newMeters: false })).rejects.toThrow(
    /1 intervals were counted otherwise by the meters themselves/,
  );
  const asked = { path: out(), newMeters: false, replaceMeasured: true };
  expect(await store.ask(importDays, asked)).toMatchObject({ landed: 1 });
  expect(await store.ask(meterIntervals, { meter: 'a', ...span })).toMatchObject([{ importWh: 1, source: 'file' }]);
});

test('what is older than what is kept is counted, and forgotten on command', async () => {
  await land([row(1, 0, { startS: dayS - 50 * 86_400 }), row(1, 0)]);
  expect(await store.ask(warehouseStatus, {})).toMatchObject({ days: 2, oldDays: 1, firstDay: '2026-02-09' });
  expect(await store.ask(forgetDays, {})).toEqual(['2026-02-09']);
  expect(await store.ask(warehouseStatus, {})).toMatchObject({ days: 1, oldDays: 0, waiting: 1 });
});
