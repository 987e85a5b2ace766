import type { Reason } from './reasons.ts';

/** An expected failure: `reason` for programs, `say` for people (what is wrong, where, what to do). */
export type Failure<R extends string = Reason> = { ok: false; reason: R; say: string };

export type Result<T, R extends string = Reason> = { ok: true; value: T } | Failure<R>;

/** The answer to "may this be done now?". The console shows `say` on the disabled button. */
export type Verdict = { ok: true } | Failure;

export const yes: Verdict = { ok: true };

export function no(reason: Reason, say: string): Failure {
  return { ok: false, reason, say };
}

export function done<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}
