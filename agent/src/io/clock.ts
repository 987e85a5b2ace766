/** Time as the agent has it: two clocks and timers. Handed in, so that a whole gateway runs on stepped time. */
export type Clock = {
  /** Milliseconds since 1970. Somebody may set this clock at any time, in either direction. */
  nowMs(): number;
  /** Counts on, whatever is set. */
  monotonicMs(): number;
  /** Runs `run` once after so long; the result ends the timer. */
  after(delayMs: number, run: () => void): EndTimer;
  /** Runs `run` again and again; the result ends it. */
  every(periodMs: number, run: () => void): EndTimer;
};

export type EndTimer = () => void;

/** The machine's own. Looks its functions up at each call, so that tests may step them. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};

/** The time as it is now, and from here on as it goes by: a clock set meanwhile prolongs no life and makes no fresh reading old. */
export function countedOn(clock: Clock): () => number {
  const aheadMs = clock.nowMs() - clock.monotonicMs();
  return () => aheadMs + clock.monotonicMs();
}

export function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}

/** Waits for `work`, and no longer than so. */
export async function within(clock: Clock, longestMs: number, work: Promise<unknown>): Promise<void> {
  let end: EndTimer | undefined;
  const enough = new Promise<void>((resolve) => (end = clock.after(longestMs, resolve)));
  await Promise.race([work, enough]);
  end?.();
}
