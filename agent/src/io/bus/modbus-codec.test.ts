import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { crc16 } from './crc16.ts';
import { loadModbusLibrary, ModbusCodec } from './modbus-codec.ts';
import { readReply, withCrc } from './testing/fake-device.ts';
import type { WireRequest } from './expectation.ts';

const codec = () => new ModbusCodec(loadModbusLibrary());
const read: WireRequest = { kind: 'read', unit: 3, table: 'input', address: 52, quantity: 2 };

test('the CRC is that of the library', () => {
  const theirs = createRequire(import.meta.url)('modbus-serial/utils/crc16.js') as (bytes: Buffer) => number;
  for (let length = 1; length < 300; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * 37 + length) & 0xff));
    expect(crc16(bytes)).toBe(theirs(bytes));
  }
});

test.each([
  { request: read, frame: readReply(3, 4, [1, 65_535]), answer: { kind: 'value', words: [1, 65_535] } },
  { request: read, frame: withCrc([3, 0x84, 11]), answer: { kind: 'exception', code: 11 } },
  {
    request: { ...read, table: 'coil', quantity: 3 },
    frame: withCrc([3, 1, 1, 0b1111_1101]),
    answer: { kind: 'value', words: [1, 0, 1] },
  },
  { request: read, frame: readReply(3, 4, [1]), answer: { kind: 'unreadable' } },
] as const)('$answer', ({ request, frame, answer }) => {
  const one = codec();
  one.encode(request);
  expect(one.decode(frame)).toMatchObject(answer);
});

test('a frame is decoded with the request that was encoded last', () => {
  const one = codec();
  one.encode({ ...read, quantity: 5 });
  one.encode(read);
  expect(one.decode(readReply(3, 4, [1, 2]))).toEqual({ kind: 'value', words: [1, 2] });
});
