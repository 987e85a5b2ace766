import { expect, test } from 'vitest';
import { rawRequest, rawValues } from './raw-read.ts';

const float = [0x4366, 0x8000]; // 230.5

test.each([
  { as: 'uint16', words: [1, 0xffff], values: [1, 65_535] },
  { as: 'int16', words: [0xffff], values: [-1] },
  { as: 'float32', words: float, values: [230.5] },
  { as: 'float32', order: 'little', words: float.toReversed(), values: [230.5] },
  { as: 'float32', words: [0x7fc0, 0], values: [undefined] },
  { as: 'int32', words: [0xffff, 0xfffe], values: [-2] },
  { as: 'uint64', words: [0xffff, 0xffff, 0xffff, 0xffff], values: ['18446744073709551615'] },
  { as: 'text', words: [0x4142, 0x4300], values: ['ABC'] },
  { as: 'hex', words: [0xbeef], values: ['BEEF'] },
])('$words as $as', ({ as, order, words, values }) => {
  const request = rawRequest({ table: 'holding', as, order }, ['10', String(words.length)]);
  if (!request.ok) throw new Error(request.say);
  expect(rawValues(request.value, words).map(({ value }) => value)).toEqual(values);
});

test.each([
  { values: { table: 'holding' }, positionals: ['0x9C40'], request: { address: 40_000, quantity: 1 } },
  { values: { table: 'holding', as: 'float64' }, positionals: ['7'], request: { address: 7, quantity: 4 } },
  { values: { table: 'coil' }, positionals: ['0', '2000'], request: { table: 'coil', quantity: 2000 } },
])('$positionals', ({ values, positionals, request }) => {
  expect(rawRequest(values, positionals)).toMatchObject({ ok: true, value: request });
});

test.each([
  { values: { table: 'registers' }, positionals: ['0'], say: /--table registers/ },
  { values: { table: 'holding' }, positionals: [], say: /ADDRESS is missing/ },
  { values: { table: 'holding' }, positionals: ['65536'], say: /0 to 65535/ },
  { values: { table: 'holding' }, positionals: ['0', '126'], say: /1 to 125/ },
  { values: { table: 'holding' }, positionals: ['65535', '2'], say: /1 to 1 / },
  { values: { table: 'holding', as: 'float32' }, positionals: ['0', '3'], say: /no whole number of float32/ },
  { values: { table: 'holding', as: 'double' }, positionals: ['0'], say: /--as double/ },
  { values: { table: 'holding', order: 'middle' }, positionals: ['0'], say: /--order middle/ },
])('$values $positionals is refused', ({ values, positionals, say }) => {
  expect(rawRequest(values, positionals)).toMatchObject({ ok: false, say: expect.stringMatching(say) as string });
});
