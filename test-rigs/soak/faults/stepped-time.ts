import { setImmediate as turn } from 'node:timers/promises';

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void; ended: boolean };

/**
 * The one true time of a simulated world. It moves from event to event; between two of them every promise settles, as between two
 * turns of an event loop. What falls on one instant comes in the order in which it was asked for.
 */
export class SteppedTime {
  nowMs: number;
  #heap: Event[] = [];
  #order = 0;

  constructor(beginMs: number) {
    this.nowMs = beginMs;
  }

  /** The result takes it back. */
  after(delayMs: number, run: () => void): () => void {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run, ended: false };
    this.#push(event);
    return () => {
      event.ended = true;
    };
  }

  /** Steps to `endMs`, or until `isOver` says so after an event. */
  async run(endMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      if (next.ended) continue;
      this.nowMs = next.atMs;
      next.run();
      await turn();
      if (isOver()) return;
    }
    this.nowMs = endMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
