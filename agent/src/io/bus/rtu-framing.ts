import { crcFits } from './crc16.ts';
import { judge, type Expectation } from './expectation.ts';
import type { Framing, Received } from './framing.ts';

// Two of the longest frames (256): a stale reply, and the one that is waited for.
const heldLimit = 768;

/**
 * Finds frames in the bytes of an RTU line by the length that was asked for and the CRC, not by pauses: the last byte of a
 * reply completes it at once. Noise before a frame is skipped; whole frames that answer nothing are reported as stale.
 */
export class RtuFraming implements Framing {
  #expected: Expectation | undefined;
  #asked: Uint8Array | undefined;
  #adapterEchoes = false;
  #bytes: Uint8Array = new Uint8Array(0);

  ask(frame: Uint8Array, expected: Expectation): Uint8Array {
    this.#expected = expected;
    this.#asked = frame;
    this.#bytes = new Uint8Array(0);
    return frame;
  }

  close(): void {
    this.#expected = undefined;
    this.#bytes = new Uint8Array(0);
  }

  receive(bytes: Uint8Array): readonly Received[] {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    // At the bound the oldest bytes go: the reply that is waited for comes last.
    this.#bytes = joined.length > heldLimit ? joined.slice(joined.length - heldLimit) : joined;
    this.#dropOwnRequest();
    if (this.#expected !== undefined && beginsReply(this.#expected, this.#bytes)) return [];
    return this.#scan();
  }

  reset(): void {
    this.close();
  }

  held(): number {
    return this.#bytes.length;
  }

  /**
   * Some RS-485 adapters hear themselves. The reply to FC5 and FC6 is the request once more, so such an adapter would confirm
   * every write; that it echoes is learnt from requests whose reply cannot look so.
   */
  #dropOwnRequest(): void {
    const asked = this.#asked;
    if (asked === undefined || this.#expected === undefined || !startsWith(this.#bytes, asked)) return;
    this.#asked = undefined;
    const { functionCode } = this.#expected;
    if (functionCode !== 5 && functionCode !== 6) this.#adapterEchoes = true;
    if (this.#adapterEchoes) this.#bytes = this.#bytes.slice(asked.length);
  }

  #scan(): readonly Received[] {
    const found: Received[] = [];
    let at = 0;
    let digested = 0;
    while (at < this.#bytes.length) {
      const length = frameLength(this.#bytes, at);
      if (length === undefined) {
        at++;
        continue;
      }
      const frame = this.#bytes.slice(at, at + length);
      at += length;
      digested = at;
      const verdict = this.#expected === undefined ? 'other' : judge(this.#expected, frame.subarray(0, -2));
      if (verdict === 'reply' || verdict === 'exception') {
        this.close();
        return [...found, { kind: 'answer', frame }];
      }
      found.push({
        kind: 'stale',
        unit: frame[0]!,
        functionCode: frame[1]!,
        rtuBytes: length,
        wrongEcho: verdict === 'wrong-echo',
      });
    }
    this.#bytes = this.#bytes.slice(digested);
    return found;
  }
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte);

/** The common case, spared the scan: so far exactly the reply, not yet all of it. */
function beginsReply(expected: Expectation, bytes: Uint8Array): boolean {
  if (bytes.length >= expected.rtuBytes || bytes[0] !== expected.unit) return false;
  if (bytes.length > 1 && bytes[1] !== expected.functionCode) return false;
  return bytes.length <= 2 || expected.byteCount === undefined || bytes[2] === expected.byteCount;
}

/** The length of a whole frame with a correct CRC that begins at `at`, of any unit. */
function frameLength(bytes: Uint8Array, at: number): number | undefined {
  const functionCode = bytes[at + 1];
  if (functionCode === undefined) return undefined;
  const length = replyLength(functionCode, bytes[at + 2]);
  return length !== undefined && at + length <= bytes.length && crcFits(bytes, at, length) ? length : undefined;
}

function replyLength(functionCode: number, third: number | undefined): number | undefined {
  // Five bytes with a fitting CRC are soon found in noise, so an exception must look like one in its every byte.
  if (functionCode > 0x80)
    return functionCode <= 0x97 && third !== undefined && third >= 1 && third <= 11 ? 5 : undefined;
  if (functionCode >= 1 && functionCode <= 4) return third === undefined ? undefined : 5 + third;
  if (functionCode === 5 || functionCode === 6 || functionCode === 15 || functionCode === 16) return 8;
  return undefined;
}
