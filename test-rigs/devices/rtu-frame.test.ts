import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { characterMs, crc16, exchangeMs, parseRtuFrame, requestFrameLength, rtuFrame, t35Ms } from './rtu-frame.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('the CRC of the specification: 02 07 gives 41 12 on the line', () => {
  expect(crc16(hex('02 07'))).toBe(0x1241);
  expect(rtuFrame(2, hex('07'))).toEqual(hex('02 07 41 12'));
});

test('the CRC of the catalogue: "123456789" gives 4B37', () => {
  expect(crc16(Buffer.from('123456789'))).toBe(0x4b37);
});

test('a frame is parsed back; a frame with any bit turned is not', () => {
  const frames = fc.record({ unit: fc.nat(255), pdu: fc.uint8Array({ minLength: 1, maxLength: 253 }), bit: fc.nat() });
  fc.assert(
    fc.property(frames, ({ unit, pdu, bit }) => {
      const frame = rtuFrame(unit, pdu);
      expect(parseRtuFrame(frame)).toEqual({ unit, pdu });
      const at = bit % (frame.length * 8);
      frame[at >> 3] = (frame[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(parseRtuFrame(frame)).toBeUndefined();
    }),
  );
});

test.each([
  { bytes: '01', length: 'more' },
  { bytes: '01 03', length: 8 },
  { bytes: '01 06', length: 8 },
  { bytes: '01 16', length: 10 },
  { bytes: '01 10 00 01 00 02', length: 'more' },
  { bytes: '01 10 00 01 00 02 04', length: 13 },
  { bytes: '01 0f 00 13 00 0a 02', length: 11 },
  { bytes: '01 17 00 03 00 06 00 0e 00 03 06', length: 19 },
  { bytes: '01 2b', length: 'by-silence' },
])('$bytes begins a frame of $length', ({ bytes, length }) => {
  expect(requestFrameLength(hex(bytes))).toBe(length);
});

describe('times', () => {
  test('t3.5 is 3.5 characters, and fixed above 19200 baud', () => {
    expect(t35Ms(9600)).toBeCloseTo(4.01, 2);
    expect(t35Ms(19_200)).toBeCloseTo(2.005, 3);
    expect(t35Ms(115_200)).toBe(1.75);
    expect(characterMs(9600)).toBeCloseTo(1.1458, 4);
  });
  test.each([
    { baudRate: 9600, registers: 2, ms: 27.5 },
    { baudRate: 9600, registers: 125, ms: 309.4 },
    { baudRate: 19_200, registers: 50, ms: 68.7 },
    { baudRate: 115_200, registers: 2, ms: 5.1 },
    { baudRate: 115_200, registers: 125, ms: 28.6 },
  ])('$registers registers at $baudRate', ({ baudRate, registers, ms }) => {
    expect(exchangeMs(baudRate, 8, 5 + 2 * registers)).toBeCloseTo(ms, 0);
  });
});
