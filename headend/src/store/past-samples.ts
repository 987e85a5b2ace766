import type { DatabaseSync } from 'node:sqlite';
import { addToRanges, rangesHave } from './number-ranges.ts';
import type { NumberRanges } from './number-ranges.ts';
import { fromJson } from './sqlite-rows.ts';

const maxRanges = 64;
const maxSessionsPerDevice = 64;

/** Remembers which raw samples were there once, as ranges a session, so that history told again is recognised. */
export function pastSamples(db: DatabaseSync): {
  has(device: number, session: number, seq: number): boolean;
  /** Forgets the raw samples before `beforeMs`, and remembers that they were there. */
  prune(device: number, beforeMs: number, nowMs: number): void;
} {
  const ranges = db.prepare('SELECT ranges FROM past_sample WHERE device = ? AND session = ?');
  const save = db.prepare(
    'INSERT OR REPLACE INTO past_sample (device, session, ranges, pruned_at_ms) VALUES (?, ?, ?, ?)',
  );
  const old = db.prepare('SELECT session, seq FROM sample WHERE device = ? AND at_ms < ?');
  const drop = db.prepare('DELETE FROM sample WHERE device = ? AND at_ms < ?');
  const dropSessions = db.prepare(
    `DELETE FROM past_sample WHERE device = ?1 AND session NOT IN
     (SELECT session FROM past_sample WHERE device = ?1 ORDER BY pruned_at_ms DESC LIMIT ${maxSessionsPerDevice})`,
  );
  const of = (device: number, session: number): NumberRanges => {
    const row = ranges.get(device, session);
    return row === undefined ? [] : fromJson<NumberRanges>(row['ranges']);
  };
  return {
    has: (device, session, seq) => rangesHave(of(device, session), seq),
    prune: (device, beforeMs, nowMs) => {
      const seqs = new Map<number, number[]>();
      for (const row of old.iterate(device, beforeMs)) {
        const session = Number(row['session']);
        const list = seqs.get(session) ?? [];
        list.push(Number(row['seq']));
        seqs.set(session, list);
      }
      if (seqs.size === 0) return;
      for (const [session, list] of seqs) {
        save.run(device, session, JSON.stringify(addToRanges(of(device, session), list, maxRanges)), nowMs);
      }
      drop.run(device, beforeMs);
      dropSessions.run(device);
    },
  };
}
