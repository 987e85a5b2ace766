import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBus, type BusSettings } from './bus.ts';
import { FakeDevice, registerOf } from './testing/fake-device.ts';
import { TcpSlave } from './testing/tcp-slave.ts';

const socatPresent = spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
const ten = { unit: 1, table: 'holding', address: 100, quantity: 10 } as const;

let folder: string;
let cable: ChildProcess;
let device: FakeDevice;
let slave: TcpSlave;
let port: number;
let answering: boolean;
let received: Uint8Array[];
let toStop: { stop(): Promise<void> }[];

describe.skipIf(!socatPresent)('on a real pty pair (needs socat)', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bus-'));
    device = new FakeDevice();
    answering = true;
    received = [];
    toStop = [];
    slave = new TcpSlave((bytes, socket) => {
      received.push(bytes);
      if (answering) socket.write(device.answer(bytes)!);
    });
    port = await slave.start();
    await plugIn();
  });
  afterEach(async () => {
    for (const bus of toStop) await bus.stop();
    await unplug();
    await slave.stop();
    await rm(folder, { recursive: true });
  });

  test('reads and writes; a request arrives in one piece', async () => {
    const bus = await opened();
    for (let n = 1; n <= 5; n++) {
      const value = Array.from({ length: 10 }, (_, i) => registerOf(100 + i, n));
      expect(await bus.read(ten, 'poll')).toEqual({ ok: true, value });
    }
    expect(await bus.write({ unit: 1, table: 'holding', address: 9, words: Array(100).fill(7) })).toMatchObject({
      ok: true,
    });
    expect(received.map((bytes) => bytes.length)).toEqual([8, 8, 8, 8, 8, 209]);
  });

  test('a reply is taken when its last byte arrives, not at the next timer', { retry: 2 }, async () => {
    const bus = await opened({ timeoutMs: 5_000 });
    const beganMs = performance.now();
    for (let n = 0; n < 20; n++) expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });

  test(
    'an unplugged port fails the pending call, and is opened again when it is back',
    { timeout: 15_000 },
    async () => {
      const bus = await opened({ timeoutMs: 2_000, reconnect: { firstMs: 20, maxMs: 50 } });
      answering = false;
      const pending = bus.read(ten, 'poll');
      await until(() => received.length === 1);
      await unplug();
      expect(await pending).toMatchObject({ ok: false, reason: 'disconnected' });
      const gone = await bus.read(ten, 'command');
      expect(gone).toMatchObject({ ok: false, reason: 'disconnected' });
      expect(!gone.ok && gone.say).toContain(join(folder, 'near'));
      answering = true;
      await plugIn();
      await until(() => bus.stats().connected);
      expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
    },
  );

  test('stop gives the port back', async () => {
    const bus = await opened({ timeoutMs: 60_000 });
    answering = false;
    const pending = bus.read(ten, 'poll');
    await until(() => received.length === 1);
    await bus.stop();
    expect(await pending).toMatchObject({ ok: false, reason: 'stopped' });
    answering = true;
    const again = await opened();
    expect(await again.read(ten, 'poll')).toMatchObject({ ok: true });
  });

  test('a port that another bus holds is told', async () => {
    await opened();
    const second = await opened();
    const result = await second.read(ten, 'poll');
    expect(result).toMatchObject({ ok: false, reason: 'disconnected' });
    expect(!result.ok && result.say).toContain('another program holds the port');
  });
});

test('a port that is not there is told', async () => {
  const settings = { name: 'yard', kind: 'rtu', path: '/dev/serial/by-id/none', baudRate: 9600 } as const;
  const bus = openBus(settings, { nowMs: () => performance.now() });
  await bus.start();
  const result = await bus.read(ten, 'poll');
  expect(!result.ok && result.say).toContain('/dev/serial/by-id/none: no such port');
  await bus.stop();
});

async function opened(more: Partial<BusSettings> = {}) {
  const settings = {
    name: 'yard',
    kind: 'rtu',
    path: join(folder, 'near'),
    baudRate: 115_200,
    timeoutMs: 500,
    ...more,
  };
  const bus = openBus(settings as BusSettings, { nowMs: () => performance.now() });
  toStop.push(bus);
  await bus.start();
  return bus;
}

/** The far end of the line is a socket: a second serial port here would turn the event loop for the first one. */
async function plugIn() {
  const near = join(folder, 'near');
  cable = spawn('socat', [`pty,raw,echo=0,link=${near}`, `tcp:127.0.0.1:${port},nodelay`], { stdio: 'ignore' });
  await until(() => existsSync(near) && slave.sockets.size === 1);
}

async function unplug() {
  if (cable.exitCode !== null || cable.signalCode !== null) return;
  const ended = new Promise((resolve) => cable.once('exit', resolve));
  cable.kill();
  await ended;
}

async function until(condition: () => boolean) {
  for (const endMs = performance.now() + 5_000; !condition() && performance.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(condition()).toBe(true);
}
