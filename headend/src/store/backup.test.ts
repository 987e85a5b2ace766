import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyAudit } from './audit-tables.ts';
import { backUp, manifestFile, pathsBelow } from './backup.ts';
import type { BackupManifest } from './backup.ts';
import { restore } from './restore.ts';
import { SqliteStore } from './sqlite-store.ts';

let folder: string;
let data: string;
let store: SqliteStore;
const path = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  data = path('data');
  store = new SqliteStore(data);
  store.start();
  for (const say of ['a', 'b', 'c'])
    store.operations.appendAudit({ atMs: 1, who: 'ada', identity: 'account', action: 'select', say });
  mkdirSync(join(data, 'keys'), { mode: 0o700 });
  mkdirSync(join(data, 'keys', 'old'), { mode: 0o700 });
  writeFileSync(join(data, 'keys', 'command.key'), 'secret', { mode: 0o600 });
  writeFileSync(join(data, 'keys', 'old', 'first.key'), 'older secret', { mode: 0o400 });
  mkdirSync(join(data, 'reports'), { mode: 0o750 });
  writeFileSync(join(data, 'reports', 'ab.json'), '{}', { mode: 0o640 });
  writeFileSync(join(data, 'reports', 'cd.json.part'), 'half', { mode: 0o640 });
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true, force: true });
});

