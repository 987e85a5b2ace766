import { expect, test } from 'vitest';
import { BlockLanding, rowsOf } from './block-landing.ts';
import type { IntervalRow } from './interval-row.ts';
import type { RegisterRow } from './requests.ts';
import type { Warehouse } from './warehouse.ts';
import { marksOf } from './vee-rules.ts';

const block = {
  intervalS: 900,
  intervals: [
    {
      endMs: 900_000,
      flags: ['partial', 'power-outage'],
      importedWh: 10,
      exportedWh: 0,
      reactiveVarh: -3,
      voltageV: 239.5,
    },
    { endMs: 1_800_000, flags: ['missing'] },
  ],
  final: true,
  importedRegisterWh: 5_000_000_000,
} as const;

test('a block becomes rows that begin where an interval begins, with its flags as bits', () => {
  const rows = rowsOf(7, { block, readAtMs: 2_000_500 });
  expect(
    rows.map(({ startS, lengthS, importWh, voltageV, readS }) => [startS, lengthS, importWh, voltageV, readS]),
  ).toEqual([
    [0, 900, 10, 239.5, 2_000],
    [900, 900, undefined, undefined, 2_000],
  ]);
  expect(rows.map(({ flags }) => marksOf(flags).flags)).toEqual([['partial', 'power-outage'], ['missing']]);
});

test('meters are numbered once; registers come before rows, and what fails is told', async () => {
  const calls: string[] = [];
  const landed: { rows: IntervalRow[]; registers: RegisterRow[] } = { rows: [], registers: [] };
  let full = false;
  const warehouse: Warehouse = {
    numberMeters: async (meters) => {
      calls.push(`number ${meters.map(({ name }) => name).join()}`);
      return await Promise.resolve({ ok: true, value: meters.map(({ name }) => name.length) });
    },
    landRegisters: async (rows) => {
      landed.registers.push(...rows);
      return await Promise.resolve({ ok: true, value: rows.length });
    },
    land: async (rows) => {
      if (full) return await Promise.resolve({ ok: false, reason: 'busy', say: 'later' });
      landed.rows.push(...rows);
      return await Promise.resolve({ ok: true, value: { rows: rows.length, batch: 1 } });
    },
    ask: async () => await Promise.resolve({ ok: false, reason: 'fault', say: 'is not asked' }),
  };
  const landing = new BlockLanding(warehouse);
  const blocks = ['aa', 'bbb'].map((meter) => ({ meter, block, readAtMs: 0 }));
  expect(await landing.land(blocks)).toMatchObject({ ok: true, value: { rows: 4 } });
  full = true;
  expect(await landing.land(blocks)).toEqual({ ok: false, reason: 'busy', say: 'later' });
  expect(calls).toEqual(['number aa,bbb']);
  expect(landed.rows.map(({ meter }) => meter)).toEqual([2, 2, 3, 3]);
  expect(landed.registers[0]).toEqual({ meter: 2, atS: 1_800, importWh: 5_000_000_000 });
});
