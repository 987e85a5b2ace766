import { afterEach, beforeEach, expect, test } from 'vitest';
import { columnsOf } from '../interval-row.ts';
import { landIntervals, numberMeters } from '../requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const startS = Date.UTC(2026, 2, 30) / 1_000;
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;

beforeEach(async () => {
  place = temporaryFolder();
  store = await testStore({ folder: place.folder });
  await store.ask(
    numberMeters,
    ['a', 'b'].map((name) => ({ name })),
  );
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

const land = async (meter: number): Promise<unknown> =>
  await store.ask(
    landIntervals,
    columnsOf([{ meter, startS, lengthS: 3_600, importWh: 100, flags: 0, source: 'meter', readS: startS + 86_400 }]),
  );
const notes = async (): Promise<number> =>
  await store.access.read(
    async (session) =>
      (await session.row<{ count: number }>('SELECT count(*)::INTEGER AS count FROM changed_day')).count,
  );

test('what lands while somebody computes the day is noted, although the whole day is noted already', async () => {
  await land(1);
  await store.access.write(async (session) => {
    // This one sees the day as it is now; what lands from here on it neither computes nor takes the note of.
    const { last } = await session.row<{ last: bigint }>('SELECT max(batch) AS last FROM changed_day');
    await land(2);
    await session.run(`DELETE FROM changed_day WHERE batch <= ${last}`);
  });
  expect(await notes()).toBeGreaterThan(0);
});

test('what landed before is computed with it, and no note stays', async () => {
  await land(1);
  await land(2);
  await store.access.write(async (session) => {
    const { last } = await session.row<{ last: bigint }>('SELECT max(batch) AS last FROM changed_day');
    await session.run(`DELETE FROM changed_day WHERE batch <= ${last}`);
  });
  expect(await notes()).toBe(0);
});
