import type { DatabaseSync } from 'node:sqlite';
import { chainStart, followChain, rowHash } from './audit-chain.ts';
import type { ChainHead, ChainVerdict, HashedRow } from './audit-chain.ts';
import { conditions } from './sqlite-rows.ts';
import type { Row } from './sqlite-rows.ts';
import type { AuditEntry, AuditQuery, AuditRecord, OperationsStore } from './store.ts';

export type AppendAudit = (entry: AuditEntry) => void;

/** Appends within the caller's transaction: the row, chained to the one before it. */
export function auditAppender(db: DatabaseSync): AppendAudit {
  const readHead = headReader(db);
  const lastTaken = takenReader(db);
  const insert = db.prepare(
    `INSERT INTO audit (seq, at_ms, who, identity, action, subject, command_id, why, say, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (given) => {
    const entry = wellFormed(given);
    const { atMs, who, identity, action, subject, commandId, why, say } = entry;
    // Not after the last row that is there: where the end was cut off, the gap stays to be seen.
    const seq = lastTaken() + 1;
    const hash = rowHash({ ...entry, seq, previous: readHead().hash });
    insert.run(
      seq,
      atMs,
      who,
      identity,
      action,
      subject ?? null,
      commandId ?? null,
      why ?? null,
      say,
      Buffer.from(hash, 'hex'),
    );
  };
}

export function auditReader(
  db: DatabaseSync,
): Pick<OperationsStore, 'audit' | 'auditAfter' | 'auditHead' | 'auditTaken'> {
  const after = db.prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
  return {
    audit: ({ beforeSeq, untilMs, subject, who, action, limit }: AuditQuery) => {
      const { where, values } = conditions([
        ['seq < ?', beforeSeq === undefined ? undefined : [beforeSeq]],
        ['at_ms <= ?', untilMs === undefined ? undefined : [untilMs]],
        ['subject = ?', subject === undefined ? undefined : [subject]],
        ['who = ?', who === undefined ? undefined : [who]],
        ['action = ?', action === undefined ? undefined : [action]],
      ]);
      return db
        .prepare(`SELECT * FROM audit ${where} ORDER BY seq DESC LIMIT ?`)
        .all(...values, limit)
        .map(auditRecord);
    },
    auditAfter: (seq, limit) => after.all(seq, limit).map(hashedRow),
    auditHead: headReader(db),
    auditTaken: takenReader(db),
  };
}

/** Every row against the one before it, from the first. Reads only. */
export function verifyAudit(db: DatabaseSync): ChainVerdict {
  // One look at the whole, whatever is appended meanwhile.
  db.exec('BEGIN');
  try {
    return followChain(everyRow(db), takenReader(db)());
  } finally {
    db.exec('COMMIT');
  }
}

const exportBatch = 500;

/** The whole audit as lines of JSON, oldest first: what `canonicalRow` takes, and the hash. Then signed heads of it, as `{ checkpoint }`. */
export function* auditLines(
  store: Pick<OperationsStore, 'auditAfter'>,
  checkpoints: readonly object[],
): Generator<string> {
  let previous = chainStart;
  for (let after = 0; ;) {
    const rows = store.auditAfter(after, exportBatch);
    for (const row of rows) {
      yield `${JSON.stringify({ ...row, previous })}\n`;
      previous = row.hash;
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  for (const checkpoint of checkpoints) yield `${JSON.stringify({ checkpoint })}\n`;
}

/** For the migration of an audit that had no hashes: what is there is taken as it is. */
export function chainAudit(db: DatabaseSync): void {
  const set = db.prepare('UPDATE audit SET hash = ? WHERE seq = ?');
  let previous = chainStart;
  for (const row of db.prepare('SELECT * FROM audit ORDER BY seq').all()) {
    const record = auditRecord(row);
    previous = rowHash({ ...record, previous });
    set.run(Buffer.from(previous, 'hex'), record.seq);
  }
}

function headReader(db: DatabaseSync): () => ChainHead {
  const last = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  return () => {
    const row = last.get();
    return row === undefined ? { seq: 0, hash: chainStart } : { seq: Number(row['seq']), hash: hexOf(row['hash']) };
  };
}

function takenReader(db: DatabaseSync): () => number {
  const taken = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'");
  return () => Number(taken.get()?.['seq'] ?? 0);
}

function* everyRow(db: DatabaseSync): Generator<HashedRow> {
  for (const row of db.prepare('SELECT * FROM audit ORDER BY seq').iterate()) yield hashedRow(row);
}

const hexOf = (value: Row[string] | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : '';

/** Only what UTF-8 can carry: it is read back as it was hashed. */
function wellFormed(entry: AuditEntry): AuditEntry {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]),
  ) as AuditEntry;
}

function hashedRow(row: Row): HashedRow {
  return { ...auditRecord(row), hash: hexOf(row['hash']) };
}

function auditRecord(row: Row): AuditRecord {
  return {
    seq: Number(row['seq']),
    atMs: Number(row['at_ms']),
    who: String(row['who']),
    identity: String(row['identity']) as AuditRecord['identity'],
    action: String(row['action']) as AuditRecord['action'],
    ...(row['subject'] === null ? {} : { subject: String(row['subject']) }),
    ...(row['command_id'] === null ? {} : { commandId: String(row['command_id']) }),
    ...(row['why'] === null ? {} : { why: String(row['why']) }),
    say: String(row['say']),
  };
}
