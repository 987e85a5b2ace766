import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mdwCommand } from './main-mdw-command.ts';
import { SqliteStore } from './store/sqlite-store.ts';

let folder: string;
let out: string[];
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mdw-command-'));
  [out, said] = [[], []];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  withStore(() => undefined);
  writeFileSync(join(folder, 'headend.yaml'), 'timeZone: America/Los_Angeles');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function withStore<T>(work: (store: SqliteStore) => T): T {
  const store = new SqliteStore(join(folder, 'data'));
  store.start();
  try {
    return work(store);
  } finally {
    store.stop();
  }
}
const run = async (...args: string[]): Promise<number> =>
  await mdwCommand([...args, '--data', join(folder, 'data'), '--config', join(folder, 'headend.yaml')]);
const json = async (...args: string[]): Promise<unknown> => {
  out = [];
  expect(await run(...args, '--json')).toBe(0);
  return JSON.parse(out[0] ?? '');
};
const file = (text: string): string => {
  writeFileSync(join(folder, 'f.csv'), text);
  return join(folder, 'f.csv');
};
const day = ['--from', '2026-03-31', '--to', '2026-04-01'] as const;

test('a file is imported, its gaps are told and estimated, and the audit has who did it', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hour !== 5);
  const lines = hours.map((hour) => `m,2026-03-31 ${String(hour).padStart(2, '0')}:00,${hour}`);
  const path = file(['meter,start,kwh', ...lines].join('\n'));
  expect(await run('import', path)).toBe(1);
  expect(said.join('\n')).toMatch(/f\.csv:2 {2}error: the warehouse knows no meter m/);
  expect(await json('import', path, '--new-meters', '--by', 'ada')).toMatchObject({ landed: 23, meters: 1 });
  expect(await json('import', path)).toMatchObject({ landed: 0, same: 23 });
  const fiveS = Date.parse('2026-03-31T05:00:00-07:00') / 1_000;
  expect(await json('gaps', ...day, '--meter', 'm')).toMatchObject({
    gaps: [{ meter: 'm', ranges: [{ fromS: fiveS, toS: fiveS + 3_600 }] }],
  });
  expect(await json('estimate', ...day, '--by', 'eve')).toMatchObject({ linear: 1, meters: 1 });
  expect(await json('completeness', ...day)).toMatchObject({
    days: [{ day: '2026-03-31', meters: 1, estimatedS: 3_600 }],
  });
  expect(await run('completeness', ...day)).toBe(0);
  expect(out.at(-2)).toMatch(/^2026-03-31 {2}95\.83 % measured, 4\.17 % estimated; 0 of 1 meters whole$/);
  const rows = withStore((store) => store.operations.audit({ limit: 3 }));
  expect(rows.map(({ who, action }) => [who, action])).toEqual([
    ['eve', 'intervals-estimated'],
    [expect.any(String), 'intervals-imported'],
    ['ada', 'intervals-imported'],
  ]);
}, 60_000);

test('who is not counted is filled in by what they take a year, after a profile of one’s own', async () => {
  expect(await run('annual', file('meter,annual_kwh,profile\nshop,3652.5,castle'))).toBe(1);
  expect(said.join('\n')).toMatch(/f\.csv:2 {2}error: there is no profile 'castle'/);
  const hours = Array.from({ length: 24 }, (_, hour) => `castle,${hour},${hour < 12 ? 1 : 0},1,1`);
  const head = 'profile,hour,weekday,saturday,sunday';
  expect(await run('profile', file([head, ...hours.slice(1)].join('\n')))).toBe(1);
  expect(said.join('\n')).toMatch(/castle lacks the hours 0/);
  const castle = [head, ...hours].join('\n');
  expect(await json('profile', file(castle), '--dry-run')).toEqual({ kept: 0, errors: 0 });
  expect(await json('profile', file(castle), '--by', 'ada')).toEqual({ kept: 1, errors: 0 });
  const path = file('meter,annual_kwh,profile\nshop,3652.5,castle');
  expect(await run('annual', path, '--since', '2026-03-01')).toBe(1);
  expect(said.join('\n')).toMatch(/f\.csv:2 {2}error: the warehouse knows no meter shop/);
  expect(await json('annual', path, '--since', '2026-03-01', '--new-meters')).toEqual({ kept: 1, errors: 0 });
  expect(await json('estimate', ...day)).toMatchObject({ profile: 24, none: 0 });
  expect(await json('profiles')).toMatchObject({
    profiles: [{ name: 'agricultural' }, { name: 'castle', customers: 1 }, {}, {}, {}, {}],
  });
  await expect(run('profiles', '--remove', 'castle')).rejects.toThrow(/1 customers follow castle/);
}, 60_000);

