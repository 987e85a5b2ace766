import { crc16 } from './crc16.ts';
import { judge, type Expectation } from './expectation.ts';
import type { Framing, Received } from './framing.ts';

const headerBytes = 6;

/**
 * Modbus TCP: a header of transaction id, protocol 0 and length before unit and PDU. Only the open transaction's id is
 * answered to; ids run through 65 536 and go on across connections, so that a late reply cannot meet its number again soon.
 */
export class TcpFraming implements Framing {
  #transactionId = 0;
  #expected: Expectation | undefined;
  #bytes: Uint8Array = new Uint8Array(0);

  ask(frame: Uint8Array, expected: Expectation): Uint8Array {
    this.#transactionId = (this.#transactionId + 1) & 0xffff;
    this.#expected = expected;
    const length = frame.length - 2;
    const wire = new Uint8Array(headerBytes + length);
    wire.set([this.#transactionId >> 8, this.#transactionId & 0xff, 0, 0, length >> 8, length & 0xff]);
    wire.set(frame.subarray(0, length), headerBytes);
    return wire;
  }

  close(): void {
    this.#expected = undefined;
  }

  receive(bytes: Uint8Array): readonly Received[] {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    const found: Received[] = [];
    let at = 0;
    while (joined.length - at >= headerBytes) {
      const length = (joined[at + 4]! << 8) | joined[at + 5]!;
      if (joined[at + 2] !== 0 || joined[at + 3] !== 0 || length < 2 || length > 254) {
        this.#bytes = new Uint8Array(0);
        return [...found, { kind: 'desynchronised' }];
      }
      if (joined.length - at < headerBytes + length) break;
      const transactionId = (joined[at]! << 8) | joined[at + 1]!;
      found.push(this.#judge(transactionId, joined.subarray(at + headerBytes, at + headerBytes + length)));
      at += headerBytes + length;
    }
    this.#bytes = joined.slice(at);
    return found;
  }

  held(): number {
    return this.#bytes.length;
  }

  reset(): void {
    this.#bytes = new Uint8Array(0);
    this.#expected = undefined;
  }

  #judge(transactionId: number, frame: Uint8Array): Received {
    if (this.#expected === undefined || transactionId !== this.#transactionId) {
      const [unit = 0, functionCode = 0] = frame;
      return { kind: 'stale', unit, functionCode, rtuBytes: frame.length + 2, wrongEcho: false };
    }
    const verdict = judge(this.#expected, frame);
    this.#expected = undefined;
    if (verdict === 'wrong-echo') return { kind: 'wrong', echo: true };
    if (verdict === 'other') return { kind: 'wrong', echo: false };
    const crc = crc16(frame);
    return { kind: 'answer', frame: Uint8Array.of(...frame, crc & 0xff, crc >> 8) };
  }
}
