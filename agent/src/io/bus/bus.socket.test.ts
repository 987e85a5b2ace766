import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBus, type BusSettings } from './bus.ts';
import { FakeDevice, registerOf, withCrc } from './testing/fake-device.ts';
import { TcpSlave } from './testing/tcp-slave.ts';

let slave: TcpSlave;
let device: FakeDevice;
let port: number;
let answering: boolean;
let toStop: { stop(): Promise<void> }[];
let kind: 'tcp' | 'rtu-over-tcp';

beforeEach(async () => {
  device = new FakeDevice();
  answering = true;
  slave = new TcpSlave((bytes, socket) => {
    if (!answering) return;
    if (kind === 'rtu-over-tcp') return void socket.write(device.answer(bytes)!);
    const reply = device.answer(withCrc([...bytes.subarray(6)]))!.subarray(0, -2);
    socket.write(Uint8Array.of(bytes[0]!, bytes[1]!, 0, 0, 0, reply.length, ...reply));
  });
  port = await slave.start();
  toStop = [slave];
});
afterEach(async () => {
  for (const each of toStop) await each.stop();
});

const ten = { unit: 1, table: 'holding', address: 100, quantity: 10 } as const;

async function opened(more: Partial<BusSettings> = {}) {
  const settings = { name: 'roof', kind, host: '127.0.0.1', port, timeoutMs: 200, ...more } as BusSettings;
  const bus = openBus(settings, { nowMs: () => performance.now() });
  toStop.push(bus);
  await bus.start();
  return bus;
}

async function until(condition: () => boolean) {
  for (const endMs = performance.now() + 5_000; !condition() && performance.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(condition()).toBe(true);
}

test.each(['tcp', 'rtu-over-tcp'] as const)('%s: reads and writes over a real socket', async (chosen) => {
  kind = chosen;
  const bus = await opened();
  expect(await bus.read(ten, 'poll')).toEqual({
    ok: true,
    value: Array.from({ length: 10 }, (_, n) => registerOf(100 + n, 1)),
  });
  expect(await bus.write({ unit: 1, table: 'holding', address: 4, words: [1, 2] })).toEqual({
    ok: true,
    value: undefined,
  });
  expect(device.writes).toEqual([{ functionCode: 16, address: 4, words: [1, 2] }]);
  expect(bus.stats()).toMatchObject({ connected: true, requests: 2, ok: 2, timeouts: 0 });
});

test.each(['tcp', 'rtu-over-tcp'] as const)(
  '%s: a dropped connection fails the pending call at once and comes back',
  async (chosen) => {
    kind = chosen;
    answering = false;
    const bus = await opened({ timeoutMs: 60_000, reconnect: { firstMs: 10 } });
    const pending = bus.read(ten, 'poll');
    await until(() => bus.stats().requests === 1);
    slave.drop();
    expect(await pending).toMatchObject({ ok: false, reason: 'disconnected' });
    answering = true;
    await until(() => bus.stats().connected);
    expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
    expect(bus.stats().reconnects).toBe(1);
  },
);

test('starts without its device, says why, and finds it later', async () => {
  kind = 'tcp';
  await slave.stop();
  const bus = await opened({ reconnect: { firstMs: 20, maxMs: 20 } });
  const result = await bus.read(ten, 'poll');
  expect(result).toMatchObject({ ok: false, reason: 'disconnected' });
  expect(!result.ok && result.say).toContain('connection refused');
  await slave.start(port);
  await until(() => bus.stats().connected);
  expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
});

test('a peer that went mute without a word is connected to anew', async () => {
  kind = 'tcp';
  answering = false;
  const bus = await opened({ timeoutMs: 20, backOff: { afterTimeouts: 100 }, reconnect: { firstMs: 10 } });
  for (let n = 0; n < 5; n++) expect(await bus.read(ten, 'poll')).toMatchObject({ reason: 'timeout' });
  answering = true;
  await until(() => bus.stats().reconnects === 1 && bus.stats().connected);
  expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
});

test.each(['tcp', 'rtu-over-tcp'] as const)(
  '%s: a write without an answer is taken back by a reset',
  async (chosen) => {
    kind = chosen;
    answering = false;
    const bus = await opened({ reconnect: { firstMs: 10 } });
    const result = await bus.write({ unit: 1, table: 'holding', address: 4, words: [1] });
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
    await until(() => slave.resets === 1 && bus.stats().connected);
    answering = true;
    expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
  },
);

test('what is no Modbus TCP ends the connection, not the bus', async () => {
  kind = 'tcp';
  const bus = await opened({ reconnect: { firstMs: 10 } });
  answering = false;
  const pending = bus.read(ten, 'poll');
  await until(() => bus.stats().requests === 1);
  for (const socket of slave.sockets) socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  expect(await pending).toMatchObject({ ok: false, reason: 'garbled' });
  answering = true;
  await until(() => bus.stats().reconnects === 1 && bus.stats().connected);
  expect(await bus.read(ten, 'poll')).toMatchObject({ ok: true });
});

test('stop closes the socket, even while it waits for a reply', async () => {
  kind = 'tcp';
  answering = false;
  const bus = await opened({ timeoutMs: 60_000 });
  const pending = bus.read(ten, 'poll');
  await until(() => bus.stats().requests === 1);
  await bus.stop();
  expect(await pending).toMatchObject({ ok: false, reason: 'stopped' });
  await until(() => slave.sockets.size === 0);
});

test(
  'a process with a TCP bus loads no serial port code, and ends by itself after stop',
  { timeout: 20_000 },
  async () => {
    kind = 'tcp';
    const program = `
    import { openBus } from ${JSON.stringify(fileURLToPath(new URL('./bus.ts', import.meta.url)))};
    import { createRequire } from 'node:module';
    const bus = openBus({ name: 'x', kind: 'tcp', host: '127.0.0.1', port: ${port} }, { nowMs: () => performance.now() });
    await bus.start();
    const result = await bus.read({ unit: 1, table: 'holding', address: 0, quantity: 1 }, 'poll');
    await bus.stop();
    const loaded = Object.keys(createRequire(process.execPath).cache);
    console.log(JSON.stringify({ ok: result.ok, modbus: loaded.some((f) => f.includes('modbus-serial')), serial: loaded.filter((f) => f.includes('serialport')) }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 15_000,
    });
    expect(JSON.parse(stdout)).toEqual({ ok: true, modbus: true, serial: [] });
  },
);
