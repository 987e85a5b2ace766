import { type Duplex } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { type FaultPlan } from './faults.ts';
import { type Framing, type ReplyPlan, replyTo } from './faulty-reply.ts';
import { answerPdu } from './modbus-slave.ts';
import { PacedWriter } from './paced-writer.ts';
import { type Precision, waitUntil } from './precise-wait.ts';
import { characterMs, maxRtuFrameBytes, parseRtuFrame, requestFrameLength, rtuFrame, t35Ms } from './rtu-frame.ts';
import { type Exchange, type Units } from './units.ts';

/**
 * Devices on one RS-485 line, over any duplex stream. Neither a pty nor a socket takes time for its bytes, so the line takes
 * it: the request counts as heard when its bytes would have passed at the baud rate, t3.5 and the turnaround follow, and the
 * reply leaves byte by byte in its time. An exchange of n request and m reply bytes thus ends (n + m) characters + t3.5 +
 * turnaround after the first byte came; the t3.5 after the reply is the master's to keep.
 */
export class RtuLine {
  readonly #stream: Duplex;
  readonly #options: RtuLineOptions;
  readonly #characterMs: number;
  readonly #t35Ms: number;
  readonly #writer: PacedWriter;
  readonly #stopping = new AbortController();
  readonly #waiting: HeardFrame[] = [];
  readonly #counts: RtuCounts = { requests: 0, replies: 0, garbled: 0, otherUnits: 0, early: 0, overrun: 0 };
  #received: Uint8Array = new Uint8Array();
  #firstByteMs = 0;
  #silence: NodeJS.Timeout | undefined;
  #deaf = false;
  #working = false;
  #lateReplies = 0;

  constructor(stream: Duplex, options: RtuLineOptions) {
    const { baudRate, pacing = 'line', precision = 'exact' } = options;
    this.#stream = stream;
    this.#options = options;
    this.#characterMs = pacing === 'line' ? characterMs(baudRate) : 0;
    this.#t35Ms = t35Ms(baudRate);
    this.#writer = new PacedWriter(stream, this.#characterMs, precision, this.#stopping.signal);
  }

  /** Begins to listen. The stream stays the caller's to close, after `stop`. */
  start(): void {
    this.#stream.on('data', this.#hear);
  }

