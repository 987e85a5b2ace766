import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AuditCheckpoints, checkpointFault } from './authority/audit-checkpoints.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { readSettings } from './main-settings.ts';
import { auditLines, auditReader, verifyAudit } from './store/audit-tables.ts';
import { openToRead } from './store/database.ts';
import type { OperationsStore } from './store/store.ts';
import { operationsId } from './store/sqlite-store.ts';

export const auditUsage = [
  'audit verify [--config FILE] [--data DIR] [--head SEQ:HASH]   is every row as it was written?',
  'audit export [--config FILE] [--data DIR]                     the audit as lines of JSON, with hashes',
] as const;

/**
 * `audit verify` and `audit export`: both only read, also while the head-end runs. Returns the exit code: 1 where a row does not fit.
 * `--head` is what an earlier verification told, kept elsewhere: it finds what was cut off or written anew since.
 */
export function auditCommand(args: readonly string[]): number {
  const [what, ...rest] = args;
  if (what !== 'verify' && what !== 'export') return wrong([`audit ${what ?? ''}: it is verify or export`]);
  const asked = askedFor(rest);
  if (!asked.ok) return wrong(asked.say);
  const { data, head } = asked.value;
  const path = join(data, 'operations.db');
  const db = openToRead(path, operationsId);
  try {
    const audit = auditReader(db);
    const checkpoints = new AuditCheckpoints(new KeyFolder(join(data, 'keys'))).all();
    if (what === 'export') {
      for (const line of auditLines(audit, checkpoints)) process.stdout.write(line);
      return 0;
    }
    const verdict = verifyAudit(db);
    if (!verdict.ok) {
      console.error(`${path}: the audit does not fit from row ${verdict.seq} on. ${verdict.say}`);
      return 1;
    }
    const fault = checkpointFault(checkpoints, (seq) => hashAt(audit, seq));
    if (fault !== undefined) {
      console.error(`${path}: ${fault.say}`);
      return 1;
    }
    if (head !== undefined && hashAt(audit, head.seq) !== head.hash) {
      console.error(
        `${path}: row ${head.seq} is not the one that --head tells: it was cut off, or all was written anew.`,
      );
      return 1;
    }
    console.log(
      `${path}: ${verdict.rows} rows, each as it was written, ${checkpoints.length} signed ${checkpoints.length === 1 ? 'checkpoint' : 'checkpoints'}. Keep this elsewhere: ${verdict.head.seq}:${verdict.head.hash}`,
    );
    return 0;
  } finally {
    db.close();
  }
}

function hashAt(audit: Pick<OperationsStore, 'auditAfter'>, seq: number): string | undefined {
  const row = audit.auditAfter(seq - 1, 1)[0];
  return row?.seq === seq ? row.hash : undefined;
}

type Asked = { data: string; head: { seq: number; hash: string } | undefined };

function askedFor(args: readonly string[]): { ok: true; value: Asked } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  try {
    const { head, ...where } = parseArgs({ args: [...args], options: { config: text, data: text, head: text } }).values;
    const told = head === undefined ? undefined : /^(\d{1,15}):([0-9a-f]{64})$/.exec(head);
    if (told === null) return { ok: false, say: [`--head ${head}: it is SEQ:HASH, as audit verify tells it`] };
    const settings = readSettings(Object.entries(where).flatMap(([name, value]) => [`--${name}`, value]));
    if (!settings.ok) return settings;
    const kept = told && { seq: Number(told[1]), hash: String(told[2]) };
    return { ok: true, value: { data: settings.value.data, head: kept } };
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...auditUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}
