import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerPdu, extentsOf } from './modbus-slave.ts';
import { RegisterImage } from './register-image.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');

/** The states that the examples of the Modbus application protocol V1.1b3, clause 6, start from. */
function exampleImage(): RegisterImage {
  const image = new RegisterImage();
  image.set('coil', 19, bits('cd 6b 05', 19));
  image.set('coil', 172, 0);
  image.set('discrete', 196, bits('ac db 35', 22));
  image.set('holding', 107, [0x022b, 0x0000, 0x0064]);
  image.set('input', 8, 0x000a);
  image.set('holding', 1, [0, 0]);
  image.set('holding', 3, [0x00fe, 0x0acd, 0x0001, 0x0003, 0x000d, 0x00ff]);
  image.set('holding', 14, [0, 0, 0]);
  return image;
}

function bits(bytes: string, count: number): number[] {
  const packed = hex(bytes);
  return Array.from({ length: count }, (_, i) => ((packed[i >> 3] ?? 0) >> (i & 7)) & 1);
}

describe('the examples of the specification', () => {
  test.each([
    { name: '6.1 read coils', ask: '01 00 13 00 13', answer: '01 03 cd 6b 05' },
    { name: '6.2 read discrete inputs', ask: '02 00 c4 00 16', answer: '02 03 ac db 35' },
    { name: '6.3 read holding registers', ask: '03 00 6b 00 03', answer: '03 06 02 2b 00 00 00 64' },
    { name: '6.4 read input registers', ask: '04 00 08 00 01', answer: '04 02 00 0a' },
    { name: '6.5 write single coil', ask: '05 00 ac ff 00', answer: '05 00 ac ff 00' },
    { name: '6.6 write single register', ask: '06 00 01 00 03', answer: '06 00 01 00 03' },
    { name: '6.11 write multiple coils', ask: '0f 00 13 00 0a 02 cd 01', answer: '0f 00 13 00 0a' },
    { name: '6.12 write multiple registers', ask: '10 00 01 00 02 04 00 0a 01 02', answer: '10 00 01 00 02' },
    { name: '6.16 mask write register', ask: '16 00 04 00 f2 00 25', answer: '16 00 04 00 f2 00 25' },
    {
      name: '6.17 read and write registers',
      ask: '17 00 03 00 06 00 0e 00 03 06 00 ff 00 ff 00 ff',
      answer: '17 0c 00 fe 0a cd 00 01 00 03 00 0d 00 ff',
    },
  ])('$name', ({ ask, answer }) => {
    expect(text(answerPdu(exampleImage(), hex(ask)))).toBe(answer);
  });

  test('what was written is there', () => {
    const image = exampleImage();
    image.set('holding', 4, 0x12);
    answerPdu(image, hex('05 00 ac ff 00'));
    answerPdu(image, hex('0f 00 13 00 0a 02 cd 01'));
    answerPdu(image, hex('10 00 01 00 02 04 00 0a 01 02'));
    answerPdu(image, hex('16 00 04 00 f2 00 25'));
    answerPdu(image, hex('17 00 03 00 01 00 0e 00 03 06 00 ff 00 fe 00 fd'));
    expect(image.get('coil', 172)).toBe(1);
    expect(image.getWords('coil', 19, 10)).toEqual(bits('cd 01', 10));
    expect(image.getWords('holding', 1, 2)).toEqual([0x000a, 0x0102]);
    expect(image.get('holding', 4)).toBe(0x17);
    expect(image.getWords('holding', 14, 3)).toEqual([0xff, 0xfe, 0xfd]);
  });

  test('function 23 reads what it has just written', () => {
    const answer = answerPdu(exampleImage(), hex('17 00 0e 00 01 00 0e 00 01 02 be ef'));
    expect(text(answer)).toBe('17 02 be ef');
  });
});

