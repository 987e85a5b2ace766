import type { DatabaseSync } from 'node:sqlite';
import { decodeStatus, encodeStatus } from '@tiepoint/protocol';
import { addBucket, addStatus } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { bucketAt, bucketTable, floorTo, minuteMs, quarterMs } from './bucket-table.ts';
import type { DeviceNumbers } from './device-numbers.ts';
import { historyReader } from './history-reader.ts';
import { pastSamples } from './past-samples.ts';
import type { Retention } from './retention.ts';
import { bytesOf } from './sqlite-rows.ts';
import type { HistoryQuery, HistoryRows, Sample } from './store.ts';

/** A minute is closed this long after its end, so that what is on its way still counts with its raw samples. */
const graceMs = 10_000;

/** One walk over all devices; `lastDevice` is the number of the last one done. */
type Pass = { fromMs: number; toMs: number; lastDevice: number };
type Counts = { samples: number; known: number; tooOld: number };

/**
 * Status over time: raw samples, minutes and quarters of an hour. Up to `doneToMs` minutes are rolled up from raw samples by
 * replacing, so that a pass cut short by a crash is simply done again; what arrives later for a time before that is added
 * to the bucket in the transaction that stores its raw sample. So everything counts exactly once, however late it comes.
 */
export function statusHistory(db: DatabaseSync, numbers: DeviceNumbers, kept: Retention): StatusHistory {
  return new StatusHistory(db, numbers, kept);
}

class StatusHistory {
  readonly read: (query: HistoryQuery) => HistoryRows;
  readonly #numbers: DeviceNumbers;
  readonly #kept: Retention;
  readonly #statements: ReturnType<typeof statements>;
  #doneToMs: number | undefined;
  #newestMs: number;
  #pass: Pass | undefined;

  constructor(db: DatabaseSync, numbers: DeviceNumbers, kept: Retention) {
    this.#numbers = numbers;
    this.#kept = kept;
    this.#statements = statements(db);
    this.#doneToMs = this.#statements.doneTo();
    this.#newestMs = this.#doneToMs ?? 0;
    const doneFor = (device: number): number => this.#doneFor(device);
    this.read = historyReader(db, { numbers, buckets: this.#statements, kept, doneFor });
  }

  insert(samples: readonly Sample[]): Counts {
    const counts = { samples: 0, known: 0, tooOld: 0 };
    for (const sample of samples) counts[this.#insertOne(sample)] += 1;
    return counts;
  }

  rollUp(nowMs: number, maxDevices: number): boolean {
    this.#newestMs = Math.max(this.#newestMs, nowMs);
    this.#pass ??= this.#startPass(nowMs);
    if (this.#pass === undefined) return false;
    const { fromMs, toMs, lastDevice } = this.#pass;
    try {
      const devices = this.#statements.devicesAfter(lastDevice, maxDevices);
      for (const device of devices) {
        this.#rollUpDevice(device, fromMs, toMs);
        this.#pass.lastDevice = device;
      }
      if (devices.length === maxDevices) return true;
      this.#statements.saveDone(toMs);
    } catch (error) {
      this.#pass = undefined; // what was done is rolled back with the transaction, and done again
      throw error;
    }
    this.#doneToMs = toMs;
    this.#pass = undefined;
    return false;
  }

  /** Up to where this device's minutes are in their buckets already. */
  #doneFor(device: number): number {
    const pass = this.#pass;
    return pass !== undefined && device <= pass.lastDevice ? pass.toMs : (this.#doneToMs ?? 0);
  }

  #insertOne({ deviceKey, atMs, status }: Sample): keyof Counts {
    const { past, addRaw, minute, quarter } = this.#statements;
    const device = this.#numbers.of(deviceKey);
    if (atMs < this.#newestMs - this.#kept.quartersMs) return 'tooOld';
    const { session, seq } = status;
    if (past.has(device, session, seq)) return 'known';
    if (addRaw.run(device, session, seq, atMs, encodeStatus(status).bytes).changes === 0) return 'known';
    const doneMs = this.#doneFor(device);
    if (atMs >= doneMs) return 'samples';
    const bucket: Bucket = new Map();
    addStatus(bucket, status);
    if (atMs >= this.#newestMs - this.#kept.minutesMs) minute.merge(device, floorTo(atMs, minuteMs), bucket);
    if (floorTo(atMs, quarterMs) + quarterMs <= doneMs) quarter.merge(device, floorTo(atMs, quarterMs), bucket);
    return 'samples';
  }

  #rollUpDevice(device: number, fromMs: number, toMs: number): void {
    const { rawBetween, minute, quarter, past } = this.#statements;
    const minutes = new Map<number, Bucket>();
    for (const row of rawBetween.iterate(device, fromMs, toMs)) {
      const status = decodeStatus(bytesOf(row['status']));
      if (status.ok) addStatus(bucketAt(minutes, floorTo(Number(row['at_ms']), minuteMs)), status.value);
    }
    for (const [atMs, bucket] of minutes) minute.replace(device, atMs, bucket);
    const firstQuarter = floorTo(fromMs, quarterMs);
    const closedTo = floorTo(toMs, quarterMs);
    if (firstQuarter >= closedTo) return;
    const quarters = new Map<number, Bucket>();
    for (const { atMs, bucket } of minute.between(device, firstQuarter, closedTo)) {
      addBucket(bucketAt(quarters, floorTo(atMs, quarterMs)), bucket);
    }
    for (const [atMs, bucket] of quarters) quarter.replace(device, atMs, bucket);
    past.prune(device, toMs - this.#kept.rawMs, toMs);
    minute.prune(device, toMs - this.#kept.minutesMs);
    quarter.prune(device, toMs - this.#kept.quartersMs);
  }

  #startPass(nowMs: number): Pass | undefined {
    const toMs = floorTo(nowMs - graceMs, minuteMs);
    const fromMs = this.#doneToMs ?? this.#statements.oldestMinute() ?? toMs - minuteMs;
    return toMs <= fromMs ? undefined : { fromMs, toMs, lastDevice: 0 };
  }
}

function statements(db: DatabaseSync) {
  const saveDone = db.prepare('INSERT OR REPLACE INTO roll_up (one, done_to_ms) VALUES (1, ?)');
  const devicesAfter = db.prepare('SELECT number FROM device WHERE number > ? ORDER BY number LIMIT ?');
  return {
    past: pastSamples(db),
    minute: bucketTable(db, 'minute'),
    quarter: bucketTable(db, 'quarter'),
    addRaw: db.prepare(
      'INSERT INTO sample (device, session, seq, at_ms, status) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    rawBetween: db.prepare(
      'SELECT at_ms, status FROM sample WHERE device = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms',
    ),
    saveDone: (toMs: number): void => void saveDone.run(toMs),
    devicesAfter: (device: number, limit: number): readonly number[] =>
      devicesAfter.all(device, limit).map((row) => Number(row['number'])),
    doneTo: (): number | undefined => {
      const row = db.prepare('SELECT done_to_ms FROM roll_up').get();
      return row === undefined ? undefined : Number(row['done_to_ms']);
    },
    oldestMinute: (): number | undefined => {
      const oldest = db.prepare('SELECT min(at_ms) AS oldest FROM sample').get()?.['oldest'];
      return oldest === null || oldest === undefined ? undefined : floorTo(Number(oldest), minuteMs);
    },
  };
}
