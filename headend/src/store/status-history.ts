import type { DatabaseSync } from 'node:sqlite';
import { decodeStatus, encodeStatus } from '@tiepoint/protocol';
import { addBucket, addStatus, decodeBucket, encodeBucket } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { historyReader } from './history-reader.ts';
import { pastSamples } from './past-samples.ts';
import type { HistoryQuery, HistoryRows, Sample } from './store.ts';
import type { DeviceNumbers } from './telemetry-tables.ts';
import { bytesOf } from './telemetry-tables.ts';

export const minuteMs = 60_000;
export const quarterMs = 15 * minuteMs;

/** How long is kept what. */
export type Retention = { rawMs: number; minutesMs: number; quartersMs: number; eventsMs: number; maxEvents: number };

export const retention: Retention = {
  rawMs: 2 * 3_600_000,
  minutesMs: 48 * 3_600_000,
  quartersMs: 400 * 86_400_000,
  eventsMs: 400 * 86_400_000,
  maxEvents: 2_000_000,
};

/** A minute is closed this long after its end, so that what is on its way still counts with its raw samples. */
const graceMs = 10_000;
const maxFutureMs = 5 * minuteMs;

export type StatusHistory = {
  insert(samples: readonly Sample[]): { samples: number; known: number; tooOld: number };
  rollUp(nowMs: number, maxDevices: number): boolean;
  read(query: HistoryQuery): HistoryRows;
};

type Pass = { fromMs: number; toMs: number; devices: readonly number[]; next: number };

/**
 * Status over time: raw samples, minutes and quarters of an hour. Up to `doneToMs` minutes are rolled up from raw samples by
 * replacing, so that a pass cut short by a crash is simply done again; what arrives later for a time before that is added
 * to the bucket in the transaction that stores its raw sample. So everything counts exactly once, however late it comes.
 */
