import type { Status } from '@tiepoint/protocol';
import { historyPoints, historyValue } from './history-points.ts';

/** What a minute or a quarter of an hour knows of one point. */
export type Aggregate = { n: number; min: number; max: number; sum: number };
/** By the point's index in `historyPoints`. */
export type Bucket = Map<number, Aggregate>;

const entryBytes = 1 + 4 + 3 * 8;

/** Adds one status. The mean is over samples, not over time: a device that reports by exception weighs its changes. */
export function addStatus(bucket: Bucket, status: Status): void {
  for (let index = 0; index < historyPoints.length; index += 1) {
    const point = historyPoints[index];
    const value = point === undefined ? undefined : historyValue(status, point);
    if (value !== undefined) addAggregate(bucket, index, { n: 1, min: value, max: value, sum: value });
  }
}

export function addBucket(into: Bucket, from: Bucket): void {
  for (const [index, aggregate] of from) addAggregate(into, index, aggregate);
}

function addAggregate(bucket: Bucket, index: number, { n, min, max, sum }: Aggregate): void {
  const before = bucket.get(index);
  if (before === undefined) {
    bucket.set(index, { n, min, max, sum });
    return;
  }
  before.n += n;
  before.sum += sum;
  if (min < before.min) before.min = min;
  if (max > before.max) before.max = max;
}

export function encodeBucket(bucket: Bucket): Uint8Array {
  const bytes = new Uint8Array(bucket.size * entryBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [index, { n, min, max, sum }] of bucket) {
    view.setUint8(at, index);
    view.setUint32(at + 1, n);
    view.setFloat64(at + 5, min);
    view.setFloat64(at + 13, max);
    view.setFloat64(at + 21, sum);
    at += entryBytes;
  }
  return bytes;
}

/** Reads what `encodeBucket` wrote; a torn tail is ignored. */
export function decodeBucket(bytes: Uint8Array): Bucket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bucket: Bucket = new Map();
  for (let at = 0; at + entryBytes <= bytes.byteLength; at += entryBytes) {
    bucket.set(view.getUint8(at), {
      n: view.getUint32(at + 1),
      min: view.getFloat64(at + 5),
      max: view.getFloat64(at + 13),
      sum: view.getFloat64(at + 21),
    });
  }
  return bucket;
}
