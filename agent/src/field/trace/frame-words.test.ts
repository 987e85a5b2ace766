import { expect, test } from 'vitest';
import { readReply, withCrc } from '../../io/bus/testing/fake-device.ts';
import { frameWords } from './frame-words.ts';

const frame = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const ask = frame(1, 3, 0, 100, 0, 2);

test.each([
  { what: 'a read', of: ask, role: 'request', say: 'unit 1 read holding registers 100–101' },
  { what: 'of one register', of: frame(1, 4, 0, 7, 0, 1), role: 'request', say: 'unit 1 read input registers 7' },
  {
    what: 'its reply',
    of: readReply(1, 3, [5, 65_535]).subarray(0, -2),
    role: 'reply',
    say: 'unit 1 read holding registers 100–101 = 5 65535',
  },
  {
    what: 'a reply of another length than was asked: its address is not known',
    of: readReply(1, 3, [5]).subarray(0, -2),
    role: 'reply',
    say: 'unit 1 read holding registers (1 values, of an unknown address) = 5',
  },
  {
    what: 'an exception',
    of: frame(9, 0x83, 2),
    role: 'reply',
    say: 'unit 9 read holding registers: exception 2 (no such address)',
  },
  {
    what: 'a strange exception',
    of: frame(9, 0x90, 0x63),
    role: 'reply',
    say: 'unit 9 write multiple registers: exception 99 (not in the standard)',
  },
  {
    what: 'a coil switched on',
    of: frame(2, 5, 0, 3, 0xff, 0),
    role: 'request',
    say: 'unit 2 write single coil 3 = 1',
  },
  {
    what: 'a register written',
    of: frame(2, 6, 0, 3, 1, 2),
    role: 'request',
    say: 'unit 2 write single register 3 = 258',
  },
  {
    what: 'registers written',
    of: frame(2, 16, 16, 8, 0, 2, 4, 0x8b, 0x74, 0x74, 0x8b),
    role: 'request',
    say: 'unit 2 write multiple registers 4104–4105 = 35700 29835',
  },
  {
    what: 'the echo of that',
    of: frame(2, 16, 16, 8, 0, 2),
    role: 'reply',
    say: 'unit 2 write multiple registers 4104–4105',
  },
  {
    what: 'coils written',
    of: frame(2, 15, 0, 0, 0, 4, 1, 0b1010),
    role: 'request',
    say: 'unit 2 write multiple coils 0–3 = 0 1 0 1',
  },
  { what: 'half a reply', of: frame(1, 3, 4, 0, 5), role: 'reply', say: 'unit 1 read holding registers, cut short' },
  { what: 'a function of others', of: frame(1, 17), role: 'request', say: 'unit 1 report server id' },
  { what: 'one that nobody knows', of: frame(1, 99, 7), role: 'request', say: 'unit 1 function 99' },
] as const)('$what', ({ of, role, say }) => {
  expect(frameWords(of, role, ask).say).toBe(say);
});

test('bits beyond those that were asked for mean nothing', () => {
  const reply = withCrc([1, 1, 1, 0b1111_0101]).subarray(0, -2);
  expect(frameWords(reply, 'reply', frame(1, 1, 0, 8, 0, 3))).toMatchObject({
    address: 8,
    quantity: 3,
    values: [1, 0, 1],
  });
});
