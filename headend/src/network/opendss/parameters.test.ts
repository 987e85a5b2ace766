import { describe, expect, test } from 'vitest';
import { inlineMath } from './inline-math.ts';
import { parametersOf, rowsOf } from './parameters.ts';
import { lengthUnit, matrixOf, numberOf } from './values.ts';

const short = (text: string): unknown => {
  const read = parametersOf(text);
  return read.ok ? read.parameters.map(({ name, value }) => (name === undefined ? value : [name, value])) : read.say;
};

describe('a line of a script', () => {
  test.each([
    { text: 'New Line.a bus1=1.2, bus2 = 2.2', says: ['New', 'Line.a', ['bus1', '1.2'], ['bus2', '2.2']] },
    { text: '~ kvs=(7.2, 7.2)  conns = [wye wye]! comment', says: ['~', ['kvs', '7.2, 7.2'], ['conns', 'wye wye']] },
    {
      text: 'x="a b" y=\'c d\' z={1 2 *} // more',
      says: [
        ['x', 'a b'],
        ['y', 'c d'],
        ['z', '1 2 *'],
      ],
    },
    { text: '// all comment', says: [] },
    { text: '   ', says: [] },
    { text: 'Redirect\tfile.dss', says: ['Redirect', 'file.dss'] },
    { text: 'pf = 0.97', says: [['pf', '0.97']] },
    { text: 'a= b=2', says: [['a', 'b'], '2'] },
    { text: 'rmatrix=[1 | 2 3', says: 'the [ after rmatrix= is not closed on this line' },
    { text: '(1 2', says: 'the ( is not closed on this line' },
  ])('$text', ({ text, says }) => expect(short(text)).toEqual(says));

  test('rows of a matrix, with expressions in it', () => {
    expect(rowsOf('1 2 | (3 1 +), 4|5').map((row) => row.map(({ value }) => value))).toEqual([
      ['1', '2'],
      ['3 1 +', '4'],
      ['5'],
    ]);
  });
});

describe('inline math', () => {
  test.each([
    { text: '8 1000 /', comes: 0.008 },
    { text: '1.051 0.88 0.001 3 * - - 115 12.47 / sqr *', comes: (1.051 - (0.88 - 0.003)) * (115 / 12.47) ** 2 },
    { text: '580 1.25 *', comes: 725 },
    { text: '2 3 ^', comes: 8 },
    { text: '30 sin', comes: 0.5 },
    { text: '1 1 atan2', comes: 45 },
    { text: '2 5 swap -', comes: 3 },
    { text: '3 sqrt inv', comes: 1 / Math.sqrt(3) },
    { text: 'pi 2 *', comes: 2 * Math.PI },
    { text: '-4.5e1', comes: -45 },
  ])('$text', ({ text, comes }) => {
    const read = inlineMath(text);
    expect(read.ok ? read.value : read.say).toBeCloseTo(comes, 9);
  });

  test.each([
    { text: '1 0 /', say: "'1 0 /' comes to no number" },
    { text: '1 +', say: "'+' needs 2 numbers before it" },
    { text: '1 pluss', say: "'pluss' is neither a number nor an operation of inline math" },
    { text: '', say: 'is empty where a number is due' },
  ])('$text is refused', ({ text, say }) => expect(inlineMath(text)).toEqual({ ok: false, say }));
});

describe('values', () => {
  test.each([
    {
      written: '1 | 2 3',
      order: 2,
      is: [
        [1, 2],
        [2, 3],
      ],
    },
    {
      written: '1 9 | 2 3',
      order: 2,
      is: [
        [1, 2],
        [2, 3],
      ],
    },
    { written: '5', order: 1, is: [[5]] },
  ])('the matrix $written', ({ written, order, is }) => {
    expect(matrixOf({ value: written, quoted: true }, order)).toEqual({ ok: true, value: is });
  });

  test('a matrix of the wrong size, a number that is none', () => {
    expect(matrixOf({ value: '1 | 2 3', quoted: true }, 3)).toMatchObject({ ok: false });
    expect(matrixOf({ value: '1 2 3 | 2 3', quoted: true }, 2)).toMatchObject({ ok: false });
    expect(numberOf({ value: '1,5', quoted: false })).toMatchObject({ ok: false });
    expect(numberOf({ value: '.88', quoted: false })).toEqual({ ok: true, value: 0.88 });
  });

  test.each([
    ['kft', 304.8],
    ['Miles', 1_609.344],
    ['m', 1],
    ['mm', 0.001],
    ['none', 'none'],
  ])('%s', (value, metres) => expect(lengthUnit({ value, quoted: false })).toEqual({ ok: true, value: metres }));
});
