import type { DatabaseSync } from 'node:sqlite';
import { decodeStatus } from '@tiepoint/protocol';
import { addBucket, addStatus } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { historyPoints } from './history-points.ts';
import { bucketAt, floorTo, minuteMs, quarterMs } from './bucket-table.ts';
import type { BucketTable } from './bucket-table.ts';
import type { DeviceNumbers } from './device-numbers.ts';
import type { Retention } from './retention.ts';
import { bytesOf } from './sqlite-rows.ts';
import type { HistoryQuery, HistoryRow, HistoryRows } from './store.ts';

type Source = {
  numbers: DeviceNumbers;
  buckets: { minute: BucketTable; quarter: BucketTable };
  kept: Retention;
  doneFor: (device: number) => number;
};

/** Reads the finest resolution that still holds all of the asked time and gives a plot a sensible number of rows. */
export function historyReader(
  db: DatabaseSync,
  { numbers, buckets, kept, doneFor }: Source,
): (query: HistoryQuery) => HistoryRows {
  const raw = db.prepare(
    'SELECT at_ms, status FROM sample WHERE device = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms',
  );

  function rawBuckets(device: number, fromMs: number, toMs: number, stepMs: number | undefined): Map<number, Bucket> {
    const found = new Map<number, Bucket>();
    for (const row of raw.iterate(device, fromMs, toMs)) {
      const atMs = Number(row['at_ms']);
      const status = decodeStatus(bytesOf(row['status']));
      if (status.ok) addStatus(bucketAt(found, stepMs === undefined ? atMs : floorTo(atMs, stepMs)), status.value);
    }
    return found;
  }

  function minutes(device: number, fromMs: number, toMs: number): Map<number, Bucket> {
    const doneMs = doneFor(device);
    const found = new Map<number, Bucket>();
    for (const { atMs, bucket } of buckets.minute.between(device, floorTo(fromMs, minuteMs), Math.min(toMs, doneMs)))
      found.set(atMs, bucket);
    for (const [atMs, bucket] of rawBuckets(device, Math.max(floorTo(fromMs, minuteMs), doneMs), toMs, minuteMs))
      found.set(atMs, bucket);
    return found;
  }

  function quarters(device: number, fromMs: number, toMs: number): Map<number, Bucket> {
    const closedMs = floorTo(doneFor(device), quarterMs);
    const found = new Map<number, Bucket>();
    for (const { atMs, bucket } of buckets.quarter.between(
      device,
      floorTo(fromMs, quarterMs),
      Math.min(toMs, closedMs),
    ))
      found.set(atMs, bucket);
    for (const [atMs, bucket] of minutes(device, Math.max(floorTo(fromMs, quarterMs), closedMs), toMs)) {
      addBucket(bucketAt(found, floorTo(atMs, quarterMs)), bucket);
    }
    return found;
  }

  return (query) => {
    const { fromMs, toMs, nowMs } = query;
    const { resolution, stepMs } = resolutionFor(query, kept, nowMs);
    const step = stepMs === undefined ? {} : { stepMs };
    const device = numbers.find(query.deviceKey);
    if (device === undefined) return { resolution, ...step, rows: [], truncated: false };
    const found =
      resolution === 'raw'
        ? rawBuckets(device, fromMs, toMs, undefined)
        : resolution === 'minute'
          ? minutes(device, fromMs, toMs)
          : quarters(device, fromMs, toMs);
    const rows = [...found].toSorted(([a], [b]) => a - b).map(([atMs, bucket]) => rowOf(atMs, bucket, query));
    return { resolution, ...step, rows: rows.slice(-query.maxRows), truncated: rows.length > query.maxRows };
  };
}

function resolutionFor(
  { fromMs, toMs }: HistoryQuery,
  kept: Retention,
  nowMs: number,
): { resolution: HistoryRows['resolution']; stepMs: number | undefined } {
  if (fromMs >= nowMs - kept.rawMs && toMs - fromMs <= kept.rawMs) return { resolution: 'raw', stepMs: undefined };
  if (fromMs >= nowMs - kept.minutesMs) return { resolution: 'minute', stepMs: minuteMs };
  return { resolution: 'quarter-hour', stepMs: quarterMs };
}

function rowOf(atMs: number, bucket: Bucket, { points }: HistoryQuery): HistoryRow {
  return {
    atMs,
    values: points.map((point) => {
      const found = bucket.get(historyPoints.indexOf(point));
      return found === undefined
        ? undefined
        : { n: found.n, min: found.min, max: found.max, mean: found.sum / found.n };
    }),
  };
}
