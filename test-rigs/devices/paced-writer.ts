import { performance } from 'node:perf_hooks';
import { type Writable } from 'node:stream';
import { type Precision, waitUntil } from './precise-wait.ts';

/**
 * Writes frames one after another, each byte not before its time on the wire, and the last byte exactly at its time.
 * Bytes leave in chunks of about 2 ms, as a USB converter hands them on. With a character time of 0 a frame leaves at once.
 */
export class PacedWriter {
  readonly #stream: Writable;
  readonly #characterMs: number;
  readonly #precision: Precision;
  readonly #signal: AbortSignal;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** The moment of `performance.now()` at which the last byte has passed, or will have. */
  freeMs = 0;
  /** Frames given up because too many waited, or because nobody reads at the other end. */
  overrun = 0;

  constructor(stream: Writable, characterMs: number, precision: Precision, signal: AbortSignal) {
    this.#stream = stream;
    this.#characterMs = characterMs;
    this.#precision = precision;
    this.#signal = signal;
  }

  /** Resolves when the last byte has been handed to the stream. `startMs` is when the first bit may leave. */
  write(bytes: Uint8Array, startMs: number): Promise<'written' | 'given-up'> {
    if (this.#waiting >= maxWaiting || this.#stream.writableLength > maxUnreadBytes) {
      this.overrun++;
      return Promise.resolve('given-up');
    }
    this.#waiting++;
    const done = this.#queue.then(() => this.#pace(bytes, Math.max(startMs, this.freeMs)));
    this.#queue = done;
    return done.finally(() => this.#waiting--);
  }

  async #pace(bytes: Uint8Array, startMs: number): Promise<'written' | 'given-up'> {
    const characterMs = this.#characterMs;
    this.freeMs = startMs + bytes.length * characterMs;
    const perChunk = characterMs === 0 ? bytes.length : Math.max(1, Math.floor(chunkMs / characterMs));
    let sent = 0;
    while (sent < bytes.length) {
      const passed = characterMs === 0 ? 0 : Math.floor((performance.now() - startMs) / characterMs);
      const aim = Math.max(sent + perChunk, passed);
      const end = bytes.length - aim < perChunk ? bytes.length : aim;
      const precision = end === bytes.length ? this.#precision : 'coarse';
      if ((await waitUntil(startMs + end * characterMs, precision, this.#signal)) === 'aborted') return 'given-up';
      if (this.#stream.destroyed || !this.#stream.writable) return 'given-up';
      this.#stream.write(bytes.subarray(sent, end));
      sent = end;
    }
    return 'written';
  }
}

const chunkMs = 2;
const maxWaiting = 64;
const maxUnreadBytes = 4096;
