/** What a gateway still answers; times are of a monotonic clock. */
export type Answering = {
  /** When it last introduced itself because it was asked to. */
  readonly introducedAtMs?: number;
  /** It was asked again since, too soon. */
  readonly owesBirth: boolean;
  /** So many questions may be answered at `creditAtMs`. */
  readonly credit: number;
  readonly creditAtMs: number;
  /** Not answered since it was last told. */
  readonly leftOut: number;
  readonly toldAtMs?: number;
};

export type AnsweringInput =
  | { readonly kind: 'birth-asked' }
  /** A command, questions what became of some, a request for reads. */
  | { readonly kind: 'questions'; readonly count: number }
  | { readonly kind: 'time' };

export type AnsweringEffect =
  | { readonly kind: 'introduce' }
  /** `time` is wanted after so long. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** The first so many of them. */
  | { readonly kind: 'answer'; readonly count: number }
  | { readonly kind: 'tell'; readonly count: number };

/** The head-end asks every 10 s at most, and anew when it starts. */
export const introduceEveryMs = 5_000;
/** Two inquiries of the greatest length at once, and a command for each device of the largest gateway every second. */
export const mostCredit = 1_024;
const creditPerS = 64;
/** An honest head-end, which starts again and again, comes to one or two. */
const oddlyMany = 10;
const tellEveryMs = 600_000;

export function freshAnswering(nowMs: number): Answering {
  return { owesBirth: false, credit: mostCredit, creditAtMs: nowMs, leftOut: 0 };
}

/**
 * What is asked is signed, and harmless to repeat: so whoever owns the broker can say it again without end, and a birth of all devices is
 * long. Births that are asked for go out every few seconds at most, the last one never left out; other answers go by credit,
 * far above what an honest head-end asks. What is beyond is left out, counted, and told now and then.
 */
export function answeringStep(
  state: Answering,
  input: AnsweringInput,
  nowMs: number,
): { readonly state: Answering; readonly effects: readonly AnsweringEffect[] } {
  switch (input.kind) {
    case 'birth-asked':
      return birthAsked(state, nowMs);
    case 'questions': {
      const gained = ((nowMs - state.creditAtMs) / 1_000) * creditPerS;
      const credit = Math.min(mostCredit, state.credit + Math.max(0, gained));
      const count = Math.min(input.count, Math.floor(credit));
      const told = leaveOut({ ...state, credit: credit - count, creditAtMs: nowMs }, input.count - count, nowMs);
      return { state: told.state, effects: [{ kind: 'answer', count }, ...told.effects] };
    }
    case 'time':
      if (!state.owesBirth || waitMs(state, nowMs) > 0) return { state, effects: [] };
      return { state: { ...state, owesBirth: false, introducedAtMs: nowMs }, effects: [{ kind: 'introduce' }] };
  }
}

function birthAsked(state: Answering, nowMs: number): ReturnType<typeof answeringStep> {
  const ms = waitMs(state, nowMs);
  if (ms <= 0)
    return { state: { ...state, owesBirth: false, introducedAtMs: nowMs }, effects: [{ kind: 'introduce' }] };
  if (state.owesBirth) return leaveOut(state, 1, nowMs);
  return { state: { ...state, owesBirth: true }, effects: [{ kind: 'wait', ms }] };
}

function waitMs({ introducedAtMs }: Answering, nowMs: number): number {
  return introducedAtMs === undefined ? 0 : introducedAtMs + introduceEveryMs - nowMs;
}

function leaveOut(state: Answering, count: number, nowMs: number): ReturnType<typeof answeringStep> {
  const leftOut = state.leftOut + count;
  const isTooSoon = state.toldAtMs !== undefined && nowMs - state.toldAtMs < tellEveryMs;
  if (leftOut < oddlyMany || isTooSoon) return { state: { ...state, leftOut }, effects: [] };
  return { state: { ...state, leftOut: 0, toldAtMs: nowMs }, effects: [{ kind: 'tell', count: leftOut }] };
}
