import type { TimeQuality } from '@tiepoint/protocol';

/** What is known of the head-end's clock, by this machine's monotonic one. */
export type HostClock = {
  /** The head-end's clock less the monotonic one; absent until the first answer. */
  readonly aheadMs?: number;
  readonly heardAtMs?: number;
  /** The birth that was sent last: only the answer to it tells the time anew. */
  readonly asked?: { readonly session: number; readonly birthMs: number; readonly atMs: number };
};

export type HostClockInput =
  | { readonly kind: 'asked'; readonly session: number; readonly birthMs: number }
  | { readonly kind: 'answered'; readonly session: number; readonly birthMs: number; readonly hostMs: number }
  /** Told to all, in answer to nothing. */
  | { readonly kind: 'told'; readonly hostMs: number };

/** An answer that took longer tells too little: it may have been held back. */
export const answerWithinMs = 5_000;
const askEveryMs = 10_000;
export const clockToleranceMs = 2_000;
/** Three times the head-end's own interval without its time: nobody knows any more. */
export const clockForgottenMs = 200_000;

/**
 * Follows the head-end's clock by signed words alone. A signature shows who said a time, not when: a word may have been held back,
 * or be told again. So only the answer to this gateway's own last birth sets the clock. What is told to all meanwhile keeps it alive as
 * long as it agrees; being late can only make it earlier, so that a later one is the truer. One that is too early was held back, or the
 * head-end's clock was set: `ask` wants a new birth, whose answer decides.
 */
export function hostClockStep(
  state: HostClock,
  input: HostClockInput,
  nowMs: number,
): { readonly state: HostClock; readonly ask: boolean } {
  const { aheadMs, asked } = state;
  switch (input.kind) {
    case 'asked':
      return {
        state: { ...state, asked: { session: input.session, birthMs: input.birthMs, atMs: nowMs } },
        ask: false,
      };
    case 'answered': {
      const isAnswer = asked?.session === input.session && asked.birthMs === input.birthMs;
      if (!isAnswer || nowMs - asked.atMs > answerWithinMs) return { state, ask: false };
      return { state: { asked, aheadMs: input.hostMs - nowMs, heardAtMs: nowMs }, ask: false };
    }
    case 'told': {
      const toldAheadMs = input.hostMs - nowMs;
      if (aheadMs === undefined || Math.abs(toldAheadMs - aheadMs) > clockToleranceMs)
        return { state, ask: asked === undefined || nowMs - asked.atMs > askEveryMs };
      return { state: { ...state, aheadMs: Math.max(aheadMs, toldAheadMs), heardAtMs: nowMs }, ask: false };
    }
  }
}

/** Of a clock that shows `wallMs` at the instant `nowMs` of the monotonic one. */
export function timeQualityOf({ aheadMs, heardAtMs }: HostClock, wallMs: number, nowMs: number): TimeQuality {
  if (aheadMs === undefined || heardAtMs === undefined || nowMs - heardAtMs > clockForgottenMs) return 'unknown';
  return Math.abs(wallMs - (aheadMs + nowMs)) <= clockToleranceMs ? 'synchronised' : 'unsynchronised';
}