test('an interval is looked at, edited with a reason, and the edit taken back', async () => {
  await json('import', file('meter,start,minutes,kwh\nm,2026-03-31 05:00,60,1.5'), '--new-meters');
  const five = ['--meter', 'm', '--from', '2026-03-31T05:00', '--to', '2026-03-31T06:00'] as const;
  expect(await json('intervals', ...five)).toMatchObject({ intervals: [{ importWh: 1_500, source: 'file' }] });
  const change = ['edit', ...five, '--import-kwh', '2.25', '--export-kwh', 'unknown'];
  expect(await json(...change, '--cause', 'read on site', '--by', 'ada')).toMatchObject({
    edit: 1,
    before: [{ importWh: 1_500 }],
    after: [{ importWh: 2_250, source: 'edited' }],
  });
  await expect(run(...change.with(6, '2026-03-31T07:00'), '--cause', 'x')).rejects.toThrow(/are 120 minutes/);
  await expect(run(...change.with(2, 'M-9'), '--cause', 'x')).rejects.toThrow(/knows no meter M-9/);
  expect(
    await json('edits', '--meter', 'm', '--take-back', '1', '--cause', 'wrong meter', '--by', 'eve'),
  ).toMatchObject({
    edits: [{ who: 'ada', reason: 'read on site', takenBack: { who: 'eve', reason: 'wrong meter' } }],
  });
  expect(await json('intervals', ...five)).toMatchObject({ intervals: [{ importWh: 1_500, source: 'file' }] });
  const rows = withStore((store) => store.operations.audit({ limit: 2 }));
  expect(rows.map(({ who, action, subject, why }) => [who, action, subject, why])).toEqual([
    ['eve', 'interval-edit-taken-back', 'meter:m', 'wrong meter'],
    ['ada', 'intervals-edited', 'meter:m', 'read on site'],
  ]);
}, 60_000);

test('what stands goes out as Parquet by day, and comes back into another warehouse, again without harm', async () => {
  const lines = Array.from(
    { length: 48 },
    (_, hour) => `m,${new Date(1_774_915_200_000 + hour * 3_600_000).toISOString().slice(0, 16)}Z,${hour}`,
  );
  await json('import', file(['meter,start,kwh', ...lines].join('\n')), '--new-meters');
  const days = ['--from', '2026-03-31T00:00Z', '--to', '2026-04-02T00:00Z'] as const;
  const to = join(folder, 'out');
  expect(await json('export', to, ...days)).toMatchObject({ files: 2, rows: 48 });
  expect(readdirSync(to)).toEqual(['day=2026-03-31', 'day=2026-04-01']);
  await expect(run('export', to, ...days)).rejects.toThrow(/is there already: nothing is written over/);
  expect(await json('load', to)).toEqual({ files: 2, landed: 0, same: 48 });
  renameSync(join(folder, 'data'), join(folder, 'before'));
  withStore(() => undefined);
  await expect(run('load', to)).rejects.toThrow(/knows no meter m: say that new meters are made; nothing is imported/);
  expect(await json('load', to, '--new-meters')).toEqual({ files: 2, landed: 48, same: 0 });
  expect(await json('status')).toMatchObject({ meters: 1, days: 2, firstDay: '2026-03-31', oldDays: 0 });
  expect(await json('gaps', ...days)).toMatchObject({ gaps: [] });
  expect(await json('retention', '--keep', '400', '--cause', 'the law')).toMatchObject({
    keepDays: 400,
    forgotten: [],
  });
  expect(await json('retention')).toMatchObject({ keepDays: 400, old: { days: 0 }, forgotten: [] });
}, 60_000);

test.each([
  [['export'], /Name one folder/],
  [['status', 'x'], /x: no file is asked for/],
  [['import'], /Name one file/],
  [['imports'], /mdw imports: it is import, annual/],
  [['gaps', '--kind', 'lost'], /--kind lost: it is unread/],
  [['gaps', '--again'], /mdw gaps takes no --again/],
  [['retention', '--keep', '39', '--cause', 'x'], /--keep 39: it is a number of days, 40 to/],
  [['retention', '--keep', '50'], /--cause says why/],
  [['retention', '--forget', '3'], /--keep says how many/],
  [['gaps', '--from', '2026-03-08T02:30'], /--from: .* the clocks go forward/],
  [['completeness', '--from', '2026-03-31', '--to', '2026-03-31'], /--to is not after --from/],
  [['import', 'f.csv', '--time-zone', 'PST8'], /--time-zone PST8: write it as/],
  [['estimate', '--nonsense'], /nonsense/],
  [['intervals'], /mdw intervals: name one --meter/],
  [['edit', '--meter', 'm'], /mdw edit: --from and --to/],
  [['edits', '--take-back', '1'], /mdw edits: --cause says why/],
  [
    ['edit', '--meter', 'm', '--from', '2026-03-31', '--to', '2026-04-01', '--cause', 'x', '--import-kwh', '1,5'],
    /1,5: it is kWh as/,
  ],
])('%o is refused with its usage', async (args, say) => {
  expect(await run(...args)).toBe(2);
  expect(said[0]).toMatch(say);
  expect(said.join('\n')).toContain('mdw import FILE');
});

test.each(['estimate', 'export'])('%s of a meter that nobody knows is told', async (command) => {
  const to = command === 'export' ? [join(folder, 'out')] : [];
  await expect(run(command, ...to, '--meter', 'M-9')).rejects.toThrow(/knows no meter M-9/);
});

test('a file that is not there is told', async () => {
  await expect(run('import', join(folder, 'none.csv'))).rejects.toThrow(/none\.csv cannot be read/);
});
