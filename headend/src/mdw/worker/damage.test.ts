import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { columnsOf } from '../interval-row.ts';
import { checkAllFiles, landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const dayS = Date.parse('2026-03-30T00:00:00Z') / 1_000;
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;

const landDay = async (day: number, importWh: number): Promise<void> => {
  const rows = Array.from({ length: 24 * 200 }, (_, index) => ({
    meter: 1 + (index % 200),
    startS: dayS + day * 86_400 + Math.floor(index / 200) * 3_600,
    lengthS: 3_600,
    importWh: importWh + index,
    flags: 0,
    source: 'meter' as const,
    readS: dayS,
  }));
  await store.ask(landIntervals, columnsOf(rows));
};
const hoursOf = async (meter = 'm1'): Promise<number[]> =>
  ((await store.ask(meterIntervals, { meter, fromS: dayS, toS: dayS + 3 * 86_400 })) ?? []).map(
    ({ startS }) => (startS - dayS) / 3_600,
  );
const again = async (): Promise<void> => {
  await store.stop();
  store = await testStore({ folder: place.folder });
};
const fileOf = (day: string): string => {
  const folder = join(place.folder, 'intervals', `day=${day}`);
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.parquet')) ?? '');
};
const overwrite = (path: string, at: number, bytes: number): void => {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, Buffer.alloc(bytes, 0x5a), 0, bytes, at);
  closeSync(descriptor);
};
const hours = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

beforeEach(async () => {
  place = temporaryFolder();
  store = await testStore({ folder: place.folder });
  await store.ask(
    numberMeters,
    Array.from({ length: 200 }, (_, index) => ({ name: `m${index + 1}` })),
  );
  await landDay(0, 1_000);
  await landDay(1, 2_000);
  await store.ask(settleDays, {});
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

describe('a file of intervals', () => {
  test.each([
    { what: 'its middle overwritten', harm: (path: string) => overwrite(path, 300, 8_000) },
    { what: 'gone', harm: (path: string) => rmSync(path) },
  ])('$what while it runs: moved away, told, the other days go on', async ({ harm }) => {
    harm(fileOf('2026-03-30'));
    expect(await hoursOf()).toEqual(hours(24, 48));
    expect(store.says).toEqual([expect.stringMatching(/^warehouse-set-aside: .*intervals of 2026-03-30 are lost/)]);
    await landDay(0, 1_000);
    expect(await store.ask(settleDays, {})).toEqual(['2026-03-30']);
    expect(await hoursOf()).toEqual(hours(0, 48));
    await again();
    expect(await hoursOf()).toEqual(hours(0, 48));
  });

  test('cut off while nothing runs: told at the start', async () => {
    await store.stop();
    truncateSync(fileOf('2026-03-31'), 100);
    store = await testStore({ folder: place.folder });
    expect(store.says).toEqual([expect.stringContaining('intervals of 2026-03-31 are lost')]);
    expect(await hoursOf()).toEqual(hours(0, 24));
    expect(readdirSync(join(place.folder, 'intervals', 'day=2026-03-31'))).toEqual([
      expect.stringContaining('.damaged-'),
    ]);
  });

  test('begun and not finished by a worker that died: gone at the next start, its rows still there', async () => {
    await landDay(2, 3_000);
    await store.stop();
    const folder = join(place.folder, 'intervals', 'day=2026-03-31');
    const before = readdirSync(folder);
    writeFileSync(join(folder, 'g2-1of1.part'), 'begun');
    writeFileSync(join(folder, 'g2-1of1-0123456789abcdef.parquet'), 'written, and not registered');
    store = await testStore({ folder: place.folder });
    expect(await hoursOf()).toEqual(hours(0, 72));
    expect(readdirSync(folder)).toEqual(before);
    expect(store.says).toEqual([]);
  });

  test('changed where no reading notices: found when files are looked through', async () => {
    const path = fileOf('2026-03-30');
    overwrite(path, statSync(path).size / 2, 1);
    expect(await store.ask(checkAllFiles, {})).toMatchObject({
      files: 2,
      lost: [expect.stringContaining('2026-03-30')],
    });
    expect(await hoursOf()).toEqual(hours(24, 48));
    expect(await store.ask(checkAllFiles, {})).toMatchObject({ files: 1, lost: [] });
  });
});

describe('the database', () => {
  const path = (): string => join(place.folder, 'warehouse.duckdb');
  test('its head overwritten: begun anew from the files, with the numbers of the meters', async () => {
    await store.stop();
    overwrite(path(), 0, 20_000);
    store = await testStore({ folder: place.folder });
    expect(store.says).toEqual([
      expect.stringMatching(/^warehouse-set-aside: The warehouse's database was damaged, moved to /),
    ]);
    expect(await hoursOf('m200')).toEqual(hours(0, 48));
    expect(await store.ask(numberMeters, [{ name: 'm200' }, { name: 'new' }])).toEqual([200, 201]);
    expect((await store.ask(meterIntervals, { meter: 'm7', fromS: dayS, toS: dayS + 3_600 }))?.[0]?.importWh).toBe(
      1_006,
    );
    const marks = await store.access.read(
      async ({ rows }) => await rows(`SELECT day::VARCHAR AS day FROM changed_day WHERE meter IS NULL ORDER BY day`),
    );
    expect(marks).toEqual([{ day: '2026-03-30' }, { day: '2026-03-31' }]);
    await again();
    expect(store.says).toEqual([]);
    expect(await hoursOf()).toEqual(hours(0, 48));
  });

  test('one that a worker found damaged in the middle of its work: what can be read is saved out of it', async () => {
    await landDay(2, 3_000);
    await store.stop();
    writeFileSync(`${path()}.damaged`, '');
    store = await testStore({ folder: place.folder });
    expect(store.says).toEqual([expect.stringContaining('Landed intervals were saved out of it')]);
    expect(await hoursOf()).toEqual(hours(0, 72));
    await again();
    expect(store.says).toEqual([]);
    expect(await hoursOf()).toEqual(hours(0, 72));
  });

  test('the list of meters is whole at every instant: each number is in it before anybody has it', async () => {
    await store.ask(numberMeters, [{ name: 'with "quotes", and commas', multiplier: 40, customerClass: 'commercial' }]);
    const lines = readFileSync(join(place.folder, 'meters.csv'), 'utf8').trim().split('\n');
    expect(lines.at(-1)).toMatch(/^201,"with ""quotes"", and commas",40\.0,\d+,,,,"commercial"$/);
    await store.stop();
    overwrite(path(), 0, 20_000);
    store = await testStore({ folder: place.folder });
    expect(await store.ask(numberMeters, [{ name: 'with "quotes", and commas' }])).toEqual([201]);
    const [kept] = await store.access.read(
      async ({ rows }) => await rows('SELECT multiplier, class FROM meter WHERE meter = 201'),
    );
    expect(kept).toEqual({ multiplier: 40, class: 'commercial' });
  });
});