export function statusHistory(db: DatabaseSync, numbers: DeviceNumbers, kept: Retention): StatusHistory {
  const past = pastSamples(db);
  const buckets = { minute: bucketTable(db, 'minute'), quarter: bucketTable(db, 'quarter') };
  const addRaw = db.prepare('INSERT INTO sample (device, session, seq, at_ms, status) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const rawBetween = db.prepare('SELECT at_ms, status FROM sample WHERE device = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms');
  const saveDone = db.prepare('INSERT OR REPLACE INTO roll_up (one, done_to_ms) VALUES (1, ?)');
  let doneToMs = storedDoneTo(db);
  let newestMs = doneToMs ?? 0;
  let pass: Pass | undefined;

  /** Up to where this device's minutes are in their buckets already. */
  function doneFor(device: number): number {
    const passed = pass?.devices[pass.next - 1];
    return pass !== undefined && passed !== undefined && device <= passed ? pass.toMs : (doneToMs ?? 0);
  }

  function insertOne({ deviceKey, atMs, status }: Sample): 'new' | 'known' | 'too-old' {
    const device = numbers.of(deviceKey);
    if (atMs < newestMs - kept.quartersMs) return 'too-old';
    const { session, seq } = status;
    if (past.has(device, session, seq)) return 'known';
    if (addRaw.run(device, session, seq, atMs, encodeStatus(status).bytes).changes === 0) return 'known';
    const doneMs = doneFor(device);
    if (atMs < doneMs) {
      const bucket: Bucket = new Map();
      addStatus(bucket, status);
      if (atMs >= newestMs - kept.minutesMs) buckets.minute.merge(device, floorTo(atMs, minuteMs), bucket);
      if (floorTo(atMs, quarterMs) + quarterMs <= doneMs) buckets.quarter.merge(device, floorTo(atMs, quarterMs), bucket);
    }
    return 'new';
  }

  function rollUpDevice(device: number, fromMs: number, toMs: number): void {
    const minutes = new Map<number, Bucket>();
    for (const row of rawBetween.iterate(device, fromMs, toMs)) {
      const status = decodeStatus(bytesOf(row['status']));
      if (status.ok) addStatus(bucketAt(minutes, floorTo(Number(row['at_ms']), minuteMs)), status.value);
    }
    for (const [atMs, bucket] of minutes) buckets.minute.replace(device, atMs, bucket);
    const firstQuarter = floorTo(fromMs, quarterMs);
    const closedTo = floorTo(toMs, quarterMs);
    if (firstQuarter >= closedTo) return;
    const quarters = new Map<number, Bucket>();
    for (const { atMs, bucket } of buckets.minute.between(device, firstQuarter, closedTo)) {
      addBucket(bucketAt(quarters, floorTo(atMs, quarterMs)), bucket);
    }
    for (const [atMs, bucket] of quarters) buckets.quarter.replace(device, atMs, bucket);
    past.prune(device, Math.min(toMs - kept.rawMs, toMs), toMs);
    buckets.minute.prune(device, toMs - kept.minutesMs);
    buckets.quarter.prune(device, toMs - kept.quartersMs);
  }

  function startPass(nowMs: number): Pass | undefined {
    const toMs = floorTo(nowMs - graceMs, minuteMs);
    const fromMs = doneToMs ?? oldestSampleMs(db, toMs);
    if (toMs <= fromMs) return undefined;
    return { fromMs, toMs, devices: numbers.all(), next: 0 };
  }

  return {
    insert: (samples) => {
      const counts = { samples: 0, known: 0, tooOld: 0 };
      for (const sample of samples) {
        const outcome = insertOne(sample);
        if (outcome === 'new') counts.samples += 1;
        else if (outcome === 'known') counts.known += 1;
        else counts.tooOld += 1;
      }
      return counts;
    },
    rollUp: (nowMs, maxDevices) => {
      newestMs = Math.max(newestMs, nowMs);
      pass ??= startPass(nowMs);
      if (pass === undefined) return false;
      for (const end = Math.min(pass.next + maxDevices, pass.devices.length); pass.next < end; pass.next += 1) {
        const device = pass.devices[pass.next];
        if (device !== undefined) rollUpDevice(device, pass.fromMs, pass.toMs);
      }
      if (pass.next < pass.devices.length) return true;
      doneToMs = pass.toMs;
      saveDone.run(doneToMs);
      pass = undefined;
      return false;
    },
    read: historyReader(db, { numbers, buckets, kept, doneFor }),
  };
}

/** The sample of a clock that runs ahead would count into minutes that are not yet; its arrival is the better time. */
export function sampleTimeMs(timeMs: number, nowMs: number): number {
  return timeMs > nowMs + maxFutureMs ? nowMs : timeMs;
}

export function floorTo(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs;
}

export function bucketAt(buckets: Map<number, Bucket>, atMs: number): Bucket {
  const found = buckets.get(atMs) ?? new Map();
  buckets.set(atMs, found);
  return found;
}

function storedDoneTo(db: DatabaseSync): number | undefined {
  const row = db.prepare('SELECT done_to_ms FROM roll_up').get();
  return row === undefined ? undefined : Number(row['done_to_ms']);
}

function oldestSampleMs(db: DatabaseSync, otherwiseMs: number): number {
  const oldest = db.prepare('SELECT min(at_ms) AS oldest FROM sample').get()?.['oldest'];
  return oldest === null || oldest === undefined ? otherwiseMs - minuteMs : floorTo(Number(oldest), minuteMs);
}

export type BucketTable = ReturnType<typeof bucketTable>;

function bucketTable(db: DatabaseSync, table: 'minute' | 'quarter') {
  const one = db.prepare(`SELECT bucket FROM ${table} WHERE device = ? AND at_ms = ?`);
  const write = db.prepare(`INSERT OR REPLACE INTO ${table} (device, at_ms, bucket) VALUES (?, ?, ?)`);
  const some = db.prepare(`SELECT at_ms, bucket FROM ${table} WHERE device = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`);
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
      some.all(device, fromMs, toMs).map((row) => ({ atMs: Number(row['at_ms']), bucket: decodeBucket(bytesOf(row['bucket'])) })),
    prune: (device: number, beforeMs: number): void => {
      drop.run(device, beforeMs);
    },
  };
}
