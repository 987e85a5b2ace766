import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { columnsOf } from '../interval-row.ts';
import { landIntervals, numberMeters } from '../requests.ts';
import { retentionTold, setRetention } from '../retention-requests.ts';
import { warehouseStatus } from '../transfer-requests.ts';
import { keptDaysFile } from './kept-days.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const nowMs = Date.parse('2026-04-02T00:00:00Z');
const dayS = 86_400;
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;
const start = async (): Promise<TestStore> =>
  (store = await testStore({ folder: place.folder, nowMs: () => nowMs, keepDays: 100 }));
beforeEach(async () => {
  place = temporaryFolder();
  await start();
  await store.ask(numberMeters, [{ name: 'a' }]);
  const daysAgo = [1, 50, 60, 90];
  const row = { meter: 1, lengthS: 3_600, importWh: 1, flags: 0, source: 'meter', readS: nowMs / 1_000 } as const;
  await store.ask(landIntervals, columnsOf(daysAgo.map((days) => ({ ...row, startS: nowMs / 1_000 - days * dayS }))));
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

const by = { who: 'ada', atMs: 5 };
const held = async (): Promise<unknown> => {
  const { days, keepDays } = await store.ask(warehouseStatus, {});
  return { days, keepDays };
};

test('what is set stands over the settings, also after a restart; as many days go as were confirmed', async () => {
  expect(await store.ask(retentionTold, {})).toEqual({ keepDays: 100, configuredDays: 100, old: { days: 0 } });
  const old = { days: 2, firstDay: '2026-01-02', lastDay: '2026-02-01' };
  expect(await store.ask(retentionTold, { keepDays: 55 })).toMatchObject({ keepDays: 100, old });
  await expect(store.ask(setRetention, { ...by, keepDays: 55, forgetDays: 1 })).rejects.toThrow(/2 days would be/);
  expect(await held()).toEqual({ days: 4, keepDays: 100 });
  const { forgotten, ...set } = await store.ask(setRetention, { ...by, keepDays: 55, forgetDays: 2 });
  expect([forgotten.toSorted(), set]).toEqual([
    ['2026-01-02', '2026-02-01'],
    { keepDays: 55, configuredDays: 100, set: by },
  ]);
  await store.stop();
  await start();
  expect(await held()).toEqual({ days: 2, keepDays: 55 });
});

test('where it cannot be read nothing is forgotten', async () => {
  await store.stop();
  writeFileSync(keptDaysFile(place.folder), '{"keepDays":');
  await start();
  expect(store.says).toEqual([expect.stringMatching(/nothing is forgotten until the retention is set anew/)]);
  expect((await store.ask(retentionTold, {})).keepDays).toBeGreaterThan(36_600);
});
