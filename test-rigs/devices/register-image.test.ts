import { describe, expect, test } from 'vitest';
import { RegisterImage, type WriteVerdict } from './register-image.ts';

function image(limits = {}): RegisterImage {
  const made = new RegisterImage(limits);
  made.set('holding', 10, [1, 2, 3, 4]);
  made.set('coil', 0, [0, 1]);
  return made;
}

test.each([
  { address: 10, count: 4, result: { ok: true, words: [1, 2, 3, 4] } },
  { address: 9, count: 2, result: { ok: false, exception: 2 } },
  { address: 13, count: 2, result: { ok: false, exception: 2 } },
  { address: 10, count: 0, result: { ok: false, exception: 3 } },
  { address: 10, count: 126, result: { ok: false, exception: 3 } },
])('read $count from $address', ({ address, count, result }) => {
  expect(image().read('holding', address, count)).toEqual(result);
});

test("a device's own limit is smaller than the protocol's", () => {
  const small = new RegisterImage({ maxReadRegisters: 80, maxWriteRegisters: 2 });
  small.set(
    'holding',
    0,
    Array.from({ length: 100 }, () => 7),
  );
  expect(small.read('holding', 0, 80).ok).toBe(true);
  expect(small.read('holding', 0, 81)).toEqual({ ok: false, exception: 3 });
  expect(small.write('holding', 0, [1, 2]).ok).toBe(true);
  expect(small.write('holding', 0, [1, 2, 3])).toEqual({ ok: false, exception: 3 });
});

test('a hole refuses every read that touches it, and keeps its word', () => {
  const holed = image();
  holed.makeHole('holding', 11);
  expect(holed.read('holding', 10, 1)).toEqual({ ok: true, words: [1] });
  expect(holed.read('holding', 10, 2)).toEqual({ ok: false, exception: 2 });
  expect(holed.write('holding', 11, [9])).toEqual({ ok: false, exception: 2 });
  holed.makeReadable('holding', 11);
  expect(holed.read('holding', 10, 2)).toEqual({ ok: true, words: [1, 2] });
  holed.remove('holding', 11);
  expect(holed.read('holding', 10, 2)).toEqual({ ok: false, exception: 2 });
  expect(holed.get('holding', 11)).toBeUndefined();
});

describe('access', () => {
  test('read-only refuses with the exception it was given', () => {
    const guarded = image();
    guarded.setAccess('holding', 11, 1, 'read-only', 3);
    expect(guarded.write('holding', 10, [9, 9])).toEqual({ ok: false, exception: 3 });
    expect(guarded.getWords('holding', 10, 2)).toEqual([1, 2]);
    expect(guarded.write('holding', 12, [9])).toEqual({ ok: true });
  });
  test('write-only takes a write to an address without a word, and cannot be read', () => {
    const keyed = image();
    keyed.setAccess('holding', 4104, 2, 'write-only');
    expect(keyed.write('holding', 4104, [35_700, 29_835])).toEqual({ ok: true });
    expect(keyed.read('holding', 4104, 2)).toEqual({ ok: false, exception: 2 });
    expect(keyed.getWords('holding', 4104, 2)).toEqual([35_700, 29_835]);
  });
  test('where-allowed refuses what was not allowed', () => {
    const strict = image({ writes: 'where-allowed' });
    strict.setAccess('holding', 10, 1, 'read-write');
    expect(strict.write('holding', 10, [9])).toEqual({ ok: true });
    expect(strict.write('holding', 11, [9])).toEqual({ ok: false, exception: 2 });
  });
});

describe('write hooks', () => {
  test.each<{ verdict: WriteVerdict; result: object; word: number }>([
    { verdict: 'ok', result: { ok: true }, word: 9 },
    { verdict: 'ignore', result: { ok: true }, word: 1 },
    { verdict: 4, result: { ok: false, exception: 4 }, word: 1 },
  ])('$verdict', ({ verdict, result, word }) => {
    const hooked = image();
    const asked: unknown[] = [];
    hooked.onWrite((...request) => {
      asked.push(request);
      return verdict;
    });
    expect(hooked.write('holding', 10, [9])).toEqual(result);
    expect(hooked.get('holding', 10)).toBe(word);
    expect(asked).toEqual([['holding', 10, [9]]]);
  });
  test('are not asked about what the image refuses, and can be taken away', () => {
    const hooked = image();
    const asked: number[] = [];
    const remove = hooked.onWrite((_table, address) => {
      asked.push(address);
      return 'ok';
    });
    hooked.write('holding', 99, [1]);
    hooked.write('holding', 12, [1]);
    remove();
    hooked.write('holding', 13, [1]);
    expect(asked).toEqual([12]);
  });
});

test.each([
  { what: 'a word above 16 bits', make: () => image().set('holding', 0, 0x1_0000) },
  { what: 'a negative word', make: () => image().set('holding', 0, -1) },
  { what: 'a coil of 2', make: () => image().set('coil', 0, 2) },
  { what: 'an address above 65535', make: () => image().set('input', 65_535, [1, 2]) },
])('$what is a mistake of the program, and thrown', ({ make }) => {
  expect(make).toThrow(RangeError);
});
