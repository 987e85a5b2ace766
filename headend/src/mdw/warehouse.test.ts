import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IntervalRow } from './interval-row.ts';
import { meterIntervals, settleDays } from './requests.ts';
import { WarehouseProcess } from './warehouse-process.ts';

const program = fileURLToPath(new URL('../main-warehouse-worker.ts', import.meta.url));
const dayS = Date.parse('2026-03-30T00:00:00Z') / 1_000;
const row = (meter: number, hour: number, importWh: number | undefined, readS = dayS): IntervalRow => ({
  meter,
  startS: dayS + hour * 3_600,
  lengthS: 3_600,
  importWh,
  flags: 0,
  source: 'meter',
  readS,
});

let folder: string;
let warehouse: WarehouseProcess;
const says: string[] = [];

function begin(): WarehouseProcess {
  const made = new WarehouseProcess({
    program,
    settings: { folder, memoryMb: 512, threads: 2, timeZone: 'America/Los_Angeles', keepDays: 400 },
    onCondition: (id, say) => void says.push(`${id}: ${say ?? 'well'}`),
    log: (level, say) => void says.push(`${level}: ${say}`),
  });
  made.start();
  return made;
}

beforeEach(() => {
  says.length = 0;
  folder = join(mkdtempSync(join(tmpdir(), 'warehouse-')), 'warehouse');
  warehouse = begin();
});
afterEach(async () => {
  await warehouse.stop();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const value = <T>(result: { ok: true; value: T } | { ok: false; say: string }): T => {
  if (!result.ok) throw new Error(result.say);
  return result.value;
};

test('what is landed is read, before and after it stands in files, and after the worker was killed', async () => {
  expect(value(await warehouse.numberMeters([{ name: 'm1' }, { name: 'm2' }, { name: 'm1' }]))).toEqual([1, 2, 1]);
  value(await warehouse.land([row(1, 0, 100), row(1, 1, 200), row(2, 0, 300)]));
  const read = async () =>
    value(await warehouse.ask(meterIntervals, { meter: 'm1', fromS: dayS, toS: dayS + 86_400 }))?.map(
      ({ importWh }) => importWh,
    );
  expect(await read()).toEqual([100, 200]);
  expect(value(await warehouse.ask(settleDays, {}))).toEqual(['2026-03-30']);
  expect(await read()).toEqual([100, 200]);
  value(await warehouse.land([row(1, 1, 250, dayS + 10), row(1, 2, 50)]));
  expect(await read()).toEqual([100, 250, 50]);
  process.kill(warehouse.pid ?? 0, 'SIGKILL');
  expect(await read()).toEqual([100, 250, 50]);
  expect(value(await warehouse.ask(settleDays, {}))).toEqual(['2026-03-30']);
  expect(await read()).toEqual([100, 250, 50]);
  expect(says.some((say) => say.startsWith('warehouse: the warehouse'))).toBe(true);
  expect(says.at(-1)).toBe('warehouse: well');
});
