import { expect, test, onTestFinished } from 'vitest';
import { editIntervals, listEdits } from '../edit-requests.ts';
import { estimateIntervals } from '../estimate-requests.ts';
import { importRows } from '../import-requests.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';

const dayS = Date.parse('2026-03-31T00:00:00Z') / 1_000;
const nowS = dayS + 3 * 86_400;
const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
const row = (meter: number, hour: number, source: 'meter' | 'file' = 'meter'): IntervalRow => ({
  meter,
  startS: dayS + hour * 3_600,
  lengthS: 3_600,
  importWh: 100 + hour,
  flags: 0,
  source,
  readS: nowS - 1,
});

test('what is asked at once is done, all of it', async () => {
  const { folder, remove } = temporaryFolder();
  const store = await testStore({ folder, nowMs: () => nowS * 1_000 });
  onTestFinished(async () => {
    await store.stop();
    remove();
  });
  await store.ask(
    numberMeters,
    names.map((name) => ({ name })),
  );
  const days = { fromS: dayS, toS: dayS + 86_400 };
  await Promise.all(
    names.flatMap((name, index) => [
      store.ask(landIntervals, columnsOf([row(index + 1, index)])),
      store.ask(importRows, { rows: [12, 13].map((hour) => row(index + 1, hour, 'file')) }),
      store.ask(numberMeters, [{ name, customerClass: 'residential', sinceS: dayS - index }]),
      store.ask(numberMeters, [{ name: `new-${index}` }]),
      store.ask(editIntervals, {
        meter: name,
        changes: [{ startS: dayS + 20 * 3_600, lengthS: 3_600, importWh: 7 }],
        who: 'ada',
        reason: 'test',
        atMs: nowS * 1_000,
      }),
      store.ask(settleDays, {}),
      ...(index % 4 === 0 ? [store.ask(estimateIntervals, days)] : []),
    ]),
  );
  await store.ask(settleDays, {});
  expect((await store.ask(listEdits, {})).length).toBe(names.length);
  for (const [index, meter] of names.entries()) {
    const there = (await store.ask(meterIntervals, { meter, ...days })) ?? [];
    const measured = there.filter(({ source }) => source === 'meter' || source === 'file' || source === 'edited');
    expect(measured.map(({ startS, source }) => `${(startS - dayS) / 3_600} ${source}`)).toEqual([
      `${index} meter`,
      '12 file',
      '13 file',
      '20 edited',
    ]);
  }
}, 60_000);
