import { crcFits } from '../../io/bus/crc16.ts';
import { modbusFunctions, replyBytesTo } from './modbus-functions.ts';

/** A piece of a line that was listened to. `atMs` is when its first byte was read, `endMs` its last. */
export type HeardFrame = {
  readonly bytes: Uint8Array;
  readonly atMs: number;
  readonly endMs: number;
  /** `noise`: bytes that are no whole and correct frame. */
  readonly role: 'request' | 'reply' | 'noise';
  /** Of a reply: the request that it answers, with unit and CRC. */
  readonly request?: Uint8Array;
  /** From the end of the request to the end of the reply. */
  readonly roundTripMs?: number;
  /** `after-no-reply`: of a request, when the one before it was not answered. */
  readonly mark?: 'duplicate' | 'late' | 'stale' | 'repeated' | 'after-no-reply';
};

/**
 * Splits what a foreign master and its slaves say on one RTU line into frames: by length and CRC first, for USB adapters hand several
 * frames over at once; by silence where the length is not told or the CRC is wrong. Who speaks is not in the bytes: it is told by what
 * was asked before.
 *
 * `silenceMs`: after so long without a byte a frame is over. Call `quiet` then; what still lies there is judged as it is.
 */
export class ListenedStream {
  readonly #silenceMs: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** When each byte was read. */
  #times: number[] = [];
  #open: Request | undefined;
  #unanswered: Request[] = [];
  #lastReply: Uint8Array | undefined;

  constructor({ silenceMs }: { silenceMs: number }) {
    this.#silenceMs = silenceMs;
  }

  receive(bytes: Uint8Array, atMs: number): readonly HeardFrame[] {
    const lastMs = this.#times.at(-1);
    const before = lastMs !== undefined && atMs - lastMs >= this.#silenceMs ? this.quiet(atMs) : [];
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    for (let n = 0; n < bytes.length; n++) this.#times.push(atMs);
    return [...before, ...this.#take(false)];
  }

  /** Nothing came for the length of the silence: what lies here is all there will be of it. */
  quiet(nowMs: number): readonly HeardFrame[] {
    const lastMs = this.#times.at(-1);
    return lastMs === undefined || nowMs - lastMs < this.#silenceMs ? [] : this.#take(true);
  }

  #take(isOver: boolean): HeardFrame[] {
    const found: HeardFrame[] = [];
    let at = 0;
    let noiseFrom = 0;
    while (at < this.#bytes.length) {
      const rest = this.#bytes.subarray(at);
      const frame = this.#frameAt(rest);
      if (frame === 'wait' && !isOver) break;
      const whole = frame === 'wait' ? 'none' : frame;
      const chosen = whole === 'none' && isOver && at === noiseFrom ? this.#wholeRest(rest) : whole;
      if (chosen === 'none') {
        at++;
        continue;
      }
      if (at > noiseFrom) found.push(this.#noise(noiseFrom, at));
      found.push(this.#heard(at, chosen));
      at += chosen.length;
      noiseFrom = at;
    }
    // Noise is told when a frame follows it, or silence: until then it may be the beginning of one.
    const keepFrom = isOver ? this.#bytes.length : at - noiseFrom > longestNoise ? at : noiseFrom;
    if (keepFrom > noiseFrom) found.push(this.#noise(noiseFrom, keepFrom));
    this.#bytes = this.#bytes.slice(keepFrom);
    this.#times = this.#times.slice(keepFrom);
    return found;
  }

  #frameAt(rest: Uint8Array): Candidate | 'wait' | 'none' {
    const candidates = candidatesOf(rest);
    const whole = candidates.filter(({ length }) => length <= rest.length && crcFits(rest, 0, length));
    if (whole.length > 0) return this.#likeliest(rest, whole);
    return rest.length < 3 || candidates.some(({ length }) => length > rest.length) ? 'wait' : 'none';
  }

  /** Of a function whose length is not known, silence ends the frame. */
  #wholeRest(rest: Uint8Array): Candidate | 'none' {
    const { length } = rest;
    if (length < 4 || length > 256 || !crcFits(rest, 0, length)) return 'none';
    return this.#likeliest(rest, [
      { length, role: 'request' },
      { length, role: 'reply' },
    ]);
  }

  #likeliest(rest: Uint8Array, whole: readonly Candidate[]): Candidate {
    const open = this.#open;
    const answersOpen = (candidate: Candidate): boolean =>
      candidate.role === 'reply' && open !== undefined && isAnswer(open.frame, rest.subarray(0, candidate.length));
    return whole.find(answersOpen) ?? whole.find(({ role }) => role === 'request') ?? whole[0]!;
  }

  #heard(at: number, { length, role }: Candidate): HeardFrame {
    const bytes = this.#bytes.slice(at, at + length);
    const [atMs, endMs] = [this.#times[at]!, this.#times[at + length - 1]!];
    const open = this.#open;
    const common = { bytes, atMs, endMs };
    // FC5 and FC6 are echoed as they were sent: only the time tells an echo from a master that tries again.
    const again = open !== undefined && same(open.frame, bytes) && (role === 'request' || atMs - open.endMs > retryMs);
    if (again) {
      this.#open = { frame: bytes, endMs };
      return { ...common, role: 'request', mark: 'repeated' };
    }
    if (role === 'request') {
      if (open !== undefined) this.#unanswered = [...this.#unanswered, open].slice(-unansweredKept);
      this.#open = { frame: bytes, endMs };
      return { ...common, role, ...(open === undefined ? {} : { mark: 'after-no-reply' as const }) };
    }
    if (open !== undefined && isAnswer(open.frame, bytes)) {
      this.#open = undefined;
      this.#lastReply = bytes;
      return { ...common, role, request: open.frame, roundTripMs: endMs - open.endMs };
    }
    return { ...common, role, ...this.#unasked(bytes, endMs) };
  }

  #unasked(bytes: Uint8Array, endMs: number): Partial<HeardFrame> {
    if (this.#lastReply !== undefined && same(this.#lastReply, bytes)) return { mark: 'duplicate' };
    const found = this.#unanswered.findIndex(({ frame }) => isAnswer(frame, bytes));
    const [late] = found < 0 ? [] : this.#unanswered.splice(found, 1);
    if (late === undefined) return { mark: 'stale' };
    return { mark: 'late', request: late.frame, roundTripMs: endMs - late.endMs };
  }

  #noise(from: number, to: number): HeardFrame {
    return {
      bytes: this.#bytes.slice(from, to),
      atMs: this.#times[from]!,
      endMs: this.#times[to - 1]!,
      role: 'noise',
    };
  }
}

