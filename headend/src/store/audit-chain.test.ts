import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalRow, chainStart, rowHash } from './audit-chain.ts';
import { verifyAudit } from './audit-tables.ts';
import { operationsMigrations } from './migrations.ts';
import { operationsId, SqliteStore } from './sqlite-store.ts';
import type { AuditEntry } from './store.ts';

const entry = (say: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs: 1_800_000_000_000,
  who: 'ada',
  identity: 'account',
  action: 'select',
  say,
  ...more,
});

test('the canonical form: keys in order, no white space, nothing that is absent', () => {
  const row = { ...entry('Öffne "1"\n', { why: 'a' }), seq: 1, previous: chainStart };
  expect(canonicalRow({ ...row, subject: undefined } as unknown as typeof row)).toBe(
    `{"action":"select","atMs":1800000000000,"identity":"account","previous":"${chainStart}","say":"Öffne \\"1\\"\\n","seq":1,"who":"ada","why":"a"}`,
  );
});

describe('in the file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    path = join(folder, 'operations.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (entries: readonly AuditEntry[]): void => {
    const store = new SqliteStore(folder);
    store.start();
    for (const each of entries) expect(store.operations.appendAudit(each)).toMatchObject({ ok: true });
    store.stop();
  };
  const inFile = <T>(work: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(path);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const five = ['a', 'b', 'c', 'd', 'e'].map((say) => entry(say));

  test('a chain that was left alone fits, whatever its texts are', () => {
    written([
      entry('plain'),
      entry('lone \ud800 surrogate, zero \0 in it', { why: '  ', subject: 'g.d', commandId: 'c' }),
      entry('\u2028"\\\u007f\n'),
    ]);
    written([entry('after a start')]);
    const verdict = inFile(verifyAudit);
    expect(verdict).toMatchObject({ ok: true, rows: 4, head: { seq: 4 } });
  });

  test.each<{ name: string; spoil: string; seq: number; says: RegExp }>([
    { name: 'a word changed', spoil: "UPDATE audit SET say = 'x' WHERE seq = 3", seq: 3, says: /Row 3 is not what/ },
    { name: 'another who', spoil: "UPDATE audit SET who = 'eve' WHERE seq = 1", seq: 1, says: /Row 1 is not/ },
    { name: 'a reason added', spoil: "UPDATE audit SET why = '' WHERE seq = 2", seq: 2, says: /Row 2 is not/ },
    { name: 'its time', spoil: 'UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 5', seq: 5, says: /Row 5 is not/ },
    { name: 'one removed', spoil: 'DELETE FROM audit WHERE seq = 2', seq: 2, says: /Row 2 is missing/ },
    { name: 'some removed', spoil: 'DELETE FROM audit WHERE seq IN (2, 3)', seq: 2, says: /Rows 2 to 3 are missing/ },
    { name: 'the first removed', spoil: 'DELETE FROM audit WHERE seq = 1', seq: 1, says: /Row 1 is missing/ },
    { name: 'the end cut off', spoil: 'DELETE FROM audit WHERE seq > 3', seq: 4, says: /row 5 was written/ },
    { name: 'all removed', spoil: 'DELETE FROM audit', seq: 1, says: /row 5 was written/ },
    {
      name: 'one put in between with a hash of its own',
      spoil: `UPDATE audit SET seq = seq + 100 WHERE seq > 2; INSERT INTO audit SELECT 3, at_ms, who, identity, action, subject,
              command_id, why, 'x', hash FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 99 WHERE seq > 100`,
      seq: 3,
      says: /Row 3 is not/,
    },
  ])('$name: the first row that does not fit is named', ({ spoil, seq, says }) => {
    written(five);
    inFile((db) => db.exec(`DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept; ${spoil}`));
    const verdict = inFile(verifyAudit);
    expect(verdict).toMatchObject({ ok: false, seq, say: expect.stringMatching(says) });
  });

  test('an end that was cut off stays to be seen when more is written', () => {
    written(five);
    inFile((db) => db.exec('DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE seq > 3'));
    written([entry('later')]);
    expect(inFile(verifyAudit)).toMatchObject({ ok: false, seq: 4, say: 'Rows 4 to 5 are missing.' });
  });

  test('it is verified while the head-end writes', () => {
    const store = new SqliteStore(folder);
    store.start();
    for (const each of five) store.operations.appendAudit(each);
    const db = new DatabaseSync(path, { readOnly: true });
    expect(verifyAudit(db)).toMatchObject({ ok: true, rows: 5 });
    expect(store.operations.appendAudit(entry('more'))).toMatchObject({ ok: true });
    expect(verifyAudit(db)).toMatchObject({ ok: true, rows: 6, head: store.operations.auditHead() });
    db.close();
    store.stop();
  });

  test('rows of before the hashes are chained as they are, and stay protected', () => {
    inFile((db) => {
      for (const { version, sql } of operationsMigrations.slice(0, 3)) {
        db.exec(`${sql}; PRAGMA user_version = ${version}; PRAGMA application_id = ${operationsId};`);
      }
      db.exec(`INSERT INTO audit (at_ms, who, identity, action, say) VALUES (1, 'ada', 'account', 'select', 'x'),
               (2, 'eve', 'account', 'select', 'y')`);
    });
    written([entry('z')]);
    expect(inFile(verifyAudit)).toMatchObject({ ok: true, rows: 3 });
    const first = { seq: 1, atMs: 1, who: 'ada', identity: 'account', action: 'select', say: 'x' } as const;
    const hash = inFile((db) => db.prepare('SELECT hash FROM audit WHERE seq = 1').get()?.['hash']);
    expect(Buffer.from(hash as Uint8Array).toString('hex')).toBe(rowHash({ ...first, previous: chainStart }));
    expect(() => inFile((db) => db.exec("UPDATE audit SET who = 'eve'"))).toThrow(/only appended/);
  });
});
