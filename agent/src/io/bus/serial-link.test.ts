import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPortMock } from 'serialport';
import type { SerialPort } from 'serialport';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SerialSettings } from './bus.ts';
import { SerialLink } from './serial-link.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tiepoint-serial-')));
const path = join(folder, 'ttyUSB0');
const opened: SerialPortMock[] = [];

/** serialport's own mock of the operating system; what it opened can be looked at. */
class WatchedPort extends SerialPortMock {
  constructor(...options: ConstructorParameters<typeof SerialPortMock>) {
    super(...options);
    opened.push(this);
  }
}
const load = (): Promise<typeof SerialPort> => Promise.resolve(WatchedPort as unknown as typeof SerialPort);

beforeEach(() => {
  writeFileSync(path, '');
  SerialPortMock.binding.createPort(path, { record: true });
});
afterEach(() => {
  SerialPortMock.binding.reset();
  opened.length = 0;
  rmSync(path, { force: true });
});

function linkTo(settings: Partial<SerialSettings> = {}) {
  const link = new SerialLink({ kind: 'rtu', path, baudRate: 9600, ...settings }, load);
  const heard: number[][] = [];
  const closed: string[] = [];
  const events = {
    onBytes: (bytes: Uint8Array) => void heard.push([...bytes]),
    onClosed: (say: string) => void closed.push(say),
  };
  return { link, heard, closed, open: () => link.open(events) };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

test.each([
  { settings: {}, is: { baudRate: 9600, parity: 'none', stopBits: 1, dataBits: 8, lock: true } },
  { settings: { parity: 'even' }, is: { parity: 'even' } },
  { settings: { baudRate: 19_200, stopBits: 2 }, is: { baudRate: 19_200, stopBits: 2 } },
  { settings: { parity: 'even', dataBits: 7 }, is: { dataBits: 7 } },
] as const)('opens with $is', async ({ settings, is }) => {
  const { link, open } = linkTo(settings);
  expect(await open()).toEqual({ ok: true });
  expect(opened[0]?.port?.openOptions).toMatchObject(is);
  await link.close();
});

test('a frame goes out in one piece, and what comes is handed on', async () => {
  const { link, open, heard } = linkTo();
  await open();
  link.send(Uint8Array.from([1, 3, 0, 0, 0, 2, 0xc4, 0x0b]));
  await turn();
  expect([...(opened[0]?.port?.recording ?? [])]).toEqual([1, 3, 0, 0, 0, 2, 0xc4, 0x0b]);
  opened[0]?.port?.emitData(Buffer.from([1, 3, 4]));
  await turn();
  expect(heard.flat()).toEqual([1, 3, 4]);
  await link.close();
});

test('a port that another program holds, and one that is not there, are told in a sentence', async () => {
  const first = linkTo();
  await first.open();
  expect(await linkTo().open()).toMatchObject({
    ok: false,
    say: expect.stringContaining('another program holds the port'),
  });
  await first.link.close();
  rmSync(path);
  expect(await linkTo().open()).toEqual({ ok: false, say: `${path}: no such port; is the adapter plugged in?` });
  // The real thing, which serialport's mock is not: a file that is no port.
  writeFileSync(path, '');
  const real = new SerialLink({ kind: 'rtu', path, baudRate: 9600 });
  expect(await real.open({ onBytes: () => undefined, onClosed: () => undefined })).toMatchObject({
    ok: false,
    say: expect.stringContaining('is no serial port'),
  });
});

test('an adapter that is pulled out is told once, and the same name with another device behind it is noticed', async () => {
  const { link, open, closed } = linkTo();
  await open();
  expect(await link.stillThere()).toBe(true);
  const other = join(folder, 'ttyUSB1');
  writeFileSync(other, '');
  rmSync(path);
  symlinkSync(other, path);
  expect(await link.stillThere()).toBe(false);
  rmSync(other);
  opened[0]?.emit('close');
  opened[0]?.emit('end');
  expect(closed).toEqual([`${path}: the port is gone; is the adapter plugged in?`]);
  await link.close();
});

test('nothing is sent on or heard from a port that was closed, and it opens again', async () => {
  const { link, open, heard } = linkTo();
  await open();
  await link.close();
  link.send(Uint8Array.from([1]));
  await turn();
  expect(opened[0]?.isOpen).toBe(false);
  expect(heard).toEqual([]);
  expect(await open()).toEqual({ ok: true });
  await link.close();
});
