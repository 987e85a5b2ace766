import { fileURLToPath } from 'node:url';
import { WarehouseProcess } from './warehouse-process.ts';

/** A head-end that does nothing but land, and tells what was acknowledged: for a test that ends it in the middle. */
const [folder = ''] = process.argv.slice(2);
const warehouse = new WarehouseProcess({
  program: fileURLToPath(new URL('../main-warehouse-worker.ts', import.meta.url)),
  settings: { folder, memoryMb: 512, threads: 2, timeZone: 'UTC', keepDays: 1_000 },
  onCondition: () => undefined,
  log: () => undefined,
});
warehouse.start();
const meters = await warehouse.numberMeters([{ name: 'm' }]);
if (!meters.ok) throw new Error(meters.say);
process.stdout.write(`worker ${warehouse.pid}\n`);
for (let startS = 0; ; startS += 3_600) {
  const row = { meter: 1, startS, lengthS: 3_600, importWh: startS, flags: 0, source: 'meter', readS: 1 } as const;
  const landed = await warehouse.land([row]);
  if (landed.ok) process.stdout.write(`landed ${startS}\n`);
}
