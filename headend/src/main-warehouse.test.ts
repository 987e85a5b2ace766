import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backupCommand, restoreCommand } from './main-backup-command.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { columnsOf } from './mdw/interval-row.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from './mdw/requests.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
let folder: string;
let running: RunningHeadend[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warehouse-'));
  running = [];
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const each of running) await each.stop();
  rmSync(folder, { recursive: true });
});

const settingsOf = (data: string): Settings => {
  const settings = parseSettings(
    `{ data: ${data}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 } }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  return settings.value;
};
async function start(data: string): Promise<RunningHeadend> {
  const started = await startHeadend(settingsOf(data), quiet);
  running.push(started);
  return started;
}

const dayS = Date.parse('2026-03-30T00:00:00Z') / 1_000;
const land = async (data: string, hours: readonly number[]): Promise<void> =>
  await withWarehouse(settingsOf(data), async (ask) => {
    await ask(numberMeters, [{ name: 'm' }]);
    const usual = { meter: 1, lengthS: 3_600, importWh: 5, flags: 0, source: 'meter', readS: dayS } as const;
    const landed = await ask(
      landIntervals,
      columnsOf(hours.map((hour) => ({ ...usual, startS: dayS + hour * 3_600 }))),
    );
    if (!landed.ok) throw new Error(landed.say);
  });
const hoursOf = async (data: string): Promise<readonly number[]> =>
  await withWarehouse(settingsOf(data), async (ask) => {
    const read = await ask(meterIntervals, { meter: 'm', fromS: dayS, toS: dayS + 86_400 });
    if (!read.ok) throw new Error(read.say);
    return (read.value ?? []).map(({ startS }) => (startS - dayS) / 3_600);
  });

test.each([{ runs: true }, { runs: false }])(
  'a backup takes the intervals along, where the head-end runs: $runs',
  async ({ runs }) => {
    const data = join(folder, 'data');
    await (await start(data)).stop();
    await land(data, [0, 1, 2]);
    await withWarehouse(settingsOf(data), async (ask) => await ask(settleDays, {}));
    await land(data, [2, 3]);
    if (runs) await start(data);
    expect(await hoursOf(data)).toEqual([0, 1, 2, 3]);
    expect(await backupCommand([join(folder, 'backup'), '--data', data])).toBe(0);
    const restored = join(folder, 'restored');
    expect(await restoreCommand([join(folder, 'backup'), '--data', restored])).toBe(0);
    expect(await hoursOf(restored)).toEqual([0, 1, 2, 3]);
  },
  60_000,
);
