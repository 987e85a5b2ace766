/** Keys by their public half, in base64url. */
export type Rotation = {
  readonly phase: 'settled' | 'announced' | 'switched';
  /** Of the newest list that gateways were given. */
  readonly revision: number;
  /** Signs commands now. */
  readonly current: string;
  /** While `announced`: will sign when the gateways know it. */
  readonly next?: string;
  /** While `switched`: has signed until now, and is trusted still. */
  readonly previous?: string;
  readonly sinceMs: number;
  /** While `announced`: gateways that the operator does not want to wait for. */
  readonly withoutIds: readonly string[];
};

export type RotationInput =
  | { readonly kind: 'announce'; readonly next: string }
  /** The operator goes on without these. */
  | { readonly kind: 'go-on'; readonly withoutIds: readonly string[] }
  | { readonly kind: 'withdraw' }
  /** `laggingIds`: gateways in service, or to be, that do not have the newest list yet. */
  | { readonly kind: 'time'; readonly laggingIds: readonly string[] };

export type RotationEffect =
  /** A new list, signed by a key that those who have the one before it trust. */
  | { readonly kind: 'list'; readonly revision: number; readonly keys: readonly string[]; readonly signedBy: string }
  | { readonly kind: 'erase'; readonly key: string };

export type RotationStep = { readonly state: Rotation; readonly effects: readonly RotationEffect[] };

/** Longer than any command lives, so that no command is on its way that the key signed which is retired. */
export const retireAfterMs = 15 * 60_000;

/**
 * A command key is exchanged without a visit: the next one is announced in a list that the present one signs; when every gateway has that
 * list, the next one signs; and when nothing of the old one can be on its way any more, a list without it follows, and it is erased. A
 * gateway that was away all the time gets both lists when it is back. An input that does not fit the phase changes nothing.
 */
export function rotationStep(state: Rotation, input: RotationInput, nowMs: number): RotationStep {
  const unchanged: RotationStep = { state, effects: [] };
  switch (input.kind) {
    case 'announce': {
      if (state.phase !== 'settled') return unchanged;
      const { next } = input;
      const revision = state.revision + 1;
      return {
        state: { phase: 'announced', revision, current: state.current, next, sinceMs: nowMs, withoutIds: [] },
        effects: [{ kind: 'list', revision, keys: [state.current, next], signedBy: state.current }],
      };
    }
    case 'go-on':
      if (state.phase !== 'announced') return unchanged;
      return { state: { ...state, withoutIds: [...new Set([...state.withoutIds, ...input.withoutIds])] }, effects: [] };
    case 'withdraw': {
      if (state.phase !== 'announced' || state.next === undefined) return unchanged;
      return settled(state.current, state.next, state.revision + 1, nowMs);
    }
    case 'time': {
      if (state.phase === 'announced' && state.next !== undefined) {
        if (waitingFor(state, input.laggingIds).length > 0) return unchanged;
        const { revision, current, next } = state;
        return {
          state: { phase: 'switched', revision, current: next, previous: current, sinceMs: nowMs, withoutIds: [] },
          effects: [],
        };
      }
      if (state.phase === 'switched' && state.previous !== undefined && nowMs - state.sinceMs >= retireAfterMs)
        return settled(state.current, state.previous, state.revision + 1, nowMs);
      return unchanged;
    }
  }
}

/** Those that keep an announced key from signing. */
export function waitingFor({ withoutIds }: Rotation, laggingIds: readonly string[]): readonly string[] {
  return laggingIds.filter((id) => !withoutIds.includes(id));
}

function settled(current: string, erased: string, revision: number, nowMs: number): RotationStep {
  return {
    state: { phase: 'settled', revision, current, sinceMs: nowMs, withoutIds: [] },
    effects: [
      { kind: 'list', revision, keys: [current], signedBy: current },
      { kind: 'erase', key: erased },
    ],
  };
}
