import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { notRecorded } from './database.ts';
import type { ProvisioningChange, ProvisioningStore, ReportPart, ReportRecord } from './provisioning-store.ts';
import { conditions, fromJson } from './sqlite-rows.ts';
import type { AuditEntry, NotRecorded } from './store.ts';

type Parts = {
  db: DatabaseSync;
  recorded: (work: () => void) => NotRecorded;
  reportFolder: string;
  appendAudit: (entry: AuditEntry) => void;
};

/**
 * Records in the database, the texts of reports as files beside it: a report with photographs has megabytes, and the database is
 * checked whole at each start.
 */
export function provisioningTables({ db, recorded, reportFolder, appendAudit }: Parts): ProvisioningStore {
  const all = db.prepare('SELECT body FROM provisioning WHERE kind = ? ORDER BY id');
  const set = db.prepare('INSERT OR REPLACE INTO provisioning (kind, id, body) VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM provisioning WHERE kind = ? AND id = ?');
  const addReport = db.prepare('INSERT INTO report (id, site_id, received_at_ms, body) VALUES (?, ?, ?, ?)');
  const reportById = db.prepare('SELECT body FROM report WHERE id = ?');
  const write = (changes: readonly ProvisioningChange[], audit: readonly AuditEntry[]): void => {
    for (const { kind, id, record } of changes)
      if (record === undefined) remove.run(kind, id);
      else set.run(kind, id, JSON.stringify(record));
    for (const entry of audit) appendAudit(entry);
  };
  const report = (id: string): ReportRecord | undefined => {
    const row = reportById.get(id);
    return row === undefined ? undefined : fromJson<ReportRecord>(row['body']);
  };
  return {
    all: (kind) => all.all(kind).map((row) => fromJson(row['body'])),
    change: (changes, audit) => recorded(() => write(changes, audit)),
    report,
    reports: ({ siteId, limit }) => {
      const { where, values } = conditions([['site_id = ?', siteId === undefined ? undefined : [siteId]]]);
      return db
        .prepare(`SELECT body FROM report ${where} ORDER BY received_at_ms DESC, id DESC LIMIT ?`)
        .all(...values, limit)
        .map((row) => fromJson<ReportRecord>(row['body']));
    },
    reportText: (id, part) => readText(reportFolder, report(id), part),
    addReport: (record, texts, changes, audit) => {
      try {
        mkdirSync(reportFolder, { recursive: true, mode: 0o750 });
        for (const part of ['json', 'html'] as const) keepText(fileOf(reportFolder, record, part), texts[part]);
      } catch (error) {
        return notRecorded(reportFolder, error);
      }
      return recorded(() => {
        addReport.run(record.id, record.siteId, record.receivedAtMs, JSON.stringify(record));
        write(changes, audit);
      });
    },
  };
}

/** Named by its content: an id comes from outside, and is no name of a file. */
function fileOf(folder: string, { sha256 }: ReportRecord, part: ReportPart): string {
  return join(folder, `${sha256[part]}.${part}`);
}

function keepText(file: string, text: string): void {
  const partial = `${file}.part`;
  const descriptor = openSync(partial, 'w', 0o640);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
}

function readText(folder: string, record: ReportRecord | undefined, part: ReportPart): string | undefined {
  if (record === undefined) return undefined;
  try {
    const text = readFileSync(fileOf(folder, record, part), 'utf8');
    return createHash('sha256').update(text).digest('hex') === record.sha256[part] ? text : undefined;
  } catch {
    return undefined;
  }
}
