import type { DatabaseSync } from 'node:sqlite';
import type { PeopleStore } from './people-store.ts';
import { fromJson } from './sqlite-rows.ts';
import type { AuditEntry, NotRecorded } from './store.ts';

type Parts = {
  db: DatabaseSync;
  recorded: (work: () => void) => NotRecorded;
  appendAudit: (entry: AuditEntry) => void;
};

export function peopleTables({ db, recorded, appendAudit }: Parts): PeopleStore {
  const all = db.prepare('SELECT body FROM people WHERE kind = ? ORDER BY id');
  const set = db.prepare('INSERT OR REPLACE INTO people (kind, id, body) VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM people WHERE kind = ? AND id = ?');
  return {
    all: (kind) => all.all(kind).map((row) => fromJson(row['body'])),
    change: (changes, audit) =>
      recorded(() => {
        for (const { kind, id, record } of changes)
          if (record === undefined) remove.run(kind, id);
          else set.run(kind, id, JSON.stringify(record));
        for (const entry of audit) appendAudit(entry);
      }),
  };
}
