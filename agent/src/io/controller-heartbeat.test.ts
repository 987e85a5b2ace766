import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findProfile, layOut } from '@tiepoint/hardware-profiles';
import { systemClock } from './clock.ts';
import type { BusResult, WriteBus, WriteRequest } from './bus/bus.ts';
import { ControllerHeartbeat } from './controller-heartbeat.ts';
import type { Log } from './log.ts';

const { model } = layOut(findProfile('sunspec-der')!);
const told: string[] = [];
const none = (): void => undefined;
const log: Log = {
  debug: none,
  info: none,
  warn: (_: object, say: string) => told.push(say),
  error: none,
  child: () => log,
};
const writes: WriteRequest[] = [];
let answer: BusResult<void> = { ok: true, value: undefined };
const bus = {
  read: () => Promise.reject(new Error('nothing is read')),
  write: (request: WriteRequest) => {
    writes.push(request);
    return Promise.resolve(answer);
  },
} as unknown as WriteBus;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  writes.length = 0;
  told.length = 0;
  answer = { ok: true, value: undefined };
});

test('counts once a second into the register of model 715, and stops', async () => {
  const heartbeat = new ControllerHeartbeat({ bus, unit: 3, clock: systemClock, log });
  heartbeat.start(model);
  await vi.advanceTimersByTimeAsync(3_000);
  heartbeat.stop();
  await vi.advanceTimersByTimeAsync(3_000);
  const found = model.sunspecModels?.find(({ id }) => id === 715);
  // ControllerHb lies behind LocRemCtl and DERHb.
  const at = { unit: 3, table: 'holding', address: found!.address + 5 };
  expect(writes).toMatchObject([1, 2, 3].map((count) => ({ ...at, words: [0, count] })));
});

test('a device that does not take it is told once, and again after it did', async () => {
  const heartbeat = new ControllerHeartbeat({ bus, unit: 3, clock: systemClock, log });
  heartbeat.start(model);
  answer = { ok: false, reason: 'timeout', say: 'no reply' };
  await vi.advanceTimersByTimeAsync(3_000);
  answer = { ok: true, value: undefined };
  await vi.advanceTimersByTimeAsync(1_000);
  answer = { ok: false, reason: 'timeout', say: 'no reply' };
  await vi.advanceTimersByTimeAsync(2_000);
  heartbeat.stop();
  expect(told).toEqual(['the controller heartbeat is not taken', 'the controller heartbeat is not taken']);
});

test('a device without the register is left alone', async () => {
  const heartbeat = new ControllerHeartbeat({ bus, unit: 3, clock: systemClock, log });
  heartbeat.start(layOut(findProfile('eastron-sdm630')!).model);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(writes).toEqual([]);
  expect(told).toHaveLength(1);
});
