import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { signerOf } from '@tiepoint/protocol/envelope';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AuditCheckpoints } from './authority/audit-checkpoints.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { auditOf } from './main-audit.ts';
import { Conditions } from './store/conditions.ts';
import { SqliteStore } from './store/sqlite-store.ts';

let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  store = new SqliteStore(folder);
  store.start();
  for (const say of ['a', 'b', 'c', 'd'])
    store.operations.appendAudit({ atMs: 5, who: 'ada', identity: 'account', action: 'tag-set', say });
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

const eve = "DROP TRIGGER audit_stays; UPDATE audit SET who = 'eve' WHERE seq = 2";
const cut =
  "DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE seq > 2; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'";

test.each([
  { what: 'left alone', sql: '', says: 'Audit verified: 4 rows, each as it was written; 1 signed head fits.' },
  { what: 'changed', sql: eve, says: 'The audit does not fit from row 2 on. Row 2 is not what was written' },
  { what: 'cut off', sql: cut, says: 'The audit does not fit from row 4 on. Row 4 at' },
])('a store that was $what: the finding is recorded, and shown while it is bad', async ({ sql, says }) => {
  const keys = new KeyFolder(join(folder, 'keys'));
  keys.open();
  const checkpoints = new AuditCheckpoints(keys);
  checkpoints.sign(store.operations.auditHead(), signerOf(new Uint8Array(32).fill(7)), 5);
  const db = new DatabaseSync(join(folder, 'operations.db'));
  db.exec(sql);
  db.close();
  const conditions = new Conditions(() => undefined);
  const { verification } = auditOf({
    store,
    checkpoints,
    conditions,
    now: () => 6,
  });
  verification.begin({ operator: 'root', identity: 'account' });
  await vi.waitFor(() => expect(verification.look.state).toBe('done'));
  const [row] = store.operations.audit({ limit: 1 });
  expect(row).toMatchObject({ who: 'root', action: 'audit-verified', say: expect.stringContaining(says) });
  expect(conditions.says.map((each) => each.startsWith(says))).toEqual(sql === '' ? [] : [true]);
});
