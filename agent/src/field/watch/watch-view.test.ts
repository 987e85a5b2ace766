import { expect, test } from 'vitest';
import { cropped } from './watch-screen.ts';
import { jsonOf, lineOf, tableOf } from './watch-view.ts';
import type { DeviceView } from './watch-view.ts';

const device: DeviceView = {
  id: 'meter-1',
  unit: 1,
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  identity: 'Eastron SDM630',
  points: [
    {
      name: 'voltageAV',
      value: 230.123_456_7,
      unit: 'V',
      quality: 'good',
      ageMs: 40,
      changed: true,
      raw: [{ table: 'input', address: 0, words: [0x4366, 0x1f9a] }],
    },
    { name: 'alarms', value: [], quality: 'good', ageMs: 40, changed: false, raw: [] },
    { name: 'fuelPct', unit: '%', quality: 'no-value', ageMs: 40, changed: false, raw: [] },
    {
      name: 'frequencyHz',
      value: 50,
      unit: 'Hz',
      quality: 'old',
      ageMs: 61_000,
      changed: false,
      raw: [{ table: 'input', address: 70 }],
    },
  ],
  bus: {
    where: '/dev/ttyUSB0 9600 baud 8E1',
    connected: false,
    transactionsPerS: 4.04,
    errorsPerS: 0,
    errors: 3,
    reconnects: 2,
  },
};
const paints = { colour: false };

test('the table', () => {
  expect(
    tableOf([{ ...device, trouble: 'the port is gone; it is opened again by itself, as soon as it is back' }], {
      raw: true,
      paints,
      width: 60,
    }),
  ).toEqual([
    'meter-1  unit 1, Eastron SDM630',
    '  /dev/ttyUSB0 9600 baud 8E1',
    '  port lost, 4.0 transactions/s, 0.0 errors/s (3 so far),',
    '    opened again 2×',
    '  the port is gone; it is opened again by itself, as soon as',
    '    it is back',
    '* voltageAV    230.1235  V   0.0 s        input 0: 4366 1f9a',
    '  alarms       none          0.0 s',
    '  fuelPct      –         %   no value',
    '  frequencyHz  50        Hz  old, 61.0 s  input 70: not read',
    '',
  ]);
});

test('a line, and JSON with the value whole', () => {
  expect(lineOf(device, { raw: false })).toBe(
    '2026-01-02T03:04:05.000Z  meter-1  *voltageAV=230.1235 V  alarms=none  fuelPct=–(no-value)  frequencyHz=50 Hz(old)  port lost, 4.0 transactions/s, 0.0 errors/s (3 so far), opened again 2×',
  );
  expect(jsonOf(device, { raw: false })).toMatchObject({
    device: 'meter-1',
    ok: true,
    points: { voltageAV: { value: 230.123_456_7 }, fuelPct: { quality: 'no-value' } },
  });
});

test.each([
  { line: 'abcdef', columns: 4, is: 'abcd\u001B[0m' },
  { line: 'abcd', columns: 4, is: 'abcd' },
  { line: '\u001B[31mabcd\u001B[0m', columns: 4, is: '\u001B[31mabcd\u001B[0m' },
  { line: '\u001B[31mabcd\u001B[0mef', columns: 5, is: '\u001B[31mabcd\u001B[0me\u001B[0m' },
])('$line in $columns columns', ({ line, columns, is }) => {
  expect(cropped(line, columns)).toBe(is);
});
