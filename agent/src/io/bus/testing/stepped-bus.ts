import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { afterEach, beforeEach } from 'vitest';
import { openBus, type BusResult, type BusSettings } from '../bus.ts';
import { FakeDevice, registerOf } from './fake-device.ts';
import { atOnce, FakeLine } from './fake-line.ts';

/** For tests of the bus: made anew before each, in stepped time. */
export let clock: SinonFakeTimers;
export let line: FakeLine;
export let device: FakeDevice;
export let toStop: { stop(): Promise<void> }[];

beforeEach(() => {
  clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  device = new FakeDevice();
  line = new FakeLine((wire, emit) => emit(device.answer(wire)!, 5));
  toStop = [];
});

afterEach(async () => {
  await Promise.all(toStop.map((bus) => bus.stop()));
  line.hush();
  const timersLeft = clock.countTimers();
  clock.restore();
  if (timersLeft > 0) throw new Error(`${timersLeft} timers left after stop`);
});

export const serial = { name: 'yard', kind: 'rtu', path: '/dev/none', baudRate: 9600, timeoutMs: 500 } as const;
export const ten = { unit: 1, table: 'holding', address: 100, quantity: 10, pointWords: 1 } as const;

export async function opened(settings: BusSettings = serial) {
  const bus = openBus(settings, { nowMs: () => Date.now(), link: line, onceInputIsTaken: atOnce });
  toStop.push(bus);
  await bus.start();
  return bus;
}

/** Steps time until the call is settled. */
export async function settled<T>(call: Promise<T>): Promise<T> {
  let done = false;
  call.finally(() => (done = true)).catch(() => undefined);
  for (let step = 0; step < 10_000 && !done; step++) await clock.nextAsync();
  return call;
}

export const reasonOf = (result: BusResult<unknown>) => (result.ok ? 'ok' : result.reason);
export const asked = () => line.sent.map(({ wire }) => (wire[4]! << 8) | wire[5]!);
export const fresh = (quantity: number) =>
  Array.from({ length: quantity }, (_, n) => registerOf(100 + n, device.generation));
