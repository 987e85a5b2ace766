import type { Death, GatewayBirth } from '@tiepoint/protocol';

/** What the head-end knows of one gateway. */
export type GatewayState = {
  readonly gatewayId: string;
  readonly online: boolean;
  /** Of the connection that is thought to be there; undefined: none. */
  readonly session: number | undefined;
  /** Sessions that ended with their death: a late word of them counts for nothing. Newest last, at most `maxPastSessions`. */
  readonly endedSessions: readonly number[];
  /** Sessions that are over because another was born, as many: nobody said so but that birth. */
  readonly displacedSessions: readonly number[];
  readonly birth?: GatewayBirth;
  readonly bornAtMs?: number;
  readonly diedAtMs?: number;
  readonly deathCause?: string;
  /** Since when it has been asked for a birth because nothing of it reports. */
  readonly askedAtMs?: number | undefined;
  /** When it last answered that. */
  readonly answeredAtMs?: number | undefined;
};

/** A gateway that says nothing for so long is asked whether it is there; one that has answered, after so long again. */
export const quietMs = 180_000;
/** Where it keeps its reports as it was told, the line is to be free. */
export const heldQuietMs = 900_000;
export const answerWithinMs = 25_000;

export const maxPastSessions = 16;

export type GatewayInput =
  /** `isAnswer`: to a question that was asked since the last birth, so that it cannot be a word of before. */
  | { kind: 'birth'; birth: GatewayBirth; isAnswer?: boolean }
  | { kind: 'death'; death: Death }
  /** `devices`: one reports at least; none does, as a fleet mode has it; all did and none does any more; or it has none, or none that ever did. */
  | { kind: 'time'; devices: 'reporting' | 'held-back' | 'lost' | 'none'; linkUp: boolean }
  /** A message of its present session, while it was thought to be gone. */
  | { kind: 'heard-again' }
  | { kind: 'clock-set' };

export type GatewayEffect =
  /** `anew`: a new session; else the same gateway introduced itself again. */
  | { kind: 'born'; anew: boolean }
  | { kind: 'died'; session: number; death: Death }
  /** Is it still there? Only a birth answers. */
  | { kind: 'ask' }
  /** It was asked and did not answer. */
  | { kind: 'silent' }
  /** `unsilenced`: it was called gone for its silence. */
  | { kind: 'heard-again'; unsilenced: boolean }
  /** A word of a session that is over. */
  | { kind: 'outdated' };

export function newGateway(gatewayId: string): GatewayState {
  return { gatewayId, online: false, session: undefined, endedSessions: [], displacedSessions: [] };
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
    endedSessions: ended ? [birth.session] : [],
    birth,
    ...times,
  };
}

/**
 * A session begins with the gateway's birth and ends with its death or with the next birth. The will of an old session, which
 * a broker may deliver long after the gateway is back, ends nothing; a birth of a session that is over begins nothing.
 *
 * What goes up is not signed, so that a birth may be of somebody who speaks in the name of a gateway, or an old one that came late. The session
 * that it displaced is there all the same, and would be told of no more: it is taken up again with its answer to a question.
 *
 * A gateway may also leave without a word: a clean end of its connection keeps its will back, and only some brokers tell. So one
 * of which nothing reports is asked, and off line when it does not answer; its session goes on as soon as it is heard.
 */
export function gatewayStep(
  state: GatewayState,
  input: GatewayInput,
  nowMs: number,
): { state: GatewayState; effects: readonly GatewayEffect[] } {
  switch (input.kind) {
    case 'birth': {
      const { birth, isAnswer = false } = input;
      const { endedSessions, displacedSessions } = state;
      const { session } = birth;
      if (endedSessions.includes(session) || (displacedSessions.includes(session) && !isAnswer))
        return { state, effects: [{ kind: 'outdated' }] };
      const anew = state.session !== session || state.deathCause === silent;
      const others = displacedSessions.filter((each) => each !== session);
      const next: GatewayState = {
        gatewayId: state.gatewayId,
        online: true,
        session,
        endedSessions,
        displacedSessions:
          state.session === session || state.session === undefined ? others : remember(others, state.session),
        birth,
        bornAtMs: nowMs,
        answeredAtMs: state.askedAtMs === undefined ? state.answeredAtMs : nowMs,
      };
      return { state: next, effects: [{ kind: 'born', anew }] };
    }
    case 'death': {
      const { death } = input;
      const isDisplaced = state.displacedSessions.includes(death.session);
      if (state.session !== death.session && !isDisplaced) return { state, effects: [{ kind: 'outdated' }] };
      const endedSessions = remember(state.endedSessions, death.session);
      const displacedSessions = state.displacedSessions.filter((each) => each !== death.session);
      if (isDisplaced)
        return { state: { ...state, endedSessions, displacedSessions }, effects: [{ kind: 'outdated' }] };
      const next: GatewayState = {
        ...state,
        online: false,
        session: undefined,
        endedSessions,
        diedAtMs: nowMs,
        deathCause: death.cause,
      };
      return { state: next, effects: [{ kind: 'died', session: death.session, death }] };
    }
    case 'time':
      return onTime(state, input, nowMs);
    case 'heard-again': {
      const { diedAtMs: _diedAtMs, deathCause, ...rest } = state;
      const next = { ...rest, online: true, askedAtMs: undefined };
      return { state: next, effects: [{ kind: 'heard-again', unsilenced: deathCause === silent }] };
    }
    case 'clock-set':
      return { state: { ...state, askedAtMs: undefined, answeredAtMs: undefined }, effects: [] };
  }
}

const silent = 'silent';

function onTime(
  state: GatewayState,
  { devices, linkUp }: Extract<GatewayInput, { kind: 'time' }>,
  nowMs: number,
): { state: GatewayState; effects: readonly GatewayEffect[] } {
  const { online, askedAtMs, answeredAtMs, bornAtMs = nowMs } = state;
  if (!online || devices === 'reporting' || !linkUp) {
    // What cannot be asked, or heard, proves nothing of the gateway.
    return { state: askedAtMs === undefined ? state : { ...state, askedAtMs: undefined }, effects: [] };
  }
  if (askedAtMs === undefined) {
    const quietSinceMs = devices === 'lost' ? (answeredAtMs ?? Number.NEGATIVE_INFINITY) : bornAtMs;
    if (nowMs - quietSinceMs <= (devices === 'held-back' ? heldQuietMs : quietMs)) return { state, effects: [] };
    return { state: { ...state, askedAtMs: nowMs }, effects: [{ kind: 'ask' }] };
  }
  if (nowMs - askedAtMs <= answerWithinMs) return { state, effects: [{ kind: 'ask' }] };
  const next = { ...state, online: false, askedAtMs: undefined, diedAtMs: nowMs, deathCause: silent };
  return { state: next, effects: [{ kind: 'silent' }] };
}

function remember(sessions: readonly number[], session: number): readonly number[] {
  return [...sessions, session].slice(-maxPastSessions);
}
