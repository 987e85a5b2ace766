import { expect, test } from 'vitest';
import { changesOf, draftOf } from './edit-draft.ts';
import type { IntervalRow } from './interval-rows.ts';

const stands = { importWh: 1_250, exportWh: 0, flags: [], faults: [], source: 'meter', readS: 0 } as const;
const rows: readonly IntervalRow[] = [
  { startS: 3_600, lengthS: 3_600, interval: { startS: 3_600, lengthS: 3_600, ...stands } },
  { startS: 7_200, lengthS: 3_600 },
];
const drafts = rows.map(draftOf);

test('what stands is offered, and what is left as it is changes nothing', () => {
  expect(drafts).toEqual([
    { taken: '1.25', fedBack: '0' },
    { taken: '', fedBack: '' },
  ]);
  expect(changesOf(rows, drafts)).toEqual({ ok: true, value: [] });
});

test('only what differs is changed; where nothing stands, the length goes with it, and an emptied field is not known', () => {
  const typed = [
    { taken: '', fedBack: '0' },
    { taken: '0.5', fedBack: '' },
  ];
  expect(changesOf(rows, typed)).toEqual({
    ok: true,
    value: [
      { startS: 3_600, importWh: null },
      { startS: 7_200, lengthS: 3_600, importWh: 500 },
    ],
  });
});

test('what is no energy is told', () => {
  expect(changesOf(rows, drafts.with(1, { taken: 'x', fedBack: '' }))).toMatchObject({
    ok: false,
    say: expect.stringContaining('‘x’ is no energy'),
  });
});
