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

/** Follows the chain from its first row, row by row; what does not fit is told once, and nothing after it counts. */
export class ChainFollower {
  head: ChainHead = { seq: 0, hash: chainStart };

  /** Rows ascend. Undefined: it fits. */
  take({ hash, ...row }: HashedRow): Extract<ChainVerdict, { ok: false }> | undefined {
    const expected = this.head.seq + 1;
    if (row.seq !== expected) {
      const missing = row.seq === expected + 1 ? `Row ${expected} is` : `Rows ${expected} to ${row.seq - 1} are`;
      return this.#broken(expected, `${missing} missing.`);
    }
    if (rowHash({ ...row, previous: this.head.hash }) !== hash)
      return this.#broken(row.seq, `Row ${row.seq} is not what was written, or a row before it was exchanged.`);
    this.head = { seq: row.seq, hash };
    return undefined;
  }

  /** After the last row; `lastTaken` is the highest number that was ever given to a row. */
  end(lastTaken: number): ChainVerdict {
    const { head } = this;
    if (lastTaken <= head.seq) return { ok: true, rows: head.seq, head };
    return this.#broken(
      head.seq + 1,
      `The end is missing: row ${lastTaken} was written, and the last one here is ${head.seq}.`,
    );
  }

  #broken(seq: number, say: string): Extract<ChainVerdict, { ok: false }> {
    return { ok: false, seq, say, rows: this.head.seq };
  }
}

export function followChain(rows: Iterable<HashedRow>, lastTaken: number): ChainVerdict {
  const follower = new ChainFollower();
  for (const row of rows) {
    const broken = follower.take(row);
    if (broken !== undefined) return broken;
  }
  return follower.end(lastTaken);
}
