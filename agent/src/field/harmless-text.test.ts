import { expect, test } from 'vitest';
import { PassThrough } from 'node:stream';
import { harmless, harmlessJson } from './harmless-text.ts';
import { openTerminal } from './terminal.ts';

const clearScreen = '\u001B[2J';
const window = '\u001B]0;root\u0007';
const c1 = '\u009B31mred';

test.each([
  { given: `S-1${clearScreen}`, shown: 'S-1·[2J' },
  { given: `S-1${window}`, shown: 'S-1·]0;root·' },
  { given: c1, shown: '·31mred' },
  { given: 'S-1\rS-2\b\u007F', shown: 'S-1·S-2··' },
  { given: 'price \u202E1000\u202C', shown: 'price ·1000·' },
  { given: 'two\nlines\tand \u001B[31mred\u001B[0m', shown: 'two\nlines\tand \u001B[31mred\u001B[0m' },
  { given: '\u001B[8mhidden', shown: '·[8mhidden' },
  { given: 'Maße: 5 µA, 日本 ✓', shown: 'Maße: 5 µA, 日本 ✓' },
])('$given', ({ given, shown }) => {
  expect(harmless(given)).toBe(shown);
});

test('programs get what it was', () => {
  const told = JSON.stringify({ serialNumber: `S-1${clearScreen}${c1}\u202E` });
  expect(harmlessJson(told)).not.toMatch(/[\p{Cc}\u202E]/u);
  expect(JSON.parse(harmlessJson(told))).toEqual(JSON.parse(told));
});

test.each([false, true])('nothing that a device tells speaks to the terminal of a technician; json %s', (json) => {
  const written: string[] = [];
  const stream = (): NodeJS.WriteStream =>
    Object.assign(new PassThrough(), {
      write: (text: string) => (written.push(text), true),
    }) as unknown as NodeJS.WriteStream;
  const stdin = new PassThrough() as unknown as NodeJS.ReadStream;
  const terminal = openTerminal(
    { stdin, stdout: stream(), stderr: stream(), environment: {} },
    { json },
    new AbortController().signal,
  );
  const text = json ? JSON.stringify(`S-1${clearScreen}${c1}`) : `S-1${clearScreen}${c1}`;
  terminal.print(text);
  terminal.print(text, 'as-is');
  terminal.complain(`S-1${clearScreen}`);
  terminal.close();
  expect(written).toHaveLength(3);
  expect(written.filter((text) => text.includes('\u001B') || text.includes('\u009B'))).toEqual([]);
});
