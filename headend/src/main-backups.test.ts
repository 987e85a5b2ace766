import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Backups, backUpApart } from './main-backups.ts';
import { Conditions } from './store/conditions.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const hourMs = 3_600_000;
let folder: string;
let nowMs: number;
let fails: string | undefined;
let audit: string[];
let conditions: Conditions;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backups-'));
  nowMs = Date.parse('2027-01-15T08:00:00Z');
  fails = undefined;
  audit = [];
  conditions = new Conditions(() => undefined);
});
afterEach(() => rmSync(folder, { recursive: true }));

function backups(): Backups {
  return new Backups({
    settings: { folder: join(folder, 'kept'), everyHours: 24, keep: 3 },
    data: 'data',
    audit: { system: (action, say) => (audit.push(`${action} ${say}`), { ok: true, value: undefined }) },
    conditions,
    now: () => nowMs,
    run: async (to) => {
      if (fails !== undefined) return { ok: false, say: fails };
      mkdirSync(to);
      writeFileSync(join(to, 'manifest.json'), '{}');
      return { ok: true, say: '' };
    },
  });
}
const made = (): readonly string[] => readdirSync(join(folder, 'kept')).toSorted();

test('one at once where there is none, then one a day, also over restarts; the newest are kept', async () => {
  for (let hour = 0; hour < 24 * 5; hour += 1) {
    await backups().tick();
    nowMs += hourMs;
  }
  expect(made()).toEqual([
    'headend-2027-01-17T08-00-00Z',
    'headend-2027-01-18T08-00-00Z',
    'headend-2027-01-19T08-00-00Z',
  ]);
  expect(audit).toHaveLength(5);
  expect(conditions.says).toEqual([]);
});

test('one that fails is told until one is made, and tried again after a quarter of an hour', async () => {
  const running = backups();
  fails = 'no space left on device';
  await running.tick();
  expect(conditions.says).toEqual([
    expect.stringMatching(/last backup failed: no space left.*there is none; it is tried again/),
  ]);
  fails = undefined;
  nowMs += 60_000;
  await running.tick();
  expect(conditions.says).toHaveLength(1);
  nowMs += 15 * 60_000;
  await running.tick();
  expect(conditions.says).toEqual([]);
  expect(audit).toEqual([
    expect.stringMatching(/^backup-failed Backup failed: no space/),
    expect.stringMatching(/^backed-up/),
  ]);
});

test('backups that somebody took away, or half of one, count for nothing', async () => {
  const running = backups();
  await running.tick();
  rmSync(join(folder, 'kept', 'headend-2027-01-15T08-00-00Z', 'manifest.json'));
  fails = 'disk gone';
  nowMs += 20 * 60_000;
  await running.tick();
  expect(conditions.says).toEqual([expect.stringMatching(/disk gone.*there is none/)]);
});

test('a folder that cannot be used, a file in its place, is told, and ends nothing', async () => {
  writeFileSync(join(folder, 'kept'), 'a file');
  await backups().tick();
  expect(conditions.says).toEqual([expect.stringMatching(/last backup failed: EEXIST.*there is none/)]);
});

test('a clock that was set by years: one is made, and one of the future does not stand in its place for ever', async () => {
  const running = backups();
  nowMs += 10 * 365 * 24 * hourMs;
  await running.tick();
  nowMs -= 10 * 365 * 24 * hourMs;
  for (let tick = 0; tick < 5; tick += 1) {
    await running.tick();
    nowMs += 20 * 60_000;
  }
  expect(made()).toHaveLength(2);
});

test('the real one, in a process of its own, of a store that is open', async () => {
  const store = new SqliteStore(join(folder, 'data'));
  store.start();
  expect(await backUpApart(join(folder, 'one'), join(folder, 'data'))).toMatchObject({ ok: true });
  expect(existsSync(join(folder, 'one', 'operations.db'))).toBe(true);
  expect(await backUpApart(join(folder, 'one'), join(folder, 'data'))).toMatchObject({
    ok: false,
    say: expect.stringMatching(/one is there already/),
  });
  store.stop();
});
