import { readRequest } from '@tiepoint/protocol';
import type { ReadRequest } from '@tiepoint/protocol';
import { ReadExchange } from './read-exchange.ts';

/** A linear congruential generator: the same numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

type Due = { readonly atMs: number; readonly work: () => void };

/** Stepped time with an exchange whose requests end at gateways that a test plays. */
export class SimulatedGateways {
  nowMs = 1_790_000_000_000;
  readonly requests: (ReadRequest & { readonly gatewayId: string })[] = [];
  onRequest: (gatewayId: string, request: ReadRequest) => void = () => undefined;
  readonly exchange: ReadExchange;
  #due: Due[] = [];
  #ids = 0;

  constructor() {
    this.exchange = new ReadExchange({
      publish: (topic, payload) => {
        const gatewayId = topic.split('/')[2] ?? '';
        const read = readRequest.fromBytes(payload);
        if (!read.ok) throw new Error(`${read.path} ${read.say}`);
        this.requests.push({ ...read.value, gatewayId });
        this.onRequest(gatewayId, read.value);
      },
      now: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      newId: () => `r${(this.#ids += 1)}`,
    });
  }

  later(afterMs: number, work: () => void): void {
    this.#due.push({ atMs: this.nowMs + afterMs, work });
  }

  /** In steps, what is due in between done, and room for what waits for a promise. */
  async run(forMs: number, stepMs: number, tick: () => void): Promise<void> {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs;) {
      this.nowMs += stepMs;
      const due = this.#due.filter(({ atMs }) => atMs <= this.nowMs);
      this.#due = this.#due.filter(({ atMs }) => atMs > this.nowMs);
      for (const { work } of due) work();
      this.exchange.tick();
      tick();
      await Promise.resolve();
      await Promise.resolve();
    }
  }
}
