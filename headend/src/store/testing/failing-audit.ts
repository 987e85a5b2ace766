import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** From outside, on a running head-end's own file: its audit alone takes no rows, or takes them again. */
export function setAudit(folder: string, fails: boolean): void {
  const db = new DatabaseSync(join(folder, 'operations.db'), { timeout: 2_000 });
  db.exec(
    fails
      ? "CREATE TRIGGER audit_fails BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room for the audit'); END"
      : 'DROP TRIGGER audit_fails',
  );
  db.close();
}
