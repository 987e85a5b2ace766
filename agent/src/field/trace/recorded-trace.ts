import { crcFits } from '../../io/bus/crc16.ts';
import { isAnswer } from './listened-stream.ts';
import { modbusFunctions } from './modbus-functions.ts';
import { recordedLine } from './trace-lines.ts';
import type { RecordedLine } from './trace-lines.ts';
import { pduOf } from './trace-record.ts';
import type { TracedFrame, TraceRecord } from './trace-record.ts';

/**
 * Reads a recorded trace line by line: of `trace --file` (text or JSON), or of any tool that writes the bytes of a frame in hex. The words
 * are made anew, so that a later profile or program tells more; the bus's own judgement is kept where it was written down. `strange` lines hold no frame.
 */
export class RecordedTrace {
  strange = 0;
  #request: { frame: Uint8Array; atMs: number | undefined } | undefined;

  take(line: string): TraceRecord | undefined {
    const read = recordedLine(line);
    switch (read.kind) {
      case 'strange':
        this.strange++;
        return undefined;
      case 'note':
        return read;
      case 'frame':
        return this.#frame(read);
    }
  }

  #frame({
    atMs,
    direction,
    framing,
    bytes,
    mark,
    roundTripMs,
  }: Extract<RecordedLine, { kind: 'frame' }>): TracedFrame {
    const known = framing ?? framingOf(bytes);
    const base = {
      kind: 'frame',
      ...(atMs === undefined ? {} : { atMs }),
      direction: direction ?? 'heard',
      framing: known,
      bytes,
    } as const;
    const isWhole = known === 'tcp' ? bytes.length >= 8 : bytes.length >= 4 && crcFits(bytes, 0, bytes.length);
    const pdu = pduOf(base);
    if (pdu === undefined || !isWhole) return { ...base, role: 'noise', mark: 'garbled' };
    const frame = Uint8Array.of(...pdu, 0, 0);
    const asked = this.#request;
    const answers = asked !== undefined && isAnswer(asked.frame, frame);
    const role = direction === 'out' ? 'request' : direction === 'in' ? 'reply' : roleOf(frame, answers);
    if (role === 'request') {
      this.#request = { frame, atMs };
      return { ...base, role, ...(mark === undefined ? {} : { mark }) };
    }
    if (!answers || mark !== undefined) return { ...base, role, mark: mark ?? 'stale', ...took(roundTripMs) };
    this.#request = undefined;
    const sinceMs = atMs === undefined || asked.atMs === undefined ? undefined : atMs - asked.atMs;
    return { ...base, role, request: asked.frame.subarray(0, -2), ...took(roundTripMs ?? sinceMs) };
  }
}

const took = (roundTripMs: number | undefined): { roundTripMs?: number } =>
  roundTripMs === undefined ? {} : { roundTripMs };

/** A header of Modbus TCP says its own length and protocol 0; a CRC that fits says RTU. */
function framingOf(bytes: Uint8Array): 'rtu' | 'tcp' {
  if (bytes.length >= 4 && crcFits(bytes, 0, bytes.length)) return 'rtu';
  const isHeader = bytes.length >= 8 && bytes[2] === 0 && bytes[3] === 0;
  return isHeader && ((bytes[4]! << 8) | bytes[5]!) === bytes.length - 6 ? 'tcp' : 'rtu';
}

function roleOf(frame: Uint8Array, answers: boolean): 'request' | 'reply' {
  if (answers || frame[1]! > 0x80) return 'reply';
  const known = modbusFunctions[frame[1]!];
  return known?.requestBytes?.(frame) === frame.length ? 'request' : 'reply';
}
