import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { decodeHistory, meterStatus } from '@tiepoint/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { deviceOutlet } from './device-outlet.ts';
import type { DeviceOutlet } from './device-outlet.ts';
import { openDatabase } from './disk/database.ts';
import { Outbox } from './disk/outbox.ts';
import { HistoryPump } from './history.ts';

const none = (): void => undefined;
const log = { debug: none, info: none, warn: none, error: none, child: () => log };

let directory: string;
let database: DatabaseSync;
let outbox: Outbox;
let pump: HistoryPump;
let held: readonly string[] | 'all';
/** `meter-1 history 3`: what went to the broker, and of how many entries. */
let sent: string[];
let seq: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 });
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-history-'));
  database = openDatabase(directory);
  outbox = new Outbox(database, { maxEntries: 1_000 });
  [held, sent, seq] = [[], [], 0];
  pump = new HistoryPump({
    clock: systemClock,
    random01: () => 1,
    outbox,
    entriesPerSecond: 100,
    heldBack: () => held,
    publish: async (deviceId, payload) => {
      const read = decodeHistory(payload);
      sent.push(`${deviceId} history ${read.ok ? read.value.entries.length : 'unreadable'}`);
      return true;
    },
    log,
  });
});
afterEach(() => {
  pump.stop();
  vi.useRealTimers();
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

function outlet(deviceId: string): DeviceOutlet {
  return deviceOutlet(deviceId, {
    uplink: { session: 1 },
    downlink: { timeQuality: 'synchronised' },
    outbox,
    clock: systemClock,
    acknowledger: { say: (_deviceId, ack) => void sent.push(`${deviceId} ack ${ack.state}`) },
    publish: async (message) => {
      sent.push(`${deviceId} ${message}`);
      return true;
    },
    isHeldBack: () => held === 'all' || held.includes(deviceId),
    flushSoon: () => outbox.flush(),
    kept: () => pump.wake(),
    guard: (work) => work(),
  });
}

function reports(deviceId: string): void {
  const stamp = { session: 1, seq: (seq += 1), timeMs: Date.now(), timeQuality: 'synchronised' } as const;
  outlet(deviceId).status(meterStatus.encode(stamp).bytes);
}

test('what a fleet mode holds back is kept, and sent when it is over; others go on', async () => {
  pump.start();
  held = ['meter-1'];
  for (let i = 0; i < 3; i++) {
    reports('meter-1');
    reports('pv-1');
    await vi.advanceTimersByTimeAsync(4_000);
  }
  outlet('meter-1').acknowledgement({ commandId: 'c', state: 'confirmed', timeMs: 1, ordinal: 1 });
  expect(sent).toEqual(['pv-1 status', 'pv-1 status', 'pv-1 status', 'meter-1 ack confirmed']);
  held = [];
  pump.resume(60_000);
  reports('meter-1');
  await vi.advanceTimersByTimeAsync(59_000);
  expect(sent.slice(4)).toEqual(['meter-1 status']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.slice(5)).toEqual(['meter-1 history 3']);
  expect(outbox.size).toBe(0);
});

test('an event that is held back is on the disk, and goes with the history', async () => {
  pump.start();
  held = 'all';
  outlet('pv-1').event(Uint8Array.of(1), { session: 1, seq: 9 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([sent, outbox.size]).toEqual([[], 1]);
  held = [];
  pump.resume(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toEqual(['pv-1 history 0']);
});

test('in a storm the history of who is not held back goes on', async () => {
  held = 'all';
  reports('meter-1');
  reports('pv-1');
  await vi.advanceTimersByTimeAsync(1);
  held = ['meter-1'];
  pump.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([sent, outbox.size]).toEqual([['pv-1 history 1'], 1]);
});
