import type { Death, GatewayBirth } from '@tiepoint/protocol';

/** What the head-end knows of one gateway. */
export type GatewayState = {
  readonly gatewayId: string;
  readonly online: boolean;
  /** Of the connection that is thought to be there; undefined: none. */
  readonly session: number | undefined;
  /** Sessions that are over: a late word of them counts for nothing. Newest last, at most `maxPastSessions`. */
  readonly pastSessions: readonly number[];
  readonly birth?: GatewayBirth;
  readonly bornAtMs?: number;
  readonly diedAtMs?: number;
  readonly deathCause?: string;
};

export const maxPastSessions = 16;

export type GatewayInput = { kind: 'birth'; birth: GatewayBirth } | { kind: 'death'; death: Death };

export type GatewayEffect =
  /** `anew`: a new session; else the same gateway introduced itself again. */
  | { kind: 'born'; anew: boolean }
  | { kind: 'died'; session: number; death: Death }
  /** A word of a session that is over. */
  | { kind: 'outdated' };

export function newGateway(gatewayId: string): GatewayState {
  return { gatewayId, online: false, session: undefined, pastSessions: [] };
}

/** After a start of the head-end: what it knew, but nothing is thought to be there until it is heard. */
export function rememberedGateway(
  gatewayId: string,
  birth: GatewayBirth,
  times: { bornAtMs: number; diedAtMs?: number; deathCause?: string },
): GatewayState {
  const ended = times.diedAtMs !== undefined;
  return {
    ...newGateway(gatewayId),
    session: ended ? undefined : birth.session,
    pastSessions: ended ? [birth.session] : [],
    birth,
    ...times,
  };
}

/**
 * A session begins with the gateway's birth and ends with its death or with the next birth. The will of an old session, which
 * a broker may deliver long after the gateway is back, ends nothing; a birth of a session that is over begins nothing.
 */
export function gatewayStep(
  state: GatewayState,
  input: GatewayInput,
  nowMs: number,
): { state: GatewayState; effects: readonly GatewayEffect[] } {
  switch (input.kind) {
    case 'birth': {
      const { birth } = input;
      if (state.pastSessions.includes(birth.session)) return { state, effects: [{ kind: 'outdated' }] };
      const anew = state.session !== birth.session;
      const pastSessions =
        anew && state.session !== undefined ? remember(state.pastSessions, state.session) : state.pastSessions;
      const next: GatewayState = {
        gatewayId: state.gatewayId,
        online: true,
        session: birth.session,
        pastSessions,
        birth,
        bornAtMs: nowMs,
      };
      return { state: next, effects: [{ kind: 'born', anew }] };
    }
    case 'death': {
      const { death } = input;
      if (state.session !== death.session) return { state, effects: [{ kind: 'outdated' }] };
      const pastSessions = remember(state.pastSessions, death.session);
      const next: GatewayState = {
        ...state,
        online: false,
        session: undefined,
        pastSessions,
        diedAtMs: nowMs,
        deathCause: death.cause,
      };
      return { state: next, effects: [{ kind: 'died', session: death.session, death }] };
    }
  }
}

function remember(sessions: readonly number[], session: number): readonly number[] {
  return [...sessions, session].slice(-maxPastSessions);
}
