import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operationsMigrations, telemetryMigrations } from './migrations.ts';
import { Conditions } from './conditions.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { GatewayRecord } from './store.ts';

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
    expect([versionOf('operations.db'), versionOf('telemetry.db')]).toEqual([8, 2]);
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
    expect(versionOf('operations.db')).toBe(8);
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
      says: /operations\.db has schema 99, written by a newer program; this one knows 8\. Start the newer/,
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
    expect(started).toThrow(/operations\.db is damaged .*Restore the last backup.*--set-aside/);
  });

  const spoil = (file: string): void =>
    writeFileSync(path(file), Buffer.concat([readFileSync(path(file)).subarray(0, 4096), Buffer.alloc(20_000, 0xa5)]));
  const filled = (): void => {
    const store = new SqliteStore(folder);
    store.start();
    const birth = { session: 1 } as unknown as GatewayRecord['birth'];
    const gateways = Array.from({ length: 300 }, (_, index) => ({ gatewayId: `g-${index}`, birth, bornAtMs: 1 }));
    store.telemetry.write({ gateways, devices: [], removedDevices: [], lastStatuses: [], events: [], samples: [] });
    store.operations.appendAudit({ atMs: 1, who: 'ada', identity: 'account', action: 'select', say: 'x' });
    store.stop();
  };

  test('a damaged operations.db: with --set-aside it is moved away and begun anew, and the audit begins with that', () => {
    filled();
    spoil('operations.db');
    expect(started).toThrow(/operations\.db is damaged/);
    const store = new SqliteStore(folder, { setAsideDamaged: true, now: () => 1_800_000_000_000 });
    store.start();
    expect(store.operations.audit({ limit: 9 })).toEqual([
      expect.objectContaining({
        seq: 1,
        action: 'set-aside',
        say: expect.stringContaining('operations.db.damaged-2027-01-15T08-00-00-000Z'),
      }),
    ]);
    store.stop();
    expect(readdirSync(folder)).toContain('operations.db.damaged-2027-01-15T08-00-00-000Z');
  });

  test.each(['no database at all', 'pages overwritten'])(
    'a damaged telemetry.db, %s: set aside by itself, and told',
    (how) => {
      filled();
      if (how === 'pages overwritten') spoil('telemetry.db');
      else writeFileSync(path('telemetry.db'), 'a text that is long enough to be looked at, and is no database');
      const conditions = new Conditions(() => undefined);
      let anew = 0;
      const store = new SqliteStore(folder, { conditions, onTelemetryAnew: () => (anew += 1) });
      store.start();
      expect(store.telemetry.gateways()).toEqual([]);
      expect(store.operations.audit({ limit: 9 })).toHaveLength(1);
      const event = { atMs: 1, gatewayId: 'g', source: 'device', kind: 'x', late: false, say: 'kept' } as const;
      expect(
        store.telemetry.write({
          gateways: [],
          devices: [],
          removedDevices: [],
          lastStatuses: [],
          events: [event],
          samples: [],
        }),
      ).toMatchObject({ ok: true });
      expect(conditions.says).toEqual([
        expect.stringMatching(/telemetry\.db was damaged .* set aside as .*damaged-.*a backup has them/),
      ]);
      // What is lost where the other file is damaged is not lost here.
      expect(conditions.says.join()).not.toMatch(/--set-aside|audit|Restore the last backup/);
      expect(anew).toBe(1);
      store.stop();
    },
  );

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
    store.operations.appendAudit({ atMs: 1, who: 'ada', identity: 'account', action: 'select', say: 'x' });
    store.stop();
    const db = new DatabaseSync(path('operations.db'));
    expect(() => db.exec("UPDATE audit SET who = 'eve'")).toThrow(/only appended/);
    expect(() => db.exec('DELETE FROM audit')).toThrow(/only appended/);
    db.close();
  });
});