  stop(): void {
    this.#stream.off('data', this.#hear);
    clearTimeout(this.#silence);
    this.#waiting.length = 0;
    this.#stopping.abort();
  }

  counts(): Readonly<RtuCounts> {
    return { ...this.#counts, overrun: this.#counts.overrun + this.#writer.overrun };
  }

  readonly #hear = (chunk: Uint8Array): void => {
    const nowMs = performance.now();
    clearTimeout(this.#silence);
    this.#silence = setTimeout(this.#endOfFrame, this.#options.silenceMs ?? Math.max(this.#t35Ms, defaultSilenceMs));
    if (this.#received.length === 0) this.#beginFrame(nowMs);
    if (this.#deaf) return;
    this.#received = Uint8Array.of(...this.#received, ...chunk.subarray(0, 2 * maxRtuFrameBytes));
    for (;;) {
      const length = requestFrameLength(this.#received);
      if (typeof length !== 'number' || this.#received.length < length) break;
      const frame = parseRtuFrame(this.#received.subarray(0, length));
      if (frame === undefined) break; // real devices are lost until the next silence, and so is this one
      this.#received = this.#received.slice(length);
      this.#heard(frame, length);
    }
    if (this.#received.length <= maxRtuFrameBytes) return;
    this.#garbled();
    this.#deaf = true; // until the silence
  };

  #beginFrame(nowMs: number): void {
    this.#firstByteMs = nowMs;
    if (this.#deaf || nowMs >= this.#writer.freeMs + this.#t35Ms) return;
    this.#counts.early++;
    this.#deaf = this.#options.strictSilence ?? false;
  }

  /** Silence ends a frame whose length its function code does not tell, and every frame that came to nothing. */
  readonly #endOfFrame = (): void => {
    this.#deaf = false;
    if (this.#received.length === 0) return;
    const frame = parseRtuFrame(this.#received);
    const { length } = this.#received;
    if (frame === undefined) return this.#garbled();
    this.#received = new Uint8Array();
    this.#heard(frame, length);
  };

  #garbled(): void {
    this.#counts.garbled++;
    this.#received = new Uint8Array();
  }

  #heard({ unit, pdu }: { unit: number; pdu: Uint8Array }, length: number): void {
    const endMs = Math.max(performance.now(), this.#firstByteMs + length * this.#characterMs);
    this.#firstByteMs = endMs;
    if (unit !== 0 && !this.#options.units.has(unit)) {
      this.#counts.otherUnits++;
      return;
    }
    if (this.#waiting.length >= maxWaitingFrames) {
      this.#counts.overrun++;
      return;
    }
    this.#waiting.push({ unit, pdu: Uint8Array.from(pdu), endMs });
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#answer(next);
      if (this.#stopping.signal.aborted) return;
    }
    this.#working = false;
  }

  async #answer({ unit, pdu, endMs }: HeardFrame): Promise<void> {
    const { turnaroundMs = 0, onExchange } = this.#options;
    const { signal } = this.#stopping;
    // Nothing is done before the last bit would have arrived. The reply is timed from that moment, not from when this ran,
    // so a coarse wait is good enough: it ends within t3.5.
    if ((await waitUntil(endMs, 'coarse', signal)) === 'aborted') return;
    this.#counts.requests++;
    const plan = unit === 0 ? this.#broadcast(pdu) : this.#reply(unit, pdu);
    if (plan === undefined) return;
    onExchange?.({ unit, request: pdu, reply: plan.pdu, faults: plan.faults });
    const workMs = turnaroundMs + plan.busyMs;
    const replyMs = endMs + this.#t35Ms + workMs;
    if (workMs > 0 && (await waitUntil(replyMs - writerLeadMs, 'coarse', signal)) === 'aborted') return;
    if (plan.drop) this.#stream.destroy();
    for (const { afterMs, bytes } of plan.deliveries) {
      if (afterMs <= 0) await this.#send(bytes, replyMs);
      else if (this.#lateReplies < maxLateReplies) void this.#sendLate(bytes, replyMs + afterMs);
    }
  }

  #reply(unit: number, pdu: Uint8Array): ReplyPlan | undefined {
    const { units, faults, hasConnection = false } = this.#options;
    const image = units.get(unit);
    return image && replyTo({ unit, pdu }, image, { ...rtuFraming, hasConnection }, faults);
  }

  /** Unit 0: every device does it, none answers (Modbus over serial line, clause 2.1). */
  #broadcast(pdu: Uint8Array): ReplyPlan {
    for (const image of this.#options.units.values()) answerPdu(image, pdu);
    return { deliveries: [], busyMs: 0, drop: false, faults: [], pdu: undefined };
  }

  async #send(bytes: Uint8Array, startMs: number): Promise<void> {
    if ((await this.#writer.write(bytes, startMs)) === 'written') this.#counts.replies++;
  }

  async #sendLate(bytes: Uint8Array, startMs: number): Promise<void> {
    this.#lateReplies++;
    const outcome = await waitUntil(startMs, 'coarse', this.#stopping.signal);
    this.#lateReplies--;
    if (outcome === 'reached') await this.#send(bytes, startMs);
  }
}

export type RtuLineOptions = {
  units: Units;
  baudRate: number;
  /** `line`, the default, takes the time the bytes would take; `none` is for a real serial line, which takes it itself. */
  pacing?: 'line' | 'none';
  /** `coarse` spares the processor and is up to about 1.5 ms late. */
  precision?: Precision;
  /** From the end of t3.5 after the request to the first bit of the reply. */
  turnaroundMs?: number;
  /** The pause that ends a broken frame. Longer than t3.5, for programs and sockets pause within frames. */
  silenceMs?: number;
  /** A frame that begins before t3.5 has passed since the last reply is counted as early; true ignores it too. */
  strictSilence?: boolean;
  /** Whether the fault `drop-connection` closes the stream. */
  hasConnection?: boolean;
  faults?: FaultPlan;
  onExchange?: (exchange: Exchange) => void;
};

/**
 * `garbled`: frames with a wrong CRC or length. `otherUnits`: frames for units that are not here. `early`: see
 * `strictSilence`. `overrun`: requests or replies lost because too many waited.
 */
export type RtuCounts = {
  requests: number;
  replies: number;
  garbled: number;
  otherUnits: number;
  early: number;
  overrun: number;
};

type HeardFrame = { unit: number; pdu: Uint8Array; endMs: number };

const defaultSilenceMs = 20;
const maxWaitingFrames = 8;
const maxLateReplies = 64;
/** A coarse wait may be this late; the writer waits for the exact moment. */
const writerLeadMs = 2;

const rtuFraming: Framing = { frame: rtuFrame, hasCrc: true, hasTransaction: false, hasConnection: false };
