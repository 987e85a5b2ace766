import type { DatabaseSync } from 'node:sqlite';
import type { AppendAudit } from './audit-tables.ts';
import type { NetworkChangeRecord, NetworkStore, StoredElement, StoredNetworkChange } from './network-store.ts';
import { fromJson } from './sqlite-rows.ts';
import type { Row } from './sqlite-rows.ts';
import type { NotRecorded } from './store.ts';

export function networkTables(
  db: DatabaseSync,
  recorded: (work: () => void) => NotRecorded,
  appendAudit: AppendAudit,
): NetworkStore {
  const addChange = db.prepare(
    'INSERT INTO network_change (at_ms, recorded_at_ms, who, cause, switched) VALUES (?, ?, ?, ?, ?)',
  );
  const addElement = db.prepare('INSERT INTO network_element (change_seq, part, id, body) VALUES (?, ?, ?, ?)');
  return {
    ...networkReader(db),
    append: (change, audit) =>
      recorded(() => {
        const { atMs, recordedAtMs, who, cause } = change;
        const switched = 'switched' in change ? JSON.stringify(change.switched) : null;
        const seq = addChange.run(atMs, recordedAtMs, who, cause, switched).lastInsertRowid;
        for (const { part, id, body } of 'elements' in change ? change.elements : [])
          addElement.run(seq, part, id, body === undefined ? null : JSON.stringify(body));
        appendAudit(audit);
      }),
  };
}

/** Of a database that is only read, too. */
export function networkReader(db: DatabaseSync): Pick<NetworkStore, 'changes'> {
  const changes = db.prepare('SELECT * FROM network_change WHERE seq > ? ORDER BY seq');
  const elements = db.prepare('SELECT part, id, body FROM network_element WHERE change_seq = ?');
  return {
    *changes(afterSeq = 0) {
      for (const row of changes.all(afterSeq)) yield storedChange(row, () => elements.all(Number(row['seq'])));
    },
  };
}

function storedChange(row: Row, elements: () => Row[]): StoredNetworkChange {
  const common = {
    seq: Number(row['seq']),
    atMs: Number(row['at_ms']),
    recordedAtMs: Number(row['recorded_at_ms']),
    who: String(row['who']),
    cause: String(row['cause']),
  };
  if (row['switched'] !== null)
    return {
      ...common,
      switched: fromJson<Extract<NetworkChangeRecord, { switched: unknown }>['switched']>(row['switched']),
    };
  return { ...common, elements: elements().map(storedElement) };
}

function storedElement(row: Row): StoredElement {
  const body = row['body'] === null ? undefined : fromJson<object>(row['body']);
  return { part: String(row['part']), id: String(row['id']), body };
}
