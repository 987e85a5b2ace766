import type { BusDeps } from './bus.ts';

/** Timers that can all be ended at once, and sleep that can be cut short. */
export class Timers {
  readonly #set: (run: () => void, afterMs: number) => unknown;
  readonly #clear: (timer: unknown) => void;
  readonly #onceInputIsTaken: (run: () => void) => () => void;
  readonly #running = new Map<unknown, { readonly end: () => void; readonly wake: (() => void) | undefined }>();

  constructor({ setTimer, clearTimer, onceInputIsTaken }: TimerDeps) {
    this.#set = setTimer ?? ((run, afterMs) => setTimeout(run, afterMs));
    this.#clear = clearTimer ?? ((timer) => clearTimeout(timer as NodeJS.Timeout));
    this.#onceInputIsTaken = onceInputIsTaken ?? nextTurn;
  }

  /** Runs `run` once after at least `afterMs`; the result ends the timer. Whole milliseconds: Node cuts fractions off. */
  after(afterMs: number, run: () => void): () => void {
    return this.#start(afterMs, run, undefined);
  }

  /**
   * As `after`, and after the bytes that have arrived by then. When a loaded machine wakes this process late, Node runs timers first,
   * and a line on which a reply waits unread would be taken for silent.
   */
  afterInput(afterMs: number, run: () => void): () => void {
    return this.#startAfterInput(afterMs, run, undefined);
  }

  /** Resolves after `ms` and what has arrived by then, or when `endAll` is called. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#startAfterInput(ms, resolve, resolve));
  }

  /** Ends every timer; sleepers wake now. */
  endAll(): void {
    for (const { end, wake } of this.#running.values()) {
      end();
      wake?.();
    }
  }

  #startAfterInput(afterMs: number, run: () => void, wake: (() => void) | undefined): () => void {
    let end = this.#start(
      afterMs,
      () => {
        const key = {};
        const endTurn = this.#onceInputIsTaken(() => {
          this.#running.delete(key);
          run();
        });
        end = () => {
          endTurn();
          this.#running.delete(key);
        };
        this.#running.set(key, { end, wake });
      },
      wake,
    );
    return () => end();
  }

  #start(afterMs: number, run: () => void, wake: (() => void) | undefined): () => void {
    const timer = this.#set(() => {
      this.#running.delete(timer);
      run();
    }, Math.ceil(afterMs));
    const end = (): void => {
      this.#clear(timer);
      this.#running.delete(timer);
    };
    this.#running.set(timer, { end, wake });
    return end;
  }
}

type TimerDeps = Pick<BusDeps, 'setTimer' | 'clearTimer' | 'onceInputIsTaken'>;

function nextTurn(run: () => void): () => void {
  const turn = setImmediate(run);
  return () => clearImmediate(turn);
}
