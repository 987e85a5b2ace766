import type { BusDeps } from './bus.ts';

/** Timers that can all be ended at once, and sleep that can be cut short. */
export class Timers {
  readonly #set: (run: () => void, afterMs: number) => unknown;
  readonly #clear: (timer: unknown) => void;
  readonly #running = new Map<unknown, (() => void) | undefined>();

  constructor({ setTimer, clearTimer }: Pick<BusDeps, 'setTimer' | 'clearTimer'>) {
    this.#set = setTimer ?? ((run, afterMs) => setTimeout(run, afterMs));
    this.#clear = clearTimer ?? ((timer) => clearTimeout(timer as NodeJS.Timeout));
  }

  /** Runs `run` once after at least `afterMs`; the result ends the timer. Whole milliseconds: Node cuts fractions off. */
  after(afterMs: number, run: () => void): () => void {
    return this.#start(afterMs, run, undefined);
  }

  /** Resolves after `ms`, or when `endAll` is called. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#start(ms, resolve, resolve));
  }

  /** Ends every timer; sleepers wake now. */
  endAll(): void {
    for (const [timer, wake] of this.#running) {
      this.#clear(timer);
      this.#running.delete(timer);
      wake?.();
    }
  }

  #start(afterMs: number, run: () => void, wake: (() => void) | undefined): () => void {
    const timer = this.#set(() => {
      this.#running.delete(timer);
      run();
    }, Math.ceil(afterMs));
    this.#running.set(timer, wake);
    return () => {
      this.#clear(timer);
      this.#running.delete(timer);
    };
  }
}
