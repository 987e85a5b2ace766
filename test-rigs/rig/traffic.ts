import type { Exchange } from '../devices/units.ts';
import { extentsOf } from '../devices/modbus-slave.ts';

export type Written = {
  readonly atMs: number;
  readonly unit: number;
  readonly table: string;
  readonly address: number;
  readonly words: readonly number[];
  /** `ok`, silence, or the exception. */
  readonly answer: string;
};
export type ReadSeen = {
  readonly unit: number;
  readonly table: string;
  readonly address: number;
  readonly count: number;
  times: number;
  lastMs: number;
  answer: string;
};

const maxWrites = 50;
const maxReads = 200;

/** What was read and written lately on a port. */
export class Traffic {
  readonly #nowMs: () => number;
  readonly #onWrite: (written: Written) => void;
  readonly #writes: Written[] = [];
  readonly #reads = new Map<string, ReadSeen>();
  #requests = 0;
  #silent = 0;

  constructor(nowMs: () => number, onWrite: (written: Written) => void) {
    this.#nowMs = nowMs;
    this.#onWrite = onWrite;
  }

  take({ unit, request, reply }: Exchange): void {
    this.#requests++;
    if (reply === undefined) this.#silent++;
    const [extent] = extentsOf(request);
    if (extent === undefined) return;
    const { table, address, count } = extent;
    const answer = answerOf(reply);
    const atMs = this.#nowMs();
    const words = wordsWritten(request);
    if (words !== undefined) {
      const written = { atMs, unit, table, address, words, answer };
      if (this.#writes.length >= maxWrites) this.#writes.pop();
      this.#writes.unshift(written);
      this.#onWrite(written);
      return;
    }
    const key = `${unit} ${table} ${address} ${count}`;
    const seen = this.#reads.get(key) ?? { unit, table, address, count, times: 0, lastMs: atMs, answer };
    this.#reads.delete(key);
    const [oldest] = this.#reads.keys();
    if (this.#reads.size >= maxReads && oldest !== undefined) this.#reads.delete(oldest);
    this.#reads.set(key, { ...seen, times: seen.times + 1, lastMs: atMs, answer });
  }

  /** The latest first. */
  told(): object {
    return {
      nowMs: this.#nowMs(),
      requests: this.#requests,
      silent: this.#silent,
      writes: this.#writes,
      reads: [...this.#reads.values()].toReversed(),
    };
  }
}

function answerOf(reply: Uint8Array | undefined): string {
  if (reply === undefined) return 'silence';
  return ((reply[0] ?? 0) & 0x80) === 0 ? 'ok' : `exception ${reply[1] ?? '?'}`;
}

/** The words of a write; `undefined` for a read. Coils as 0 and 1. */
function wordsWritten(request: Uint8Array): readonly number[] | undefined {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
  switch (request[0]) {
    case 5:
      return request.length >= 5 ? [view.getUint16(3) === 0 ? 0 : 1] : [];
    case 6:
      return request.length >= 5 ? [view.getUint16(3)] : [];
    case 15: {
      const count = request.length >= 6 ? view.getUint16(3) : 0;
      return Array.from({ length: count }, (_, index) => ((request[6 + (index >> 3)] ?? 0) >> (index & 7)) & 1);
    }
    case 16:
      return Array.from({ length: Math.max(0, Math.floor((request.length - 6) / 2)) }, (_, index) =>
        view.getUint16(6 + 2 * index),
      );
    case 22:
    case 23:
      return [];
    default:
      return undefined;
  }
}
