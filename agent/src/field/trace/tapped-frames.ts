import type { Tapped } from '../../io/bus/tap.ts';
import { crcFits } from '../../io/bus/crc16.ts';
import { isAnswer, same } from './listened-stream.ts';
import { pduOf } from './trace-record.ts';
import type { TracedFrame, TraceMark, TraceRecord } from './trace-record.ts';

/**
 * Turns what a bus tells its tap into records: every frame both ways, and what is left over as noise, with the bus's own judgement.
 * Beyond it only two things are said: whether a stale frame answers a request that was given up, and whether it repeats the last answer.
 */
export class TappedFrames {
  readonly #framing: 'rtu' | 'tcp';
  readonly #say: (record: TraceRecord) => void;
  #held: Uint8Array = new Uint8Array(0);
  #heldAtMs = 0;
  #heldGapMs: number | undefined;
  #lastMs: number | undefined;
  #request: Asked | undefined;
  #givenUp: Asked[] = [];
  #lastAnswer: Uint8Array | undefined;

  constructor(framing: 'rtu' | 'tcp', say: (record: TraceRecord) => void) {
    this.#framing = framing;
    this.#say = say;
  }

  take(tapped: Tapped, atMs: number): void {
    switch (tapped.kind) {
      case 'opened':
        return this.#say({ kind: 'note', atMs, say: 'the port is open' });
      case 'lost':
        this.#flush();
        return this.#say({ kind: 'note', atMs, say: 'the port is lost; it is opened again by itself' });
      case 'sent':
        this.#flush();
        return this.#sent(Uint8Array.from(tapped.wire), atMs);
      case 'received':
        return this.#received(tapped.bytes, atMs);
      case 'judged':
        return this.#judged(tapped, atMs);
      case 'settled':
        return this.#settled(tapped, atMs);
    }
  }