describe('exceptions', () => {
  test.each([
    { name: 'a function nobody has', ask: '2b 0e 01 00', answer: 'ab 01' },
    { name: 'an empty request', ask: '', answer: '80 01' },
    { name: 'no registers', ask: '03 00 6b 00 00', answer: '83 03' },
    { name: '126 registers', ask: '03 00 6b 00 7e', answer: '83 03' },
    { name: '2001 coils', ask: '01 00 13 07 d1', answer: '81 03' },
    { name: 'an address that is not there', ask: '03 00 6b 00 04', answer: '83 02' },
    { name: 'past the last address', ask: '03 ff ff 00 02', answer: '83 02' },
    { name: 'a coil neither on nor off', ask: '05 00 ac 12 34', answer: '85 03' },
    { name: 'a coil that is not there', ask: '05 00 ad ff 00', answer: '85 02' },
    { name: 'a byte count that does not fit', ask: '10 00 01 00 02 03 00 0a 01', answer: '90 03' },
    { name: 'bytes missing', ask: '10 00 01 00 02 04 00 0a 01', answer: '90 03' },
    { name: 'bytes too many', ask: '03 00 6b 00 03 00', answer: '83 03' },
    { name: 'a mask for an address that is not there', ask: '16 01 04 00 f2 00 25', answer: '96 02' },
    { name: 'a read of 23 that is not there', ask: '17 01 03 00 06 00 0e 00 01 02 00 ff', answer: '97 02' },
  ])('$name', ({ ask, answer }) => {
    expect(text(answerPdu(exampleImage(), hex(ask)))).toBe(answer);
  });

  test('function 23 that cannot read writes nothing', () => {
    const image = exampleImage();
    answerPdu(image, hex('17 01 03 00 06 00 0e 00 01 02 00 ff'));
    expect(image.get('holding', 14)).toBe(0);
  });
});

test('no bytes make it throw, and every answer is an answer to its request', () => {
  const functionCodes = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 6, 15, 16, 22, 23), fc.nat(255));
  const requests = fc
    .tuple(functionCodes, fc.uint8Array({ maxLength: 40 }))
    .map(([code, rest]) => Uint8Array.of(code, ...rest));
  fc.assert(
    fc.property(requests, (request) => {
      const answer = answerPdu(exampleImage(), request);
      expect((answer[0] ?? 0) & 0x7f).toBe((request[0] ?? 0) & 0x7f);
      expect(answer.length).toBeGreaterThanOrEqual(2);
      expect(answer.length).toBeLessThanOrEqual(253);
      extentsOf(request);
    }),
    { numRuns: 2000 },
  );
});

test('a word that is written reads back, through functions 6 and 16', () => {
  fc.assert(
    fc.property(fc.nat(120), fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 123 }), (address, words) => {
      const image = new RegisterImage();
      image.set(
        'holding',
        0,
        Array.from({ length: 300 }, () => 0),
      );
      const data = words.flatMap((word) => [word >> 8, word & 0xff]);
      answerPdu(image, Uint8Array.of(16, 0, address, 0, words.length, data.length, ...data));
      const answer = answerPdu(image, Uint8Array.of(3, 0, address, 0, words.length));
      expect([...answer]).toEqual([3, data.length, ...data]);
    }),
    { numRuns: 200 },
  );
});

test.each([
  { ask: '03 9c 40 00 0a', extents: [{ table: 'holding', address: 40_000, count: 10 }] },
  { ask: '05 00 ac ff 00', extents: [{ table: 'coil', address: 172, count: 1 }] },
  { ask: '16 00 04 00 f2 00 25', extents: [{ table: 'holding', address: 4, count: 1 }] },
  {
    ask: '17 00 03 00 06 00 0e 00 03 06 00 ff 00 ff 00 ff',
    extents: [
      { table: 'holding', address: 3, count: 6 },
      { table: 'holding', address: 14, count: 3 },
    ],
  },
  { ask: '2b 0e 01 00 00', extents: [] },
  { ask: '03 00', extents: [] },
])('$ask touches its registers', ({ ask, extents }) => {
  expect(extentsOf(hex(ask))).toEqual(extents);
});
