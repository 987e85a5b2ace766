import { expect, test } from 'vitest';
import { unknown, unknownThousandths } from '../worker/tables.ts';
import { partsOf } from './day-parts.ts';
import type { PartHour } from './day-parts.ts';
import { loadColumns } from './load-columns.ts';
import type { LoadColumn } from './load-columns.ts';

const hourS = 3_600;

/** Of elements 0 … 4 in an hour, all 0 but for what is told. */
function hour(startS: number, told: Partial<Record<LoadColumn, readonly number[]>>): PartHour {
  const columns = Object.fromEntries(
    loadColumns.map((name) => [name, Int32Array.from({ length: 5 }, (_, element) => told[name]?.[element] ?? 0)]),
  ) as Record<LoadColumn, Int32Array>;
  return { startS, columns };
}

// Element 2 gives, 3 is not known in the second hour, at 4 nobody hangs.
const hours = [
  hour(hourS, {
    import_wh: [0, 500, 100, 70],
    export_wh: [0, 0, 900],
    active_w: [0, 500, -800, 70],
    reactive_var: [0, 300, 0, 0],
    amps_a: [0, 2_400, 3_300, 300],
    measured: [0, 2_000, 1_000, 1_000],
    missing: [0, 0, 1_000],
  }),
  hour(2 * hourS, {
    import_wh: [0, 500, 400, 0],
    active_w: [0, 500, 400, unknown],
    reactive_var: [0, 400, 0, unknown],
    amps_a: [0, 0, 1_700, unknownThousandths],
    amps_b: [0, 2_400, 0, unknownThousandths],
    amps_c: [0, 0, 0, unknownThousandths],
    measured: [0, 1_000, 2_000, 0],
    estimated: [0, 1_000],
    missing: [0, 0, 0, 1_000],
  }),
];
const want = {
  importWh: [1_000, 500, 70, 0],
  exportWh: [0, 900, 0, 0],
  // Of equal ones the first.
  peakW: [500, 400, 70, unknown],
  peakWS: [hourS, 2 * hourS, hourS, 0],
  peakWMeasured: [1, 1, 1, 0],
  // Whichever way it flows.
  peakVa: [640, 800, 70, unknown],
  peakVaS: [2 * hourS, hourS, hourS, 0],
  peakVaMeasured: [0.5, 0.5, 1, 0],
  peakA: [2_400, 3_300, 300, unknownThousandths],
  peakAS: [hourS, hourS, hourS, 0],
  peakAMeasured: [1, 0.5, 1, 0],
  isSeen: [1, 1, 1, 0],
};

test.each([
  { where: 'in this thread', threadedFrom: Infinity },
  { where: 'in one of its own', threadedFrom: 0 },
])('sums and peaks of a day, found $where', async ({ threadedFrom }) => {
  const parts = await partsOf(Uint32Array.of(1, 2, 3, 4), hours, threadedFrom);
  expect(Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, [...values]]))).toEqual(want);
});

test('a thread that fails is told', async () => {
  await expect(partsOf(Uint32Array.of(1), [{ startS: 0 } as PartHour], 0)).rejects.toThrow(/undefined/);
});
