import {
  acknowledgement,
  command,
  configuration,
  death,
  decodeHistory,
  decodeStatus,
  deviceBirth,
  encodeHistory,
  encodeStatus,
  event,
  gatewayBirth,
  hostState,
  inquiry,
} from '../src/index.ts';
import type { Decoded, HistoryEntry, Status } from '../src/index.ts';

/** One message as golden vectors see it: JSON in, bytes out, and back. */
export type Codec = { toBytes(value: unknown): Uint8Array; fromBytes(bytes: Uint8Array): Decoded<unknown> };

const status: Codec = { toBytes: (value) => encodeStatus(value as Status).bytes, fromBytes: decodeStatus };

/** Every message that travels, by the name of its file of vectors. */
export const codecs: Readonly<Record<string, Codec>> = {
  'status-aas': status,
  'status-meter': status,
  'status-load-control': status,
  'gateway-birth': gatewayBirth,
  'device-birth': deviceBirth,
  death: death,
  event: event,
  command: command,
  acknowledgement: acknowledgement,
  inquiry: inquiry,
  'host-state': hostState,
  configuration: configuration,
  history: {
    toBytes: (value) => encodeHistory((value as { entries: HistoryEntry[] }).entries.map(sealed)),
    fromBytes: decodeHistory,
  },
};

function sealed(entry: HistoryEntry): { of: 'status' | 'event'; bytes: Uint8Array } {
  return entry.of === 'status'
    ? { of: 'status', bytes: encodeStatus(entry.status).bytes }
    : { of: 'event', bytes: event.toBytes(entry.event) };
}
