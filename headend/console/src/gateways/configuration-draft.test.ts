import { expect, test } from 'vitest';
import { draftOf, readDraft, withDevice } from './configuration-draft.ts';

const empty = draftOf(undefined);

test.each([
  [{}, { deviceId: 'pv' }],
  [{ periodS: '4' }, { deviceId: 'pv', periodMs: 4_000 }],
  [{ thresholdsPct: '50, 80;95' }, { deviceId: 'pv', thresholdsPct: [50, 80, 95] }],
  [{ intervalS: '900' }, { deviceId: 'pv', intervalS: 900 }],
  [
    { reporting: 'by-exception', heartbeatS: '900', hysteresisPct: '2.5' },
    { deviceId: 'pv', reporting: 'by-exception', heartbeatMs: 900_000, hysteresisPct: 2.5 },
  ],
] as const)('%j is taken', (typed, value) => {
  expect(readDraft('pv', { ...empty, ...typed })).toEqual({ ok: true, value });
  expect(readDraft('pv', draftOf(value as never))).toEqual({ ok: true, value });
});

test.each([
  [{ periodS: '0.5' }, 'periodS'],
  [{ periodS: 'four' }, 'periodS'],
  [{ thresholdsPct: '80, 201' }, 'thresholdsPct'],
  [{ thresholdsPct: '1 2 3 4 5 6 7 8 9' }, 'thresholdsPct'],
  [{ hysteresisPct: '0' }, 'hysteresisPct'],
])('%j is refused at %s', (typed, field) => {
  expect(readDraft('pv', { ...empty, ...typed })).toMatchObject({ ok: false, field });
});

test('the other devices go along unchanged', () => {
  expect(
    withDevice([{ deviceId: 'a', periodMs: 1_000 }, { deviceId: 'b' }], { deviceId: 'b', periodMs: 2_000 }),
  ).toEqual([
    { deviceId: 'a', periodMs: 1_000 },
    { deviceId: 'b', periodMs: 2_000 },
  ]);
});
