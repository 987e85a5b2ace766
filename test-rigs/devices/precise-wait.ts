import { performance } from 'node:perf_hooks';

/**
 * Waits until a moment of `performance.now()`, to some tens of microseconds: a timer for the greater part, then turns of the
 * event loop, so that other work goes on. `coarse` leaves out the turns: cheaper, and up to about 1.5 ms late.
 * Resolves at once, with `aborted`, when the signal fires.
 */
export function waitUntil(
  deadlineMs: number,
  precision: Precision,
  signal?: AbortSignal,
): Promise<'reached' | 'aborted'> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let turn: NodeJS.Immediate | undefined;
    const finish = (outcome: 'reached' | 'aborted'): void => {
      if (timer !== undefined) clearTimeout(timer);
      if (turn !== undefined) clearImmediate(turn);
      signal?.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const abort = (): void => finish('aborted');
    const look = (): void => {
      const remainingMs = deadlineMs - performance.now();
      if (remainingMs <= 0) return finish('reached');
      if (precision === 'coarse') timer = setTimeout(look, Math.ceil(remainingMs));
      else if (remainingMs > timerSlackMs) timer = setTimeout(look, remainingMs - timerSlackMs);
      else turn = setImmediate(look);
    };
    if (signal?.aborted) return resolve('aborted');
    signal?.addEventListener('abort', abort);
    look();
  });
}

export type Precision = 'exact' | 'coarse';

// Node's timers fire up to about 1 ms after their whole milliseconds; two leave room for a busy loop.
const timerSlackMs = 2;
