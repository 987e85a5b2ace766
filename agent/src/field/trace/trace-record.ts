import { crcFits } from '../../io/bus/crc16.ts';
import { frameWords } from './frame-words.ts';
import type { FrameWords } from './frame-words.ts';

/** What a trace keeps of one piece of the wire, or of what happened to the port. */
export type TraceRecord = TracedFrame | TraceNote;

export type TracedFrame = {
  readonly kind: 'frame';
  /** Since 1970; absent where a recorded line did not tell. */
  readonly atMs?: number;
  /** Since the last byte before it. */
  readonly gapMs?: number;
  /** `heard`: listened to; which way it went is in its role. */
  readonly direction: 'out' | 'in' | 'heard';
  readonly framing: 'rtu' | 'tcp';
  /** As on the wire: with CRC, or with the header of Modbus TCP. */
  readonly bytes: Uint8Array;
  readonly role: 'request' | 'reply' | 'noise';
  /** The frame that it answers, as unit, PDU and CRC or without. */
  readonly request?: Uint8Array;
  readonly roundTripMs?: number;
  readonly mark?: TraceMark;
};

export type TraceNote = { readonly kind: 'note'; readonly atMs?: number; readonly say: string };

export const traceMarks = {
  late: 'late: answers a request that was given up',
  duplicate: 'duplicate of the last reply',
  stale: 'answers nothing that was asked',
  'wrong-echo': 'echoes another address or value',
  wrong: 'no reply to what was asked',
  garbled: 'no whole and correct frame',
  'own-echo': 'the adapter hears itself',
  repeated: 'asked again',
  'after-no-reply': 'the request before was not answered',
} as const;
export type TraceMark = keyof typeof traceMarks;

/** Unit and PDU, without CRC and header; `undefined` where the bytes are too few. */
export function pduOf({ framing, bytes }: Pick<TracedFrame, 'framing' | 'bytes'>): Uint8Array | undefined {
  const frame = framing === 'tcp' ? bytes.subarray(6) : bytes.subarray(0, -2);
  return frame.length >= 2 ? frame : undefined;
}

/** Of RTU frames; Modbus TCP has none. */
export function crcOf({ framing, bytes }: Pick<TracedFrame, 'framing' | 'bytes'>): 'good' | 'bad' | undefined {
  if (framing === 'tcp') return undefined;
  return bytes.length >= 4 && crcFits(bytes, 0, bytes.length) ? 'good' : 'bad';
}

/** The frame in words; of noise, and of what is too short, `undefined`. */
export function wordsOf(record: TracedFrame): FrameWords | undefined {
  const pdu = pduOf(record);
  return pdu === undefined || record.role === 'noise' ? undefined : frameWords(pdu, record.role, record.request);
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** `undefined` for anything but whole bytes in hex, with or without spaces. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(' ', '');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
