import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBus } from '../bus/bus.ts';
import type { BusLifecycle, ReadBus, TelegramSettings } from '../bus/bus.ts';
import { atOnce, FakeLine } from '../bus/testing/fake-line.ts';

const settings: TelegramSettings = { name: 'p1', kind: 'p1-over-tcp', host: 'none', port: 1, checksum: 'none' };
const telegram = (watts: number): Uint8Array =>
  Buffer.from(`/X\r\n\r\n1-0:1.7.0(${watts}*W)\r\n1-0:2.7.0(0*W)\r\n!\r\n`);
const power = { unit: 1, table: 'input', address: 0, quantity: 4 } as const;

let clock: SinonFakeTimers;
let line: FakeLine;
let bus: ReadBus & BusLifecycle;

beforeEach(async () => {
  clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  line = new FakeLine();
  bus = openBus(settings, { nowMs: () => Date.now(), link: line, onceInputIsTaken: atOnce });
  await bus.start();
});

afterEach(async () => {
  await bus.stop();
  line.hush();
  const left = clock.countTimers();
  clock.restore();
  if (left > 0) throw new Error(`${left} timers left after stop`);
});

/** The power that a read gives after so much time, or why it gives none. */
async function readAfter(waitMs: number): Promise<number | string> {
  let told: number | string | undefined;
  void bus.read(power, 'poll').then((result) => {
    if (!result.ok) return (told = result.reason);
    const view = new DataView(new ArrayBuffer(8));
    for (const [index, word] of result.value.entries()) view.setUint16(2 * index, word);
    return (told = view.getFloat64(0));
  });
  await clock.tickAsync(waitMs);
  return told ?? 'waits';
}

test('cannot write', () => expect('write' in bus).toBe(false));

test('waits for the first telegram, then answers at once from the last', async () => {
  line.say(telegram(500), 800);
  expect(await readAfter(799)).toBe('waits');
  expect(await readAfter(1)).toBe(500);
  line.say(telegram(600), 1_000);
  await clock.tickAsync(1_000);
  expect(await readAfter(0)).toBe(600);
});

test('a telegram that is overdue is answered with no longer: the next one is waited for, up to the time-out', async () => {
  for (const atMs of [0, 1_000]) line.say(telegram(500), atMs);
  await clock.tickAsync(3_000);
  expect(await readAfter(0)).toBe(500);
  await clock.tickAsync(1);
  expect(await readAfter(11_999)).toBe('waits');
  await clock.tickAsync(12_001);
  expect(await readAfter(12_000)).toBe('timeout');
  line.say(telegram(700), 50);
  expect(await readAfter(50)).toBe(700);
});

test('a meter that tells every 10 s is believed for as long', async () => {
  for (const atMs of [0, 10_000]) line.say(telegram(500), atMs);
  await clock.tickAsync(19_000);
  expect(await readAfter(0)).toBe(500);
});

test('a telegram that came before the cable was pulled is not told after it', async () => {
  line.say(telegram(500));
  await clock.tickAsync(1);
  line.openable = false;
  line.break();
  expect(await readAfter(12_000)).toBe('disconnected');
});

test('what is no telegram counts as an error and gives no value', async () => {
  line.say(Buffer.from('/X\r\n1-0:1.7.0(5*W)\r\n'), 0);
  line.say(telegram(500), 100);
  expect(await readAfter(100)).toBe(500);
  expect(bus.stats()).toMatchObject({ ok: 1, crcErrors: 1, connected: true });
});

test('a read beyond what a telegram has is refused as a device would', async () => {
  line.say(telegram(500));
  await clock.tickAsync(1);
  expect(await bus.read({ ...power, table: 'holding' }, 'poll')).toMatchObject({ reason: 'exception', code: 2 });
});
