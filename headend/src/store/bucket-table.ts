import type { DatabaseSync } from 'node:sqlite';
import { addBucket, decodeBucket, encodeBucket } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { bytesOf } from './sqlite-rows.ts';

export const minuteMs = 60_000;
export const quarterMs = 15 * minuteMs;

export function floorTo(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs;
}

export function bucketAt(buckets: Map<number, Bucket>, atMs: number): Bucket {
  const found = buckets.get(atMs) ?? new Map();
  buckets.set(atMs, found);
  return found;
}

export type BucketTable = ReturnType<typeof bucketTable>;

/** One resolution: buckets by device and start. */
export function bucketTable(db: DatabaseSync, table: 'minute' | 'quarter') {
  const one = db.prepare(`SELECT bucket FROM ${table} WHERE device = ? AND at_ms = ?`);
  const write = db.prepare(`INSERT OR REPLACE INTO ${table} (device, at_ms, bucket) VALUES (?, ?, ?)`);
  const some = db.prepare(
    `SELECT at_ms, bucket FROM ${table} WHERE device = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
  );
  const drop = db.prepare(`DELETE FROM ${table} WHERE device = ? AND at_ms < ?`);
  return {
    replace: (device: number, atMs: number, bucket: Bucket): void => {
      write.run(device, atMs, encodeBucket(bucket));
    },
    merge: (device: number, atMs: number, bucket: Bucket): void => {
      const merged = decodeBucket(bytesOf(one.get(device, atMs)?.['bucket']));
      addBucket(merged, bucket);
      write.run(device, atMs, encodeBucket(merged));
    },
    between: (device: number, fromMs: number, toMs: number): readonly { atMs: number; bucket: Bucket }[] =>
      some
        .all(device, fromMs, toMs)
        .map((row) => ({ atMs: Number(row['at_ms']), bucket: decodeBucket(bytesOf(row['bucket'])) })),
    prune: (device: number, beforeMs: number): void => {
      drop.run(device, beforeMs);
    },
  };
}
