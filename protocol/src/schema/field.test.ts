import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choice, flags, integer, list, scaled, text, truth } from './field.ts';
import type { Field } from './field.ts';

/** What a decoder may hand over and no field of ours carries. */
const foreign: unknown = new Date(0);

const hertz = scaled({ step: 0.001, min: 0, max: 1_000, unit: 'Hz' });
const watts = scaled({ step: 10, min: -50e6, max: 50e6, unit: 'W' });
const wattHours = scaled({ step: 1, min: 0, max: 1e15, unit: 'Wh' });
const amperes = scaled({ step: 0.1, min: -6_000, max: 6_000, unit: 'A' });

describe('scaled', () => {
  test.each<[string, Field<number>, number, number | undefined]>([
    ['Hz', hertz, 60.012, 60_012],
    ['a half step up', hertz, 1.0005, 1001],
    ['W', watts, -412_346, -41_235],
    ['Wh', wattHours, 1e15, 1e15],
    ['A', amperes, -0.04, 0],
    ['minus zero', amperes, -0, 0],
    ['the least', amperes, -6_000, -60_000],
    ['below the least', amperes, -6_000.0001, undefined],
    ['above the most', hertz, 1_000.0001, undefined],
    ['NaN', hertz, Number.NaN, undefined],
    ['Infinity', wattHours, Infinity, undefined],
    ['-Infinity', watts, -Infinity, undefined],
    ['text', hertz, '50' as unknown as number, undefined],
    ['null', hertz, null as unknown as number, undefined],
  ])('%s', (_, field, value, wire) => {
    expect(field.encode(value)).toBe(wire);
  });

  test.each([hertz, watts, wattHours, amperes])('every step of $unit reads back as the same step', (field) => {
    fc.assert(
      fc.property(fc.double({ min: -50e6, max: 1e15, noNaN: true }), (value) => {
        const wire = field.encode(value);
        if (wire === undefined) return;
        const read = field.decode(wire);
        expect(read.ok && field.encode(read.value)).toBe(wire);
      }),
    );
  });

  test('reads back the decimals that were meant', () => {
    for (let steps = 0; steps < 100_000; steps += 7) {
      expect(hertz.decode(steps)).toEqual({
        ok: true,
        value: Number(`${Math.floor(steps / 1000)}.${String(steps % 1000).padStart(3, '0')}`),
      });
    }
  });

  test.each([1.5, '1', null, undefined, foreign, Number.NaN, 1_000_001, -1, 2 ** 60])(
    'refuses %s from the wire',
    (wire) => {
      expect(hertz.decode(wire).ok).toBe(false);
      expect(hertz.read?.(wire)).toBeUndefined();
    },
  );

  test.each([
    { step: 0.3, min: 0, max: 1 },
    { step: 2.5, min: 0, max: 1 },
    { step: 0, min: 0, max: 1 },
    { step: 0.001, min: 0, max: 1e15 },
  ])('cannot be declared with $step to $max', (range) => {
    expect(() => scaled({ ...range, unit: 'x' })).toThrow(RangeError);
  });
});

describe('integer', () => {
  const field = integer({ min: -1, max: 2 ** 40 });
  test.each([
    [0, 0],
    [-0, 0],
    [2 ** 40, 2 ** 40],
    [-2, undefined],
    [0.5, undefined],
    [Number.NaN, undefined],
  ])('%d', (value, wire) => {
    expect(field.encode(value)).toBe(wire);
  });
});

describe('choice', () => {
  const plain = choice(['a', 'b']);
  const open = choice(['a', 'b'], { otherwise: 'a' });
  const seen = (field: Field<string>, wire: unknown): unknown => {
    const read = field.decode(wire);
    return read.ok ? read.value : read.newer === true ? 'newer' : 'refused';
  };
  test.each<[unknown, string, string]>([
    [1, 'b', 'b'],
    [2, 'newer', 'a'],
    [-1, 'refused', 'refused'],
    [0.5, 'refused', 'refused'],
    ['length', 'refused', 'refused'],
    [foreign, 'refused', 'refused'],
  ])('%s', (wire, strictly, openly) => {
    expect(seen(plain, wire)).toBe(strictly);
    expect(seen(open, wire)).toBe(openly);
  });

  test('carries no word of another list', () => {
    expect(plain.encode('c' as 'a')).toBeUndefined();
  });
});

describe('flags', () => {
  const few = flags(['some', 'fire', 'flood'], { otherwise: 'some' });
  const most = Array.from({ length: 31 }, (_, bit) => `bit${bit}`);
  test.each<[unknown, readonly string[] | undefined]>([
    [0, []],
    [2, ['fire']],
    [6, ['fire', 'flood']],
    [8, ['some']],
    [2 ** 30 + 4, ['some', 'flood']],
    [2 ** 31, undefined],
    [-1, undefined],
    [1.5, undefined],
    [foreign, undefined],
  ])('%s', (wire, words) => {
    expect(few.read?.(wire)).toEqual(words);
  });

  test('31 fit', () => {
    const field = flags(most, { otherwise: 'bit0' });
    expect(field.encode(most)).toBe(0x7fff_ffff);
    expect(field.decode(0x7fff_ffff)).toEqual({ ok: true, value: most });
    expect(() => flags([...most, 'bit31'], { otherwise: 'bit0' })).toThrow(RangeError);
  });

  test('a word of no list is not carried', () => {
    expect(few.encode(['fire', 'plague' as 'fire'])).toBeUndefined();
  });
});

describe('text', () => {
  const short = text({ maxLength: 5 });
  const prose = text({ maxLength: 5, prose: true });
  test.each([
    ['12345', '12345', '12345'],
    ['123456', undefined, '1234…'],
    ['a\ud800', 'a\ufffd', 'a\ufffd'],
    ['123😀5', undefined, '123\ufffd…'],
  ])('%s', (value, shortly, asProse) => {
    expect(short.encode(value)).toBe(shortly);
    expect(prose.encode(value)).toBe(asProse);
  });
  test.each(['123456', 5, null, foreign])('refuses %s', (wire) => {
    expect(prose.decode(wire).ok).toBe(false);
  });
});

test('truth is nothing but true or false', () => {
  expect([true, false, 1, 0, 'true', null, foreign].map((wire) => truth.decode(wire).ok)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

describe('list', () => {
  const plain = list(choice(['a', 'b']), { maxLength: 3 });
  const growing = list(choice(['a', 'b']), { maxLength: 3, skipNewer: true });
  test.each<[unknown, unknown, unknown]>([
    [[0, 1], { ok: true, value: ['a', 'b'] }, { ok: true, value: ['a', 'b'] }],
    [[0, 7, 1], expect.objectContaining({ ok: false, path: '[1]', newer: true }), { ok: true, value: ['a', 'b'] }],
    [[0, -1], expect.objectContaining({ path: '[1]' }), expect.objectContaining({ path: '[1]' })],
    [[0, 0, 0, 0], expect.objectContaining({ ok: false, path: '' }), expect.objectContaining({ ok: false, path: '' })],
    [{ length: 1, 0: 0 }, expect.objectContaining({ ok: false }), expect.objectContaining({ ok: false })],
  ])('%j', (wire, plainly, openly) => {
    expect(plain.decode(wire)).toEqual(plainly);
    expect(growing.decode(wire)).toEqual(openly);
  });
});
