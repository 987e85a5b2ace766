import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import type { Feeding } from './feeding.ts';
import type { HourLoads } from './hour-loads.ts';
import type { PointSums } from './point-sums.ts';
import type { WholeSums } from './slice-sums.ts';
import type { ToSumThread } from './sum-thread.ts';

/** More would wait for DuckDB, whose own threads read beside them. */
const mostThreads = 2;

type SumThread = {
  readonly worker: Worker;
  /** What it works at, the first, and what waits for it. */
  readonly waiting: WholeSums[];
};

/**
 * Sums whole hours: this thread to load points, for it alone can look into DuckDB's memory, and others from those to elements, several at a time. What goes to
 * and fro is memory that all of them see.
 */
export class SumThreads {
  readonly #threads: readonly SumThread[];
  /** One more than threads: one is filled while the others are summed. */
  readonly #free: WholeSums[];
  readonly #pointSums: PointSums;
  #fault: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(feeding: Feeding, pointSums: PointSums) {
    const count = Math.min(mostThreads, availableParallelism());
    this.#threads = Array.from({ length: count }, () => this.#begin());
    this.#pointSums = pointSums;
    this.#free = Array.from({ length: count + 1 }, () => pointSums.empty());
    this.follow(feeding);
  }

  /** `loads` are written at the latest when `idle` has come. */
  async sum(result: DuckDBMaterializedResult, loads: HourLoads): Promise<void> {
    await this.#until(() => this.#free.length > 0);
    const memory = this.#free.pop() ?? this.#pointSums.empty();
    const slice = this.#pointSums.whole(result, memory);
    const [thread] = this.#threads.toSorted((one, other) => one.waiting.length - other.waiting.length);
    if (thread === undefined) throw new Error('there is no thread to sum in');
    thread.waiting.push(memory);
    this.#tell(thread, { kind: 'hour', slice, loads });
  }

  /** When nothing is being summed: then what they all see may change. */
  async idle(): Promise<void> {
    await this.#until(() => this.#threads.every(({ waiting }) => waiting.length === 0));
  }

  /** Of the hours that follow. */
  follow(feeding: Feeding): void {
    for (const thread of this.#threads) this.#tell(thread, { kind: 'feeding', feeding });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(async ({ worker }) => await worker.terminate()));
  }

  #begin(): SumThread {
    const worker = new Worker(new URL('sum-thread.ts', import.meta.url), { execArgv: [] });
    const waiting: WholeSums[] = [];
    const failed = (fault: Error): void => {
      this.#fault ??= fault;
      this.#wake?.();
    };
    worker.on('message', () => {
      const done = waiting.shift();
      if (done !== undefined) this.#free.push(done);
      this.#wake?.();
    });
    worker.on('error', (error) => failed(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => failed(new Error('a thread that sums loads has ended')));
    return { worker, waiting };
  }

  #tell({ worker }: SumThread, message: ToSumThread): void {
    worker.postMessage(message);
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      if (isSo()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
