import {
  acknowledgement,
  command,
  configuration,
  death,
  decodeHistory,
  decodeIntervals,
  decodeStatus,
  deviceBirth,
  encodeHistory,
  encodeIntervals,
  encodeStatus,
  event,
  fleetMode,
  gatewayBirth,
  gatewayEvent,
  hostState,
  inquiry,
  parseTopic,
  readRequest,
  reading,
  tagList,
  trustList,
} from '../src/index.ts';
import type { Decoded, HistoryEntry, IntervalBlock, Status } from '../src/index.ts';
import { openEnvelope, placeOf, seal, signerOf, verifyingKey } from '../src/envelope/index.ts';
import type { Place } from '../src/envelope/index.ts';

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
  'trust-list': {
    toBytes: (value) => trustList.toBytes(mapKeys(value, (key) => fromHex(String(key)))),
    fromBytes: (bytes) => {
      const read = trustList.fromBytes(bytes);
      return read.ok ? { ok: true, value: mapKeys(read.value, (key) => toHex(key as Uint8Array)) } : read;
    },
  },
  'tag-list': tagList,
  'gateway-event': gatewayEvent,
  intervals: { toBytes: (value) => encodeIntervals(value as IntervalBlock), fromBytes: decodeIntervals },
  'read-request': readRequest,
  reading: reading,
  'fleet-mode': fleetMode,
  envelope: {
    toBytes: (value) => {
      const { topic, content } = value as { topic: string; content: string };
      return seal(fromHex(content), placeAt(topic), signerOf(vectorSeed));
    },
    fromBytes: (bytes) => {
      // A vector tells its topic beside the bytes: whichever it opens at is that.
      for (const topic of envelopeTopics) {
        const opened = openEnvelope(bytes, placeAt(topic), () => verifyingKey(signerOf(vectorSeed).publicKey));
        if (opened.ok) return { ok: true, value: { topic, content: toHex(opened.content) } };
      }
      return { ok: false, path: '', say: 'opens at none of the topics' };
    },
  },
  history: {
    toBytes: (value) => encodeHistory((value as { entries: HistoryEntry[] }).entries.map(sealed)),
    fromBytes: decodeHistory,
  },
};

/** Known to everybody: no gateway trusts it. */
const vectorSeed = new Uint8Array(32).fill(7);
const envelopeTopics = ['tiepoint/v1/host', 'tiepoint/v1/gw-1/meter-1/command', 'tiepoint/v1/gw-1/tags', 'tiepoint/v1/gw-1/trust'];

function placeAt(text: string): Place {
  const topic = parseTopic(text);
  const place = topic && placeOf(topic);
  if (place === undefined) throw new Error(`nothing comes down on ${text}`);
  return place;
}

/** Keys are bytes in the message and hex in the file. */
function mapKeys<T>(list: unknown, change: (key: unknown) => T): { revision: number; commandKeys: T[] } {
  const { revision, commandKeys } = list as { revision: number; commandKeys: readonly unknown[] };
  return { revision, commandKeys: commandKeys.map(change) };
}

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function sealed(entry: HistoryEntry): { of: 'status' | 'event'; bytes: Uint8Array } {
  return entry.of === 'status'
    ? { of: 'status', bytes: encodeStatus(entry.status).bytes }
    : { of: 'event', bytes: event.toBytes(entry.event) };
}
