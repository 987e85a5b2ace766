import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tlmCommand } from './main-tlm-command.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import { hoursCsv } from './tlm/results/hours-csv.ts';

let folder: string;
let out: string[];
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tlm-command-'));
  [out, said] = [[], []];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  const store = new SqliteStore(join(folder, 'data'));
  store.start();
  store.stop();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
const run = async (...args: string[]): Promise<number> => await tlmCommand([...args, '--data', join(folder, 'data')]);

test('without a network it says so, and what to do', async () => {
  expect(await run('status')).toBe(0);
  expect(out).toEqual(['Nothing is known of loads yet: import a network, and have meters read']);
  expect(await run('run', '--json')).toBe(0);
  expect(JSON.parse(out[1] ?? '')).toMatchObject({ loads: { hours: 0, days: [] }, ageing: { transformers: 0 } });
  expect(await run('peaks', 'circuit')).toBe(0);
  expect(out[2]).toBe('0 of 0');
  await expect(run('element', 'transformer', 't')).rejects.toThrow('no transformer t: tlm peaks transformer --search');
  await expect(run('clues', 'c')).rejects.toThrow('no circuit c: tlm peaks circuit lists them');
}, 60_000);

test('temperatures are taken by the hour, or refused by line', async () => {
  const file = join(folder, 'ambient.csv');
  writeFileSync(file, 'time,ambient_c\n2026-07-01T00:00Z,21.5\n2026-07-01T01:00Z,20\n');
  expect(await run('ambient', file, '--json')).toBe(0);
  expect(JSON.parse(out[0] ?? '')).toEqual({ hours: 2 });
  for (const [line, say] of [
    ['2026-07-01T00:30Z,21', /:2 {2}.*full hour/],
    ['2026-07-01T00:00Z,', /:2 {2}.*no temperature/],
    ['soon,21', /:2 {2}soon is no time/],
  ] as const) {
    writeFileSync(file, `time,ambient_c\n${line}\n`);
    await expect(run('ambient', file)).rejects.toThrow(say);
  }
}, 60_000);

test.each([
  [['peak'], 'tlm peak: it is status, run, peaks'],
  [['peaks', 'house'], 'house is no kind'],
  [['element', 'circuit'], 'tlm element names KIND, ID'],
  [['status', '--limit', '3'], 'tlm status takes no --limit'],
  [['peaks', 'circuit', '--limit', '0'], '--limit 0'],
  [['element', 'circuit', 'c', '--from', '2026-02-30'], '--from: '],
  [['element', 'circuit', 'c', '--from', '2026-03-02', '--to', '2026-03-01'], '--to is not after --from'],
])('%j is refused with what is right', async (args, say) => {
  expect(await run(...args)).toBe(2);
  expect(said[0]).toContain(say);
  expect(said.join('\n')).toContain('tlm export KIND ID FILE.csv');
});

test('hours are a table; what nobody knows is empty', () => {
  const one = <T>(value: T): readonly T[] => [value];
  const hours = {
    element: { kind: 'circuit', id: 'c', title: 'c' },
    hourS: one(1_775_001_600),
    activeW: one(1_200),
    reactiveVar: one(null),
    ampsA: one(1.5),
    ampsB: one(0),
    ampsC: one(null),
    measured: one(2),
    estimated: one(0),
    missing: one(0.5),
    rated: one(400),
  } as const;
  expect(hoursCsv(hours)).toBe(
    'hour_start,active_w,reactive_var,amps_a,amps_b,amps_c,measured,estimated,missing\n2026-04-01T00:00:00Z,1200,,1.5,0,,2,0,0.5\n',
  );
});
