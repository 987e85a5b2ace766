import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serialPorts } from './serial-ports.ts';

/** A machine as files: text, or a link where it begins with `->`. */
function machine(files: Readonly<Record<string, string>>): { dev: string; sys: string; proc: string; root: string } {
  const root = mkdtempSync(join(tmpdir(), 'tiepoint-ports-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['dev', 'sys', 'proc']) mkdirSync(join(root, folder));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (text.startsWith('->')) symlinkSync(join(root, text.slice(2)), join(root, name));
    else writeFileSync(join(root, name), text);
  }
  return { dev: join(root, 'dev'), sys: join(root, 'sys'), proc: join(root, 'proc'), root };
}

const usb = {
  'dev/ttyUSB0': '',
  'dev/serial/by-id/usb-FTDI_FT232R_A1-if00-port0': '->dev/ttyUSB0',
  'sys/devices/usb1/1-1/idVendor': '0403\n',
  'sys/devices/usb1/1-1/manufacturer': 'FTDI\n',
  'sys/devices/usb1/1-1/product': 'FT232R USB UART\n',
  'sys/devices/usb1/1-1/serial': 'A1\n',
  'sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/port_number': '0\n',
  'sys/class/tty/ttyUSB0/device': '->sys/devices/usb1/1-1/1-1:1.0/ttyUSB0',
};

test('an adapter by its lasting name, with its maker', () => {
  const folders = machine(usb);
  expect(serialPorts(folders)).toEqual([
    {
      path: join(folders.dev, 'serial/by-id/usb-FTDI_FT232R_A1-if00-port0'),
      device: join(folders.dev, 'ttyUSB0'),
      adapter: 'FTDI FT232R USB UART',
      serialNumber: 'A1',
      state: 'free',
    },
  ]);
});

test('an adapter that names no maker is told by the number of its chip', () => {
  const folders = machine({
    'dev/ttyUSB3': '',
    'sys/devices/usb1/1-2/idVendor': '1a86\n',
    'sys/devices/usb1/1-2/product': 'USB Serial\n',
    'sys/class/tty/ttyUSB3/device': '->sys/devices/usb1/1-2',
  });
  expect(serialPorts(folders)).toMatchObject([
    { path: join(folders.dev, 'ttyUSB3'), adapter: 'QinHeng (CH340) USB Serial' },
  ]);
});

test('ports on board are told only where there is a chip, adapters first', () => {
  const folders = machine({
    ...usb,
    'dev/ttyS0': '',
    'dev/ttyS1': '',
    'dev/ttyprintk': '',
    'sys/class/tty/ttyS0/type': '4\n',
    'sys/class/tty/ttyS1/type': '0\n',
  });
  expect(serialPorts(folders).map(({ device }) => device)).toEqual([
    join(folders.dev, 'ttyUSB0'),
    join(folders.dev, 'ttyS0'),
  ]);
});

test('a port that a program has open is told with the program', () => {
  const folders = machine({ ...usb, 'proc/4711/fd/9': '->dev/ttyUSB0', 'proc/4711/comm': 'tiepoint\n' });
  expect(serialPorts(folders)).toMatchObject([
    { state: 'in-use', say: expect.stringMatching(/tiepoint \(process 4711\)/) as string },
  ]);
});

test('a machine without serial ports has none', () => {
  expect(serialPorts(machine({}))).toEqual([]);
});
