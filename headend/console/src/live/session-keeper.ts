import type { SessionView } from '../../../src/api/operator-contract.ts';
import { afterGivenUp, afterStale, afterTold, isLive } from './session-state.ts';
import type { SessionState } from './session-state.ts';

type Listener = () => void;

/** The session of this page, and who waits for somebody to sign in again. */
export class SessionKeeper {
  #state: SessionState = { is: 'asking' };
  readonly #listeners = new Set<Listener>();
  #waiting: ((again: boolean) => void)[] = [];

  state = (): SessionState => this.#state;

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  csrfToken(): string | undefined {
    return 'session' in this.#state ? this.#state.session.csrfToken : undefined;
  }

  /** The head-end told who is signed in here. */
  told = (session: SessionView | undefined): void => {
    const before = this.#state;
    if ('session' in before && JSON.stringify(before.session) === JSON.stringify(session) && isLive(before)) return;
    // Somebody else must not go on with what the one before had begun.
    const same = 'session' in before && before.session.name === session?.name;
    this.#become(afterTold(before, session));
    if (this.#state.is === 'open') this.#settle(same);
  };

  ended = (): void => {
    if (isLive(this.#state) || this.#state.is === 'unfinished') this.told(undefined);
  };

  /** True once somebody has signed in again; false where they would not. */
  signInAgain = async (): Promise<boolean> => {
    this.#become(afterStale(this.#state));
    if (this.#state.is !== 'stale') return false;
    return await new Promise((resolve) => this.#waiting.push(resolve));
  };

  giveUp = (): void => {
    this.#become(afterGivenUp(this.#state));
    this.#settle(false);
  };

  signedOut = (): void => {
    this.#become({ is: 'out' });
    this.#settle(false);
  };

  #settle(again: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each(again);
  }

  #become(state: SessionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