type Request = { readonly frame: Uint8Array; readonly endMs: number };
type Candidate = { readonly length: number; readonly role: 'request' | 'reply' };

// Masters wait longer for a reply before they ask again.
const retryMs = 300;
const unansweredKept = 8;
const longestNoise = 1_024;

/** What may begin here. Only shapes that Modbus allows: a CRC alone is soon found in noise. */
function candidatesOf(rest: Uint8Array): readonly Candidate[] {
  const [unit, code, third] = rest;
  if (unit === undefined || unit > 247) return [];
  if (code === undefined) return [{ length: 4, role: 'request' }];
  const known = modbusFunctions[code & 0x7f];
  if (known === undefined) return [];
  if (code > 0x80)
    return unit > 0 && (third === undefined || (third >= 1 && third <= 11)) ? [{ length: 5, role: 'reply' }] : [];
  const lengths = [
    { length: known.requestBytes === undefined ? 0 : (known.requestBytes(rest) ?? rest.length + 1), role: 'request' },
    {
      // Nobody answers a broadcast.
      length: known.replyBytes === undefined || unit === 0 ? 0 : (known.replyBytes(rest) ?? rest.length + 1),
      role: 'reply',
    },
  ] as const;
  return lengths.filter(({ length }) => length >= 4 && length <= 256);
}

/** May this reply (or exception) answer this request? A reply carries no address: unit, function and length are all there is. */
export function isAnswer(request: Uint8Array, reply: Uint8Array): boolean {
  if (request[0] !== reply[0] || request[0] === 0) return false;
  if (reply[1] === ((request[1] ?? 0) | 0x80)) return true;
  if (reply[1] !== request[1]) return false;
  const expected = replyBytesTo(request);
  if (expected !== undefined && expected !== reply.length) return false;
  const echoes = [5, 6, 15, 16].includes(request[1] ?? 0);
  return !echoes || same(request.subarray(2, 6), reply.subarray(2, 6));
}

export const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, n) => byte === b[n]);