  #sent(bytes: Uint8Array, atMs: number): void {
    const request = pduOf({ framing: this.#framing, bytes }) ?? bytes;
    this.#request = { frame: withCrcRoom(request), wire: bytes, atMs };
    this.#tell({ bytes, direction: 'out', role: 'request' }, atMs);
  }

  #received(bytes: Uint8Array, atMs: number): void {
    if (this.#held.length === 0) {
      this.#heldAtMs = atMs;
      this.#heldGapMs = this.#gapTo(atMs);
    }
    this.#lastMs = atMs;
    const joined = new Uint8Array(this.#held.length + bytes.length);
    joined.set(this.#held);
    joined.set(bytes, this.#held.length);
    this.#held = joined.length > heldLimit ? joined.slice(joined.length - heldLimit) : joined;
    this.#dropOwnEcho();
  }

  /** Some adapters hear themselves; of FC5 and FC6 the reply looks the same, and only the bus can tell. */
  #dropOwnEcho(): void {
    const wire = this.#request?.wire;
    if (wire === undefined || this.#framing === 'tcp' || wire[1] === 5 || wire[1] === 6) return;
    if (this.#held.length < wire.length || !same(this.#held.subarray(0, wire.length), wire)) return;
    this.#cut(0, wire.length, { role: 'request', mark: 'own-echo' });
  }

  #judged({ verdict, rtuBytes }: Extract<Tapped, { kind: 'judged' }>, atMs: number): void {
    const place = this.#find(rtuBytes);
    if (place === undefined || verdict === 'desynchronised') return this.#flush();
    if (place.from > 0) this.#cut(0, place.from, { role: 'noise', mark: 'garbled' });
    const frame = this.#held.slice(0, place.length);
    if (verdict === 'answer') {
      this.#lastAnswer = frame;
      return this.#cut(0, place.length, { role: 'reply', ...this.#answers(this.#request, atMs) });
    }
    if (verdict !== 'stale') return this.#cut(0, place.length, { role: 'reply', mark: verdict });
    this.#cut(0, place.length, { role: 'reply', ...this.#unasked(frame, atMs) });
  }

  /** Where in what is held the judged frame lies. */
  #find(rtuBytes: number | undefined): { from: number; length: number } | undefined {
    const held = this.#held;
    if (this.#framing === 'tcp') {
      const length = held.length < 6 ? 0 : 6 + ((held[4]! << 8) | held[5]!);
      return length > 6 && length <= held.length ? { from: 0, length } : undefined;
    }
    if (rtuBytes === undefined) return undefined;
    for (let from = 0; from + rtuBytes <= held.length; from++)
      if (crcFits(held, from, rtuBytes)) return { from, length: rtuBytes };
    return undefined;
  }

  #unasked(wire: Uint8Array, atMs: number): Partial<TracedFrame> {
    const reply = withCrcRoom(pduOf({ framing: this.#framing, bytes: wire }) ?? wire);
    const sameId = (asked: Asked): boolean =>
      this.#framing === 'rtu' || same(asked.wire.subarray(0, 2), wire.subarray(0, 2));
    const found = this.#givenUp.findIndex((asked) => isAnswer(asked.frame, reply) && sameId(asked));
    const [late] = found < 0 ? [] : this.#givenUp.splice(found, 1);
    if (late !== undefined) return { mark: 'late', ...this.#answers(late, atMs) };
    return { mark: this.#lastAnswer !== undefined && same(this.#lastAnswer, wire) ? 'duplicate' : 'stale' };
  }

  #answers(asked: Asked | undefined, atMs: number): Partial<TracedFrame> {
    return asked === undefined ? {} : { request: asked.frame.subarray(0, -2), roundTripMs: atMs - asked.atMs };
  }

  #settled({ outcome, waitedMs }: Extract<Tapped, { kind: 'settled' }>, atMs: number): void {
    const asked = this.#request;
    this.#request = undefined;
    const isLost = outcome === 'timeout' || outcome === 'garbled' || outcome === 'echo-mismatch';
    if (isLost && asked !== undefined) this.#givenUp = [...this.#givenUp, asked].slice(-givenUpKept);
    if (outcome === 'garbled' || outcome === 'timeout') this.#flush();
    const say = outcomeWords[outcome];
    if (say !== undefined)
      this.#say({ kind: 'note', atMs, say: `unit ${asked?.frame[0] ?? '?'}: ${say} (${Math.round(waitedMs)} ms)` });
  }

  #flush(): void {
    if (this.#held.length > 0) this.#cut(0, this.#held.length, { role: 'noise', mark: 'garbled' });
  }

  #cut(
    from: number,
    length: number,
    rest: { role: TracedFrame['role']; mark?: TraceMark } & Partial<TracedFrame>,
  ): void {
    const bytes = this.#held.slice(from, from + length);
    this.#held = this.#held.slice(from + length);
    this.#tell({ bytes, direction: 'in', ...rest }, this.#heldAtMs);
  }

  #tell(frame: Pick<TracedFrame, 'bytes' | 'direction' | 'role'> & Partial<TracedFrame>, atMs: number): void {
    const gapMs = frame.direction === 'out' ? this.#gapTo(atMs) : this.#heldGapMs;
    if (frame.direction === 'out') this.#lastMs = atMs;
    // What follows in one go has no gap before it.
    else this.#heldGapMs = 0;
    this.#say({ kind: 'frame', framing: this.#framing, atMs, ...(gapMs === undefined ? {} : { gapMs }), ...frame });
  }

  #gapTo(atMs: number): number | undefined {
    return this.#lastMs === undefined ? undefined : Math.max(0, atMs - this.#lastMs);
  }
}

/** `frame`: unit and PDU with two bytes in the place of the CRC, whatever the transport. */
type Asked = { readonly frame: Uint8Array; readonly wire: Uint8Array; readonly atMs: number };

const withCrcRoom = (pdu: Uint8Array): Uint8Array => Uint8Array.of(...pdu, 0, 0);

const heldLimit = 1_024;
const givenUpKept = 64;

const outcomeWords: Readonly<Record<string, string>> = {
  timeout: 'no reply',
  garbled: 'no correct reply',
  'echo-mismatch': 'another address or value was echoed',
  disconnected: 'the port was lost before the reply',
};
