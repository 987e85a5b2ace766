import type { Status } from '@tiepoint/protocol';
import type { Sample } from '../store/store.ts';

const maxFutureMs = 300_000;

/** A status as history keeps it, at the time at which it was measured as well as anyone knows. */
export function keptSample(deviceKey: string, status: Status, live: boolean, nowMs: number): Sample {
  const measuredAtMs = live && status.timeQuality !== 'synchronised' ? nowMs : status.timeMs;
  // A clock far ahead would write into minutes that are not yet.
  return { deviceKey, atMs: measuredAtMs > nowMs + maxFutureMs ? nowMs : measuredAtMs, status };
}
