import { expect, test } from 'vitest';
import { firstOf, formOf, instantOf, maySend } from './chosen-files.ts';

const called = (...names: readonly string[]): File[] => names.map((name) => new File(['x'], name));

test.each([
  { names: [], first: undefined, is: undefined },
  { names: ['a.txt'], first: undefined, is: 'a.txt' },
  { names: ['lines.dss', 'IEEE123Master.dss'], first: undefined, is: 'IEEE123Master.dss' },
  { names: ['coords.csv', 'feeder.dss'], first: undefined, is: 'feeder.dss' },
  { names: ['coords.csv', 'town.xml'], first: undefined, is: 'town.xml' },
  { names: ['lines.dss', 'Master.dss'], first: 'lines.dss', is: 'lines.dss' },
  { names: ['lines.dss', 'Master.dss'], first: 'gone.dss', is: 'Master.dss' },
])('of $names it begins with $is', ({ names, first, is }) => {
  expect(firstOf({ files: called(...names), first })?.name).toBe(is);
});

test('the form has each file as what it is', () => {
  const [customers] = called('c.csv');
  const form = formOf({ files: called('lines.dss', 'Master.dss'), customers });
  expect([...form].map(([part, file]) => [part, (file as File).name])).toEqual([
    ['include', 'lines.dss'],
    ['network', 'Master.dss'],
    ['customers', 'c.csv'],
  ]);
});

test.each([
  ['', undefined],
  ['2026-03-31T12:00Z', Date.UTC(2026, 2, 31, 12)],
  ['2026-03-31T12:00-08:00', Date.UTC(2026, 2, 31, 20)],
  ['2026-03-31T12:00', 'unreadable'],
  ['2026-03-31', 'unreadable'],
  ['soon', 'unreadable'],
])('from %s on', (text, instant) => {
  expect(instantOf(text)).toBe(instant);
});

test('what cannot be sent says why', () => {
  expect(maySend({ files: [] }, '')).toMatchObject({ ok: false, say: expect.stringMatching(/Choose the files/) });
  const long = Object.defineProperty(new File([], 'a.xml'), 'size', { value: 65 * 1024 * 1024 });
  expect(maySend({ files: [long] }, '')).toMatchObject({ ok: false, say: expect.stringMatching(/64 MB/) });
  expect(maySend({ files: called('a.xml') }, 'soon')).toMatchObject({ ok: false });
  expect(maySend({ files: called('a.xml') }, '')).toEqual({ ok: true });
});
