import { describe, expect, test } from 'vitest';
import { toCbor } from './cbor.ts';
import { choice, integer, list } from './field.ts';
import { can, need, record } from './record.ts';

/** What a decoder may hand over and no field of ours carries. */
const foreign: unknown = new Date(0);

const fields = {
  id: need(1, integer({ min: 0, max: 9 })),
  word: can(2, choice(['a', 'b'])),
  kind: can(3, list(choice(['x']), { maxLength: 2 })),
};
const open = record(fields);
const strict = record(fields, { strict: true });
const outer = record({ inner: can(1, strict), items: can(2, list(open, { maxLength: 3 })) });

describe('reads', () => {
  test.each<[string, [number | string, unknown][], unknown, unknown]>([
    [
      'whole',
      [
        [1, 7],
        [2, 1],
      ],
      { ok: true, value: { id: 7, word: 'b' } },
      { ok: true, value: { id: 7, word: 'b' } },
    ],
    [
      'null as unknown',
      [
        [1, 7],
        [2, null],
      ],
      { ok: true, value: { id: 7 } },
      { ok: true, value: { id: 7 } },
    ],
    [
      'an unknown key',
      [
        [1, 7],
        [9, 1],
      ],
      { ok: true, value: { id: 7 } },
      expect.objectContaining({ ok: false, path: '.9' }),
    ],
    [
      'a text key',
      [
        [1, 7],
        ['__proto__', 1],
      ],
      { ok: true, value: { id: 7 } },
      expect.objectContaining({ ok: false, path: '.__proto__' }),
    ],
    [
      'a newer word',
      [
        [1, 7],
        [2, 2],
      ],
      { ok: true, value: { id: 7 } },
      expect.objectContaining({ ok: false, path: '.word' }),
    ],
    [
      'a newer word in a list',
      [
        [1, 7],
        [3, [1]],
      ],
      { ok: true, value: { id: 7 } },
      expect.objectContaining({ ok: false, path: '.kind[0]' }),
    ],
    [
      'nonsense',
      [
        [1, 7],
        [2, 'b'],
      ],
      expect.objectContaining({ ok: false, path: '.word' }),
      expect.objectContaining({ ok: false, path: '.word' }),
    ],
    [
      'a tagged value',
      [
        [1, 7],
        [2, foreign],
      ],
      expect.objectContaining({ ok: false, path: '.word' }),
      expect.objectContaining({ ok: false, path: '.word' }),
    ],
    [
      'nothing required',
      [[2, 1]],
      expect.objectContaining({ ok: false, path: '.id' }),
      expect.objectContaining({ ok: false, path: '.id' }),
    ],
  ])('%s', (_, pairs, openly, strictly) => {
    expect(open.decode(new Map(pairs))).toEqual(openly);
    expect(strict.decode(new Map(pairs))).toEqual(strictly);
  });

  test('a strict record inside is refused, not left out', () => {
    const inner = new Map<number, unknown>([
      [1, 7],
      [2, 2],
    ]);
    expect(outer.decode(new Map([[1, inner]]))).toMatchObject({ ok: false, path: '.inner.word' });
  });

  test('with the path down to what is wrong', () => {
    const items = [new Map([[1, 1]]), new Map([[1, 10]])];
    expect(outer.decode(new Map([[2, items]]))).toMatchObject({ ok: false, path: '.items[1].id' });
  });

  test('no array and no number', () => {
    expect(open.fromBytes(toCbor([1])).ok).toBe(false);
    expect(open.fromBytes(toCbor(1)).ok).toBe(false);
  });
});

test.each([{}, { id: 10 }, { id: 1, word: 'c' }])('does not write %j', (value) => {
  expect(() => open.toBytes(value as { id: number })).toThrow(RangeError);
  expect(open.encode(value as { id: number })).toBeUndefined();
});

test('two fields never share a key', () => {
  expect(() => record({ a: need(1, integer({ min: 0, max: 1 })), b: can(1, integer({ min: 0, max: 1 })) })).toThrow(
    /share a key/,
  );
});
