import type { Database } from './gateway-database.ts';

/** All of `work` or nothing of it. Throws what `work` or the disk threw. */
export function inTransaction(database: Database, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    // On a full disk SQLite has rolled back already, and a second rollback would hide why.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
