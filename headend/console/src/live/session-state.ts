import type { SessionView } from '../../../src/api/operator-contract.ts';

/**
 * Who is signed in, as far as this page knows. `unfinished`: something of a first sign-in is missing. `ended`: whoever was at work here keeps
 * the page with all that was typed, and signs in again over it. `stale`: signed in, but too long ago for what was asked.
 */
export type SessionState =
  | { readonly is: 'asking' }
  | { readonly is: 'out' }
  | { readonly is: 'unfinished' | 'open' | 'ended' | 'stale'; readonly session: SessionView };

/** The head-end told who is signed in; undefined: nobody. */
export function afterTold(before: SessionState, session: SessionView | undefined): SessionState {
  if (session !== undefined) {
    const isSame = before.is === 'stale' && before.session.startedAtMs === session.startedAtMs;
    return { is: isSame ? 'stale' : session.step === 'open' ? 'open' : 'unfinished', session };
  }
  return before.is === 'open' || before.is === 'stale' || before.is === 'ended'
    ? { is: 'ended', session: before.session }
    : { is: 'out' };
}

/** A request was refused because the sign-in was too long ago. */
export function afterStale(before: SessionState): SessionState {
  return before.is === 'open' ? { is: 'stale', session: before.session } : before;
}

/** They would rather not sign in anew. */
export function afterGivenUp(before: SessionState): SessionState {
  switch (before.is) {
    case 'stale':
      return { is: 'open', session: before.session };
    case 'ended':
      return { is: 'out' };
    default:
      return before;
  }
}

/** Whose page is shown, if any is: its parts stay as they are for as long as this does. */
export function pageOf(state: SessionState): string | undefined {
  return state.is === 'open' || state.is === 'stale' || state.is === 'ended' ? state.session.name : undefined;
}

/** Whether what the head-end tells live may be listened to. */
export function isLive({ is }: SessionState): boolean {
  return is === 'open' || is === 'stale';
}
