import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operationsMigrations, telemetryMigrations } from './migrations.ts';
import { SqliteStore } from './sqlite-store.ts';

describe('the files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = (file: string): string => join(folder, file);
  const versionOf = (file: string): unknown => {
    const db = new DatabaseSync(path(file));
    const row = { ...db.prepare('PRAGMA user_version').get() };
    db.close();
    return row['user_version'];
  };
  const started = (): void => {
    const store = new SqliteStore(folder);
    store.start();
    store.stop();
  };

  test('migrations are numbered from 1 without gaps, and a new store has the newest', () => {
    for (const migrations of [operationsMigrations, telemetryMigrations])
      expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
    started();
    expect([versionOf('operations.db'), versionOf('telemetry.db')]).toEqual([4, 2]);
  });

  test('a store of the first version is brought up to date and keeps what it holds', () => {
    const old = new DatabaseSync(path('operations.db'));
    old.exec(operationsMigrations[0]?.sql ?? '');
    old.exec(
      `PRAGMA user_version = 1; PRAGMA application_id = ${0x54504f31}; INSERT INTO tag VALUES ('g.d', 'ada', 'work', 5)`,
    );
    old.close();
    const store = new SqliteStore(folder);
    store.start();
    expect(store.operations.tags()).toEqual([{ deviceKey: 'g.d', owner: 'ada', cause: 'work', sinceMs: 5 }]);
    expect(store.operations.configurations()).toEqual([]);
    store.stop();
    expect(versionOf('operations.db')).toBe(4);
  });

  test('a migration that fails leaves the version before it', () => {
    const old = new DatabaseSync(path('operations.db'));
    old.exec(operationsMigrations[0]?.sql ?? '');
    old.exec(`PRAGMA user_version = 1; PRAGMA application_id = ${0x54504f31}; CREATE TABLE configuration (other TEXT)`);
    old.close();
    expect(started).toThrow(/operations\.db cannot be opened/);
    expect(versionOf('operations.db')).toBe(1);
  });

  test.each([
    {
      name: 'newer than the program',
      spoil: (db: DatabaseSync) => db.exec('PRAGMA user_version = 99'),
      says: /operations\.db has schema 99, written by a newer program; this one knows 4\. Start the newer/,
    },
    {
      name: 'of another program',
      spoil: (db: DatabaseSync) => db.exec('PRAGMA application_id = 7'),
      says: /operations\.db is the database of another program/,
    },
  ])('$name: refused plainly and left as it is', ({ spoil, says }) => {
    started();
    const db = new DatabaseSync(path('operations.db'));
    spoil(db);
    db.close();
    const before = readFileSync(path('operations.db'));
    expect(started).toThrow(says);
    expect(readFileSync(path('operations.db')).equals(before)).toBe(true);
  });

  test.each([
    {
      name: 'no database at all',
      damage: () => Buffer.from('this is no database, but a text that is long enough to look at'),
    },
    {
      name: 'torn in the middle',
      damage: (whole: Buffer) => Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0xa5)]),
    },
  ])('damaged, $name: says where and what to do', ({ damage }) => {
    started();
    writeFileSync(path('operations.db'), damage(readFileSync(path('operations.db'))));
    expect(started).toThrow(/operations\.db is damaged .*last backup.*move it away/);
  });

  test('a second head-end on the same store is refused', () => {
    const first = new SqliteStore(folder);
    first.start();
    expect(started).toThrow(/is in use by another process: only one head-end/);
    first.stop();
  });

  test('a folder that cannot be made is named', () => {
    writeFileSync(path('file'), '');
    expect(() => new SqliteStore(path('file/below')).start()).toThrow(/file\/below cannot be made .*--data/);
  });

  test('the audit cannot be changed or deleted, not even past this program', () => {
    const store = new SqliteStore(folder);
    store.start();
    store.operations.appendAudit({ atMs: 1, who: 'ada', identity: 'unverified', action: 'select', say: 'x' });
    store.stop();
    const db = new DatabaseSync(path('operations.db'));
    expect(() => db.exec("UPDATE audit SET who = 'eve'")).toThrow(/only appended/);
    expect(() => db.exec('DELETE FROM audit')).toThrow(/only appended/);
    db.close();
  });
});
