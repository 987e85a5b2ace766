import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { connectionOf, openForReading, openForWriting } from './connection-options.ts';
import type { FieldValues } from './field-command.ts';

test.each<{ values: FieldValues; bus: object; unit?: number }>([
  {
    values: { port: '/dev/ttyUSB0', unit: '3' },
    bus: { kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, parity: 'even', stopBits: 1 },
    unit: 3,
  },
  {
    values: { port: '/dev/ttyUSB0', baud: '19200', parity: 'none', 'stop-bits': '2', timeout: '300' },
    bus: { baudRate: 19_200, parity: 'none', stopBits: 2, timeoutMs: 300 },
  },
  { values: { tcp: '192.0.2.1', unit: '255' }, bus: { kind: 'tcp', host: '192.0.2.1', port: 502 }, unit: 255 },
  { values: { tcp: 'meter.example:1502', unit: '0' }, bus: { host: 'meter.example', port: 1502 }, unit: 0 },
  { values: { tcp: '[2001:db8::1]:1502' }, bus: { host: '2001:db8::1', port: 1502 } },
  { values: { p1: '/dev/ttyUSB0' }, bus: { kind: 'p1', baudRate: 115_200, dataBits: 8, parity: 'none' }, unit: 1 },
  { values: { p1: '/dev/ttyUSB0', baud: '9600' }, bus: { dataBits: 7, parity: 'even', checksum: 'none' }, unit: 1 },
  { values: { 'p1-tcp': '192.0.2.1:4001' }, bus: { kind: 'p1-over-tcp', port: 4001 }, unit: 1 },
  { values: { 'rtu-tcp': '192.0.2.1:4001' }, bus: { kind: 'rtu-over-tcp', port: 4001, baudRate: 9600 } },
])('$values', ({ values, bus, unit }) => {
  const connection = connectionOf(values);
  if (!connection.ok) throw new Error(connection.say);
  expect(connection.value.bus).toMatchObject(bus);
  expect(connection.value.unit).toBe(unit);
});

test.each<{ values: FieldValues; say: RegExp }>([
  { values: {}, say: /Which device/ },
  { values: { port: '/dev/x', tcp: 'h' }, say: /--port and --tcp/ },
  { values: { port: '/dev/x', baud: 'fast' }, say: /--baud fast/ },
  { values: { port: '/dev/x', parity: 'some' }, say: /--parity some/ },
  { values: { port: '/dev/x', 'stop-bits': '3' }, say: /--stop-bits 3/ },
  { values: { port: '/dev/x', unit: '0' }, say: /broadcast/ },
  { values: { port: '/dev/x', unit: '248' }, say: /--unit 248: .*1 to 247/ },
  { values: { port: '/dev/x', unit: '300' }, say: /--unit 300: .*1 to 247/ },
  { values: { 'rtu-tcp': 'h:1', unit: '300' }, say: /--unit 300: .*1 to 247/ },
  { values: { tcp: 'h', profile: 'dsmr-p1' }, say: /dsmr-p1.*--p1 PATH.*--p1-tcp HOST:PORT.*p1-over-tcp/ },
  { values: { 'p1-tcp': 'h:1', profile: 'eastron-sdm630' }, say: /answers Modbus/ },
  { values: { 'p1-tcp': 'h' }, say: /the port is missing/ },
  { values: { tcp: 'h', unit: '256' }, say: /0 to 255/ },
  { values: { tcp: 'h', unit: '-1' }, say: /--unit -1/ },
  { values: { tcp: 'h:99999' }, say: /ports are/ },
  { values: { 'rtu-tcp': 'h' }, say: /the port is missing/ },
  { values: { tcp: 'h', device: 'm' }, say: /--config/ },
  { values: { tcp: 'h', profile: 'nobody' }, say: /no profile 'nobody'\. .*profile list/ },
  { values: { tcp: 'h', profile: 'sdm630' }, say: /Did you mean eastron-sdm630 or/ },
  { values: { config: '/no/such.yaml' }, say: /no such file/ },
])('$values is refused', ({ values, say }) => {
  const connection = connectionOf(values);
  expect(connection).toMatchObject({ ok: false, say: expect.stringMatching(say) as string });
});

test('what is opened for reading has no way to write; what does not open says why', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bus = { name: 'b', kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port } as const;
  const reading = await openForReading({ bus });
  const writing = await openForWriting({ bus });
  if (!reading.ok || !writing.ok) throw new Error('did not open');
  expect('write' in reading.value).toBe(false);
  expect('write' in writing.value).toBe(true);
  await Promise.all([reading.value.stop(), writing.value.stop()]);
  await new Promise((resolve) => server.close(resolve));
  expect(await openForReading({ bus })).toMatchObject({ ok: false, say: expect.stringMatching(/refused/) as string });
});
