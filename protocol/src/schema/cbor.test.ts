import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromCbor, maxMessageBytes, toCbor } from './cbor.ts';
import type { Wire } from './field.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hexOf = (written: Uint8Array): string => Buffer.from(written).toString('hex');

describe('reads what RFC 8949, appendix A, shows', () => {
  test.each<[string, unknown]>([
    ['00', 0],
    ['17', 23],
    ['18 18', 24],
    ['19 03e8', 1000],
    ['1a 000f4240', 1_000_000],
    ['1b 000000e8d4a51000', 1_000_000_000_000],
    ['1b 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['20', -1],
    ['38 63', -100],
    ['39 03e7', -1000],
    ['3b 001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['f9 3c00', 1],
    ['f9 0001', 2 ** -24],
    ['f9 c400', -4],
    ['f9 7c00', Infinity],
    ['f9 7e00', Number.NaN],
    ['fa 47c35000', 100_000],
    ['fb c010666666666666', -4.1],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', undefined],
    ['60', ''],
    ['62 c3bc', 'ü'],
    ['64 f0908591', '𐅑'],
    ['63 efbbbf', '\ufeff'],
    ['80', []],
    ['83 01 82 02 03 82 04 05', [1, [2, 3], [4, 5]]],
    [
      'a2 01 02 03 04',
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      'a2 01 02 61 61 04',
      new Map<unknown, unknown>([
        [1, 2],
        ['a', 4],
      ]),
    ],
  ])('%s', (hex, value) => {
    expect(fromCbor(bytes(hex))).toStrictEqual({ ok: true, value });
  });
});

test('a byte string is a view of what came', () => {
  expect(fromCbor(bytes('44 01020304'))).toStrictEqual({ ok: true, value: Uint8Array.of(1, 2, 3, 4) });
});

describe('what Tiepoint never says is refused', () => {
  test.each([
    ['2^53', '1b 0020000000000000'],
    ['-2^53 - 1', '3b 0020000000000000'],
    ['a date', 'c1 1a 514b67b0'],
    ['a big number', 'c2 49 010000000000000000'],
    ['a set', 'd9 0102 82 01 02'],
    ['a typed array', 'd8 40 42 0102'],
    ['a record definition', 'd8 69 83 19 e000 81 61 61 01'],
    ['a packed table', 'd8 33 84 80 80 80 01'],
    ['a simple value', 'e0'],
  ])('%s', (_, hex) => {
    expect(fromCbor(bytes(hex)).ok).toBe(false);
  });
});

describe('refuses', () => {
  test.each([
    ['nothing', '', 'has 0 bytes'],
    ['an array cut off', '83 01 02', 'cut off'],
    ['a head cut off', '19 03', 'cut off'],
    ['a text cut off', '63 61 61', 'cut off'],
    ['a float cut off', 'fb 00', 'cut off'],
    ['a simple value cut off', 'f8', 'simple value'],
    ['a tag of nothing', 'c1', 'tags'],
    ['bytes to spare', '01 01', '1 bytes too many'],
    ['2^32 - 1 elements', '9a ffffffff', 'cut off'],
    ['2^53 elements', '9b 0020000000000000', 'cut off'],
    ['2^64 - 1 bytes', '5b ffffffffffffffff', 'cut off'],
    ['2^32 - 1 pairs', 'ba ffffffff', 'cut off'],
    ['huge arrays in huge arrays', '9a 00010009'.repeat(4), 'cut off'],
    ['an indefinite array', '9f 01 ff', 'indefinite'],
    ['an indefinite text', '7f 61 61 ff', 'indefinite'],
    ['a lone break', 'ff', 'break'],
    ['a reserved head', '1c', 'reserved'],
    ['a reserved simple', 'fc', 'simple value'],
    ['a number in a longer form', '18 05', 'shortest'],
    ['arrays without end', `${'81'.repeat(1000)}00`, 'deep'],
    ['tags without end', `${'c1'.repeat(1000)}00`, 'tags'],
    ['maps without end', `${'a101'.repeat(1000)}00`, 'deep'],
    ['a key twice', 'a2 01 02 01 03', 'twice'],
    ['a map as key', 'a1 a0 01', 'key'],
    ['no UTF-8', '61 ff', 'UTF-8'],
    ['half a surrogate pair', '63 eda080', 'UTF-8'],
    ['more items than any message has', `99 4e20 ${'00'.repeat(20_000)}`, 'items'],
    ['more bytes than any message has', '00'.repeat(maxMessageBytes + 1), '65537 bytes'],
  ])('%s', (_, hex, say) => {
    expect(fromCbor(bytes(hex))).toMatchObject({ ok: false, path: '', say: expect.stringContaining(say) as string });
  });
});

test('no message changes how the next one reads', () => {
  const next = bytes('83 07 a1 01 02 61 61');
  const before = fromCbor(next);
  expect(before.ok).toBe(true);
  for (const hex of [
    'd869 83 19e000 81 6161 01',
    'd9dfff 83 19e000 81 6161 01',
    'd833 84 8101 80 80 e0',
    '9f 01 ff',
    '83 07 a1 01',
  ]) {
    expect(fromCbor(bytes(hex)).ok).toBe(false);
    expect(fromCbor(next)).toStrictEqual(before);
  }
});

test('a few bytes cannot ask for much memory or time', () => {
  let doubling = `88${'00'.repeat(8)}`;
  for (let level = 0; level < 30; level++) doubling = `d833 84 81${doubling} 8200e0 80 d8e1 e0`;
  expect(fromCbor(bytes(doubling)).ok).toBe(false);
  expect(fromCbor(bytes(`c2 59 fff0 ${'ff'.repeat(0xfff0)}`)).ok).toBe(false);
});

test('__proto__ as a key is a key', () => {
  const read = fromCbor(bytes('a1 69 5f5f70726f746f5f5f a1 61 61 01'));
  expect(read.ok && read.value instanceof Map && read.value.has('__proto__')).toBe(true);
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
});

const wires: fc.Arbitrary<Wire> = fc.letrec<{ wire: Wire }>((tie) => ({
  wire: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.maxSafeInteger().map((value) => value + 0),
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('wire'), { maxLength: 30 }),
    fc
      .uniqueArray(fc.tuple(fc.integer(), tie('wire')), { maxLength: 30, selector: ([key]) => key })
      .map((pairs) => new Map(pairs)),
  ),
})).wire;

