import { createHash } from 'node:crypto';
import type { AuditRecord } from './store.ts';

/** What stands before the first row. */
export const chainStart = '0'.repeat(64);

/** A row as it is exported, without its hash; `previous` is the hash of the row before it. */
export type ChainedRow = AuditRecord & { readonly previous: string };

/**
 * The canonical form of a row: its JSON with the keys in alphabetical order, without white space, absent fields left out, in UTF-8
 * (RFC 8785; all numbers are whole). Anyone can compute it from an exported line.
 */
export function canonicalRow(row: ChainedRow): string {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** SHA-256 over the canonical form, in hexadecimal. */
export function rowHash(row: ChainedRow): string {
  return createHash('sha256').update(canonicalRow(row), 'utf8').digest('hex');
}

export type HashedRow = AuditRecord & { readonly hash: string };
export type ChainHead = { readonly seq: number; readonly hash: string };
/** `seq`: the first row that does not fit. */
export type ChainVerdict =
  | { ok: true; rows: number; head: ChainHead }
  | { ok: false; seq: number; say: string; rows: number };

/** Follows the chain from its first row. Rows ascend; `lastTaken` is the highest number that was ever given to a row. */
export function followChain(rows: Iterable<HashedRow>, lastTaken: number): ChainVerdict {
  let head: ChainHead = { seq: 0, hash: chainStart };
  const broken = (seq: number, say: string): ChainVerdict => ({ ok: false, seq, say, rows: head.seq });
  for (const { hash, ...row } of rows) {
    const expected = head.seq + 1;
    if (row.seq !== expected) {
      const missing = row.seq === expected + 1 ? `Row ${expected} is` : `Rows ${expected} to ${row.seq - 1} are`;
      return broken(expected, `${missing} missing.`);
    }
    if (rowHash({ ...row, previous: head.hash }) !== hash)
      return broken(row.seq, `Row ${row.seq} is not what was written, or a row before it was exchanged.`);
    head = { seq: row.seq, hash };
  }
  if (lastTaken > head.seq)
    return broken(
      head.seq + 1,
      `The end is missing: row ${lastTaken} was written, and the last one here is ${head.seq}.`,
    );
  return { ok: true, rows: head.seq, head };
}
