import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findProfile } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { decodeStatus, yes } from '@tiepoint/protocol';
import type { Status } from '@tiepoint/protocol';
import { systemClock } from './clock.ts';
import type { ReadBus } from './bus/bus.ts';
import type { DeviceSettings } from './configuration.ts';
import { Device } from './device.ts';
import type { DeviceDeps } from './device.ts';
import { openDatabase } from './disk/database.ts';
import { IntervalTable } from './disk/interval-table.ts';
import { Journal } from './disk/journal.ts';
import { IntervalKeeper } from './interval-keeper.ts';
import type { Log } from './log.ts';

let directory: string;
let database: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-device-'));
  database = openDatabase(directory);
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
});
afterEach(() => {
  vi.useRealTimers();
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

const none = (): void => undefined;
const log: Log = { debug: none, info: none, warn: none, error: none, child: () => log };

/** A Modbus meter whose registers are an array; `holes` answers exception 4 for reads that touch register 52. */
function fakeMeter(): {
  bus: ReadBus;
  put: (address: number, value: number) => void;
  breakPower: () => void;
  energyReads: () => number;
} {
  const words = new Uint16Array(200);
  let broken = false;
  const put = (address: number, value: number): void => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    words.set([view.getUint16(0), view.getUint16(2)], address);
  };
  let energyReads = 0;
  const bus: ReadBus = {
    // The one holding register is the meter code of an SDM630.
    read: ({ table, address, quantity }) => {
      if (table === 'input' && address <= 72 && address + quantity > 72) energyReads += 1;
      return Promise.resolve(
        table === 'holding'
          ? { ok: true, value: [0x70] }
          : broken && address < 54 && address + quantity > 52
            ? { ok: false, reason: 'exception', code: 4, say: 'device failure' }
            : { ok: true, value: [...words.subarray(address, address + quantity)] },
      );
    },
  };
  return { bus, put, breakPower: () => (broken = true), energyReads: () => energyReads };
}

/** An SDM630 that is looked at every second, and what it reports. */
function started(
  meter: ReturnType<typeof fakeMeter>,
  intervals: DeviceDeps['intervals'],
): { device: Device; statuses: Status[] } {
  const statuses: Status[] = [];
  const settings: DeviceSettings = {
    id: 'meter-1',
    bus: 'b',
    unit: 1,
    profile: 'eastron-sdm630',
    periodMs: 1_000,
    pollMs: 1_000,
    reporting: 'periodic',
    heartbeatMs: 60_000,
    thresholdsPct: [],
    hysteresisPct: 2,
    limits: {},
    readOnly: false,
    confirmed: [],
    controllerHeartbeat: false,
    intervalS: 300,
  };
  const device = new Device(settings, {
    gatewayId: 'gw-1',
    restraint: { known: () => true, tag: () => undefined, held: () => yes },
    safeMode: () => undefined,
    phaseKey: 'gw-1/0',
    clock: systemClock,
    profile: findProfile('eastron-sdm630') as Profile,
    reader: meter.bus,
    writer: undefined,
    wireCost: { perTransactionMs: 3, perRegisterMs: 0.01 },
    journal: new Journal(database),
    beginning: { instantMs: () => 0 },
    intervals,
    log,
    outlet: {
      session: 1,
      timeQuality: 'synchronised',
      birth: none,
      death: none,
      event: none,
      acknowledgement: none,
      status: (bytes) => {
        const decoded = decodeStatus(bytes);
        if (decoded.ok) statuses.push(decoded.value);
      },
    },
  });
  device.configure(undefined);
  device.start();
  return { device, statuses };
}

test('after the clock was set back, a power that can no longer be read is unknown, not the old one', async () => {
  const meter = fakeMeter();
  for (const [address, value] of [
    [0, 230],
    [52, 7_100],
    [70, 50],
  ] as const)
    meter.put(address, value);
  const { device, statuses } = started(meter, { wantsRegisters: () => false, looked: none });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(statuses.at(-1)).toMatchObject({ activePowerW: 7_100 });
  vi.setSystemTime(Date.now() - 3_600_000);
  meter.breakPower();
  meter.put(0, 231);
  await vi.advanceTimersByTimeAsync(4_000);
  const last = statuses.at(-1);
  await device.stop();
  expect(last?.kind === 'meter' && last.voltageV).toBe(231);
  expect(last?.kind === 'meter' && last.activePowerW).toBe(undefined);
});

test('what a meter counts is kept by intervals, from registers that are read around their ends', async () => {
  const meter = fakeMeter();
  const intervals = new IntervalKeeper({
    table: new IntervalTable(database),
    clock: systemClock,
    timeQuality: () => 'synchronised',
    bounds: { keepDays: 60, maxRows: 1_000 },
    meters: ['meter-1'],
    flushSoon: () => intervals.flush(),
    log,
  });
  const { device } = started(meter, intervals);
  meter.put(70, 50);
  meter.put(0, 230);
  // 12 kW from noon on, by a register of 0.1 Wh.
  for (let second = 0; second < 15 * 60 + 5; second++) {
    meter.put(72, Math.round(second / 0.03) / 10_000);
    meter.put(52, 12_000);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await device.stop();
  const kept = intervals.range('meter-1', { fromMs: 0, toMs: Date.now(), limit: 9 });
  expect(kept.map(({ flags }) => flags)).toEqual([['partial'], [], []]);
  expect(kept.map(({ voltageV }) => voltageV)).toEqual([230, 230, 230]);
  for (const { importedWh = 0 } of kept) expect(Math.abs(importedWh - 1_000)).toBeLessThanOrEqual(4);
  expect(meter.energyReads()).toBeLessThan(15 + 3 * 2 + 3);
});