const copyWarehouse = async (): Promise<void> => await Promise.resolve();
const made = async (to = path('backup')): Promise<BackupManifest> =>
  (await backUp(data, to, { nowMs: 1_800_000_000_000, version: '0.1.0', copyWarehouse })).manifest;
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe('backup', () => {
  test('of a store that is open: everything that counts, nothing that does not, with its hashes', async () => {
    const { files, folders, auditHead } = await made();
    expect(files.map(({ path: file }) => file).toSorted()).toEqual([
      'keys/command.key',
      'keys/old/first.key',
      'operations.db',
      'reports/ab.json',
      'telemetry.db',
    ]);
    expect(folders).toEqual(
      expect.arrayContaining([
        { path: 'keys', mode: 0o700 },
        { path: 'keys/old', mode: 0o700 },
      ]),
    );
    expect(auditHead).toEqual(store.operations.auditHead());
    expect(pathsBelow(path('backup')).filter((name) => name.includes('part') || name.includes('-wal'))).toEqual([]);
    expect(modeOf(path('backup'))).toBe('700');
    expect(modeOf(path('backup', 'keys', 'old', 'first.key'))).toBe('400');
  });

  test('while another thread writes commands and audit: one instant of all, the audit whole', async () => {
    store.stop();
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       import(workerData.module).then(({ SqliteStore }) => {
         const store = new SqliteStore(workerData.data);
         store.start();
         const report = { id: '', siteId: 's', gatewayId: 'g', receivedAtMs: 1, finishedAtMs: 1, technician: 't', verdict: 'passed',
           emulated: true, accepted: false, say: '', against: [], sha256: { json: '', html: '' }, bytes: 1 };
         let count = 0;
         const write = () => {
           for (let n = 0; n < 5; n += 1) {
             count += 1;
             const name = String(count).padStart(64, '0');
             store.provisioning.addReport({ ...report, id: name, sha256: { json: name, html: name } },
               { json: '{}', html: '<p>' }, [], [{ atMs: 1, who: 'w', identity: 'system', action: 'report-received', say: name }]);
           }
           if (count === 5) parentPort.postMessage('begun');
           setImmediate(write);
         };
         write();
       });`,
      { eval: true, workerData: { data, module: new URL('./sqlite-store.ts', import.meta.url).href } },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    for (let round = 1; round <= 3; round += 1) {
      await made(path(`backup-${round}`));
      const db = new DatabaseSync(path(`backup-${round}`, 'operations.db'), { readOnly: true });
      expect(verifyAudit(db)).toMatchObject({ ok: true });
      const reports = db
        .prepare('SELECT id FROM report')
        .all()
        .map((row) => String(row['id']));
      const told = Number(db.prepare("SELECT count(*) AS n FROM audit WHERE action = 'report-received'").get()?.['n']);
      db.close();
      expect(told).toBe(reports.length);
      expect(reports.filter((id) => !existsSync(path(`backup-${round}`, 'reports', `${id}.json`)))).toEqual([]);
    }
    await worker.terminate();
  }, 60_000);

  test.each([
    { name: 'over another', to: () => path('there'), says: /there is there already/ },
    { name: 'into the data folder', to: () => join(data, 'backup'), says: /lies in the data folder itself/ },
  ])('$name: refused', async ({ to, says }) => {
    mkdirSync(path('there'));
    await expect(made(to())).rejects.toThrow(says);
  });

  test('where the intervals cannot be copied: made without them, and said', async () => {
    mkdirSync(join(data, 'warehouse'));
    const failing = async (to: string): Promise<void> => {
      mkdirSync(to);
      await Promise.reject(new Error('the disk is full'));
    };
    const { warning } = await backUp(data, path('backup'), { nowMs: 1, version: '1', copyWarehouse: failing });
    expect(warning).toBe("it is without the meters' intervals: the disk is full");
    expect(existsSync(path('backup', 'warehouse'))).toBe(false);
  });

  test('of an audit that was changed: made, and said', async () => {
    const db = new DatabaseSync(join(data, 'operations.db'));
    db.exec("DROP TRIGGER audit_stays; UPDATE audit SET who = 'eve' WHERE seq = 2");
    db.close();
    const { manifest, warning } = await backUp(data, path('backup'), { nowMs: 1, version: '1', copyWarehouse });
    expect(warning).toMatch(/does not fit from row 2/);
    expect(manifest.auditHead).toBeUndefined();
  });

  test('of a damaged database: no backup, and none that looks like one', async () => {
    store.stop();
    const whole = readFileSync(join(data, 'operations.db'));
    writeFileSync(
      join(data, 'operations.db'),
      Buffer.concat([whole.subarray(0, 8_192), Buffer.alloc(whole.length - 8_192, 0xa5)]),
    );
    await expect(made()).rejects.toThrow(/damaged|malformed/);
    expect(existsSync(path('backup'))).toBe(false);
  });
});

describe('restore', () => {
  test('gives everything back, with its permissions, into a folder that is not there or empty', async () => {
    const { madeAtMs, auditHead } = await made();
    store.operations.appendAudit({ atMs: 2, who: 'ada', identity: 'account', action: 'select', say: 'after it' });
    store.stop();
    mkdirSync(path('empty'));
    for (const to of [path('new'), path('empty')]) {
      expect(await restore(path('backup'), to)).toMatchObject({ madeAtMs });
      expect(readFileSync(join(to, 'keys', 'command.key'), 'utf8')).toBe('secret');
      expect(
        ['keys', 'keys/command.key', 'keys/old/first.key', 'reports/ab.json'].map((each) => modeOf(join(to, each))),
      ).toEqual(['700', '600', '400', '640']);
      const again = new SqliteStore(to);
      again.start();
      expect(again.operations.auditHead()).toEqual(auditHead);
      again.stop();
    }
  });

  test('numbers of commands go on above what was given before, for they begin at the clock', async () => {
    store.operations.nextCommandSeq('g.d', 1_000);
    await made();
    store.operations.nextCommandSeq('g.d', 5_000);
    await restore(path('backup'), path('new'));
    const again = new SqliteStore(path('new'));
    again.start();
    expect(again.operations.nextCommandSeq('g.d', 6_000)).toEqual({ ok: true, value: 6_000 });
    again.stop();
  });

  test.each<{ name: string; spoil: () => void; says: RegExp }>([
    {
      name: 'a file changed',
      spoil: () => writeFileSync(path('backup/keys/command.key'), 'sekret'),
      says: /command\.key is not what was backed up/,
    },
    { name: 'a file missing', spoil: () => rmSync(path('backup/reports/ab.json')), says: /ab\.json is missing/ },
    {
      name: 'a file added',
      spoil: () => writeFileSync(path('backup/keys/mine.key'), 'x'),
      says: /mine\.key does not belong/,
    },
    {
      name: 'no list',
      spoil: () => rmSync(path('backup', manifestFile)),
      says: /manifest\.json cannot be read .* whole backup/,
    },
    {
      name: 'of a newer program',
      spoil: () => writeFileSync(path('backup', manifestFile), '{"format":2}'),
      says: /newer program/,
    },
  ])('$name: refused, and nothing is made', async ({ spoil, says }) => {
    await made();
    chmodSync(path('backup/keys/command.key'), 0o600);
    spoil();
    await expect(restore(path('backup'), path('new'))).rejects.toThrow(says);
    expect(existsSync(path('new'))).toBe(false);
  });

  test('over what is there: refused', async () => {
    await made();
    const before = readdirSync(data);
    await expect(restore(path('backup'), data)).rejects.toThrow(/data is not empty: nothing is overwritten/);
    expect(readdirSync(data)).toEqual(before);
  });

  test('one that was interrupted is no store to start on', async () => {
    mkdirSync(path('half', '.restoring'), { recursive: true });
    expect(() => new SqliteStore(path('half')).start()).toThrow(/restore that was interrupted: empty/);
  });
});