const forEachWire = (check: (wire: Wire) => void): void => {
  fc.assert(fc.property(wires, check), { numRuns: 500 });
};

test('what is written reads back', () => {
  forEachWire((wire) => {
    expect(plain(fromCbor(toCbor(wire)))).toEqual(plain({ ok: true, value: wire }));
  });
});

describe('writes', () => {
  test('bytes that no later message writes over', () => {
    const written = Array.from({ length: 2_000 }, (_, i) => ({ i, message: toCbor([i, 'x'.repeat(i % 90)]) }));
    for (const { i, message } of written)
      expect(fromCbor(message)).toStrictEqual({ ok: true, value: [i, 'x'.repeat(i % 90)] });
  });

  test.each([1, 8_191, 8_192, 8_193, 60_000])('a text of %d bytes', (length) => {
    for (let i = 0; i < 3; i++)
      expect(fromCbor(toCbor('y'.repeat(length)))).toStrictEqual({ ok: true, value: 'y'.repeat(length) });
  });

  test('nothing longer than anyone reads, and goes on after it', () => {
    expect(toCbor('z'.repeat(maxMessageBytes - 5)).length).toBeLessThanOrEqual(maxMessageBytes);
    expect(() => toCbor('z'.repeat(maxMessageBytes))).toThrow(RangeError);
    expect(hexOf(toCbor([1]))).toBe('8101');
  });
});

/** The library's byte strings are Buffers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(plain);
  return value !== null && typeof value === 'object' ? Object.entries(value).map(plain) : value;
}
