import { fromCbor, toCbor } from '../schema/cbor.ts';
import { refuse } from '../schema/field.ts';
import type { Decoded } from '../schema/field.ts';
import { decodeStatus } from './status.ts';
import type { Status } from './status.ts';
import { event } from './event.ts';
import type { DeviceEvent } from './event.ts';

const schemaId = 10;
/** So many of the longest events fit into one message. */
export const maxHistoryEntries = 128;

export type HistoryEntry = { of: 'status'; status: Status } | { of: 'event'; event: DeviceEvent };

/**
 * What could not be sent while the line was down, as it was encoded then. It travels under a topic of its own and never
 * counts as live. Entries that cannot be read are counted, not silently lost. Throws RangeError for more than
 * `maxHistoryEntries`, or for entries so long that the whole is beyond `maxMessageBytes`.
 */
export function encodeHistory(entries: readonly { of: 'status' | 'event'; bytes: Uint8Array }[]): Uint8Array {
  if (entries.length > maxHistoryEntries)
    throw new RangeError(`${entries.length} entries; at most ${maxHistoryEntries} travel together`);
  return toCbor([schemaId, ...entries.flatMap(({ of, bytes }) => [of === 'status' ? 0 : 1, bytes])]);
}

export function decodeHistory(bytes: Uint8Array): Decoded<{ entries: readonly HistoryEntry[]; unreadable: number }> {
  const wire = fromCbor(bytes);
  if (!wire.ok) return wire;
  if (!Array.isArray(wire.value) || wire.value[0] !== schemaId) return refuse('is no history');
  const parts: unknown[] = wire.value.slice(1);
  if (parts.length > 2 * maxHistoryEntries) return refuse(`holds more than ${maxHistoryEntries} entries`);
  const entries: HistoryEntry[] = [];
  let unreadable = 0;
  for (let i = 0; i < parts.length; i += 2) {
    const entry = entryOf(parts[i], parts[i + 1]);
    if (entry === undefined) unreadable += 1;
    else entries.push(entry);
  }
  return { ok: true, value: { entries, unreadable } };
}

function entryOf(of: unknown, bytes: unknown): HistoryEntry | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined;
  if (of === 0) {
    const status = decodeStatus(bytes);
    return status.ok ? { of: 'status', status: status.value } : undefined;
  }
  const decoded = of === 1 ? event.fromBytes(bytes) : undefined;
  return decoded?.ok ? { of: 'event', event: decoded.value } : undefined;
}
