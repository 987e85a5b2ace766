import type { Death, DeviceBirth, DeviceEvent, Liveness, Status } from '@tiepoint/protocol';
import { statusAfter } from './status-after.ts';

/**
 * What the head-end knows of one device. `status` is kept when it is no longer so; only while `liveness` is `live` does it
 * tell what is so now.
 */
export type Twin = {
  readonly key: string;
  readonly gatewayId: string;
  readonly deviceId: string;
  readonly birth: DeviceBirth;
  readonly bornAtMs: number;
  readonly liveness: Liveness;
  /** Of the last status of this session, corrected by how long it was under way; undefined: none in this session. */
  readonly heardAtMs?: number | undefined;
  /** `seq` of the last live message of this session. */
  readonly lastSeq?: number | undefined;
  readonly status?: Status | undefined;
  /** When `status` was received. */
  readonly receivedAtMs?: number | undefined;
  /** Its gateway keeps its reports, as told by a fleet mode. */
  readonly held?: true | undefined;
  /** When that ended: what is silent from then on is late, and then lost. */
  readonly resumedAtMs?: number | undefined;
  readonly deathCause?: string | undefined;
  readonly deathSay?: string | undefined;
  readonly line: LineCounts;
};

export type LineCounts = {
  readonly statuses: number;
  readonly events: number;
  readonly lostMessages: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly ofOtherSessions: number;
};

export type TwinInput =
  | { kind: 'birth'; birth: DeviceBirth }
  | { kind: 'status'; status: Status }
  | { kind: 'event'; event: DeviceEvent }
  /** Of the device; or its gateway's, with the session that ended; or its gateway came back without it. */
  | { kind: 'death'; death: Death }
  /** `held`: its reports are kept at its gateway, which was told to by a fleet mode and has heard it. */
  | { kind: 'time'; held?: boolean }
  /** The head-end's clock was set by so much: how long a device is silent has nothing to do with that. */
  | { kind: 'clock-set'; byMs: number };

export type TwinEffect =
  | { kind: 'liveness'; from: Liveness; to: Liveness }
  | { kind: 'messages-lost'; count: number }
  /** The numbers jumped further than messages can be missing: whoever counts has begun anew. */
  | { kind: 'counting-restarted' }
  /** To be kept; `live`: it changed the twin. */
  | { kind: 'keep-status'; status: Status; live: boolean }
  | { kind: 'keep-event'; event: DeviceEvent; live: boolean }
  | { kind: 'died'; death: Death };

type Step = { twin: Twin; effects: readonly TwinEffect[] };

const noCounts: LineCounts = {
  statuses: 0,
  events: 0,
  lostMessages: 0,
  duplicates: 0,
  outOfOrder: 0,
  ofOtherSessions: 0,
};
const latePeriods = 2;
const lostPeriods = 3;
/** After a mode has ended: gateways hear of it one after the other, and their clocks differ. */
const resumeWithinMs = 60_000;
const minPeriodMs = 1_000;
/** `synchronised` promises this much (protocol, time quality); a status seeming younger is taken as just measured. */
const clockToleranceMs = 2_000;
/** No clock that is kept by a time server is that wrong, whatever its gateway thinks of it. */
export const maxAheadMs = 86_400_000;
/** A session at one message a second loses fewer in eleven days. */
const maxJump = 1_000_000;

export function newTwin(gatewayId: string, deviceId: string, birth: DeviceBirth, nowMs: number): Twin {
  const key = `${gatewayId}.${deviceId}`;
  return {
    key,
    gatewayId,
    deviceId,
    birth,
    bornAtMs: nowMs,
    liveness: 'never',
    lastSeq: birth.nextSeq - 1,
    line: noCounts,
  };
}

/** After a start of the head-end: the last that was known, and nothing of it live. */
export function rememberedTwin(
  twin: Pick<Twin, 'key' | 'gatewayId' | 'deviceId' | 'birth' | 'bornAtMs' | 'status' | 'receivedAtMs'>,
): Twin {
  const { key, gatewayId, deviceId, birth, bornAtMs, status, receivedAtMs } = twin;
  const liveness = status === undefined ? 'never' : 'lost';
  return { key, gatewayId, deviceId, birth, bornAtMs, liveness, status, receivedAtMs, line: noCounts };
}

/**
 * One input to one twin. The session of `status` and `event` is compared with the birth's: what belongs to another session
 * never becomes live. A birth begins a session of which nothing has been measured yet, so its device is not live until its first status.
 */
export function twinStep(twin: Twin, input: TwinInput, nowMs: number): Step {
  switch (input.kind) {
    case 'birth':
      return onBirth(twin, input.birth, nowMs);
    case 'status':
      return onStatus(twin, input.status, nowMs);
    case 'event':
      return onEvent(twin, input.event);
    case 'death':
      return onDeath(twin, input.death);
    case 'time':
      return aged(heldOr(twin, input.held === true, nowMs), nowMs, []);
    case 'clock-set':
      return aged(shifted(twin, input.byMs, nowMs), nowMs, []);
  }
}

/** Its gateway came back without it; it is carried again from its next birth on. */
export function isRemoved({ deathCause }: Twin): boolean {
  return deathCause === 'removed';
}

/** The longest silence, between two statuses, of a device that is well. */
export function expectedEveryMs({ periodMs, reporting, heartbeatMs }: DeviceBirth): number {
  return Math.max(minPeriodMs, reporting === 'by-exception' ? (heartbeatMs ?? periodMs) : periodMs);
}

function onBirth(twin: Twin, birth: DeviceBirth, nowMs: number): Step {
  if (birth.session === twin.birth.session && twin.deathCause === undefined) {
    // Introduced again within the session, as asked after a gap: what was sent in between and did not come is lost.
    // Its word on where it counts holds: after a number that was wrong, all that follow would else count as older.
    const lastSeq = birth.nextSeq - 1;
    const ahead = twin.lastSeq === undefined ? 0 : Math.max(0, lastSeq - twin.lastSeq);
    const missed = ahead > maxJump ? 0 : ahead;
    const next = {
      ...twin,
      birth,
      bornAtMs: nowMs,
      lastSeq,
      line: { ...twin.line, lostMessages: twin.line.lostMessages + missed },
    };
    return aged(next, nowMs, missed > 0 ? [{ kind: 'messages-lost', count: missed }] : []);
  }
  const { key, gatewayId, deviceId, line, status, receivedAtMs } = twin;
  const next: Twin = {
    key,
    gatewayId,
    deviceId,
    birth,
    bornAtMs: nowMs,
    liveness: 'never',
    lastSeq: birth.nextSeq - 1,
    line,
    status,
    receivedAtMs,
  };
  return { twin: next, effects: changed(twin.liveness, next.liveness) };
}

type Place = 'next' | 'gap' | 'restart' | 'duplicate' | 'older' | 'other-session';

function placeOf(twin: Twin, session: number, seq: number): Place {
  if (session !== twin.birth.session || twin.deathCause !== undefined) return 'other-session';
  if (twin.lastSeq === undefined || seq === twin.lastSeq + 1) return 'next';
  if (seq === twin.lastSeq) return 'duplicate';
  if (Math.abs(seq - twin.lastSeq) > maxJump) return 'restart';
  return seq < twin.lastSeq ? 'older' : 'gap';
}

/** The twin with the message counted; undefined: it is not to change what is live. */
function counted(twin: Twin, place: Place, seq: number): { twin: Twin; live: boolean; effects: TwinEffect[] } {
  const { line } = twin;
  switch (place) {
    case 'other-session':
      return {
        twin: { ...twin, line: { ...line, ofOtherSessions: line.ofOtherSessions + 1 } },
        live: false,
        effects: [],
      };
    case 'duplicate':
      return { twin: { ...twin, line: { ...line, duplicates: line.duplicates + 1 } }, live: false, effects: [] };
    case 'older':
      return { twin: { ...twin, line: { ...line, outOfOrder: line.outOfOrder + 1 } }, live: false, effects: [] };
    case 'next':
      return { twin: { ...twin, lastSeq: seq }, live: true, effects: [] };
    case 'restart':
      return { twin: { ...twin, lastSeq: seq }, live: true, effects: [{ kind: 'counting-restarted' }] };
    case 'gap': {
      const count = seq - (twin.lastSeq ?? seq) - 1;
      const next = { ...twin, lastSeq: seq, line: { ...line, lostMessages: line.lostMessages + count } };
      return { twin: next, live: true, effects: [{ kind: 'messages-lost', count }] };
    }
  }
}

function onStatus(before: Twin, told: Status, nowMs: number): Step {
  const tooFarAhead = told.timeQuality === 'synchronised' && told.timeMs > nowMs + maxAheadMs;
  const status: Status = tooFarAhead ? { ...told, timeQuality: 'unsynchronised' } : told;
  const place = placeOf(before, status.session, status.seq);
  const { twin, live, effects } = counted(before, place, status.seq);
  if (place === 'duplicate') return { twin, effects };
  const kept: TwinEffect = { kind: 'keep-status', status, live };
  if (!live) return { twin, effects: [...effects, kept] };
  const underWayMs = status.timeQuality === 'synchronised' ? Math.max(0, nowMs - status.timeMs - clockToleranceMs) : 0;
  const line = { ...twin.line, statuses: twin.line.statuses + 1 };
  return aged({ ...twin, status, heardAtMs: nowMs - underWayMs, receivedAtMs: nowMs, line }, nowMs, [...effects, kept]);
}

/** Changes the value that it tells; it does not make the others any newer, so liveness is the statuses' alone. */
function onEvent(before: Twin, event: DeviceEvent): Step {
  const place = placeOf(before, event.session, event.seq);
  const { twin, live, effects } = counted(before, place, event.seq);
  if (place === 'duplicate') return { twin, effects };
  const kept: TwinEffect = { kind: 'keep-event', event, live };
  if (!live) return { twin, effects: [...effects, kept] };
  const line = { ...twin.line, events: twin.line.events + 1 };
  const status = twin.status?.session === event.session ? statusAfter(twin.status, event) : twin.status;
  return { twin: { ...twin, status, line }, effects: [...effects, kept] };
}

function onDeath(twin: Twin, death: Death): Step {
  // That it is carried no longer is news of a device that died before, too.
  const known = isRemoved(twin) || (twin.deathCause !== undefined && death.cause !== 'removed');
  if (death.session !== twin.birth.session || known) return { twin, effects: [] };
  const liveness: Liveness = twin.status === undefined ? 'never' : 'lost';
  const next: Twin = { ...twin, liveness, heardAtMs: undefined, deathCause: death.cause, deathSay: death.say };
  return { twin: next, effects: [{ kind: 'died', death }, ...changed(twin.liveness, liveness)] };
}

function aged(twin: Twin, nowMs: number, effects: readonly TwinEffect[]): Step {
  const liveness = livenessAt(twin, nowMs);
  if (liveness === twin.liveness) return { twin, effects };
  return { twin: { ...twin, liveness }, effects: [...effects, ...changed(twin.liveness, liveness)] };
}

function livenessAt(twin: Twin, nowMs: number): Liveness {
  const { held, deathCause, liveness } = twin;
  const bySilence = livenessBySilence(twin, nowMs);
  // One that reports in spite of the mode is live; of one that is dead, or of which nothing is known, nothing is held back.
  if (held === true && deathCause === undefined && (bySilence === 'late' || bySilence === 'lost')) return 'held-back';
  return bySilence ?? liveness;
}

/** Undefined: it cannot be told, and stays as it is. */
function livenessBySilence({ heardAtMs, resumedAtMs, birth, liveness }: Twin, nowMs: number): Liveness | undefined {
  const everyMs = expectedEveryMs(birth);
  if (resumedAtMs !== undefined && !(heardAtMs !== undefined && heardAtMs >= resumedAtMs))
    return nowMs - resumedAtMs > lostPeriods * everyMs + resumeWithinMs ? 'lost' : 'late';
  if (heardAtMs === undefined) return liveness === 'held-back' ? 'lost' : liveness;
  const silentMs = nowMs - heardAtMs;
  if (silentMs > lostPeriods * everyMs) return 'lost';
  return silentMs > latePeriods * everyMs ? 'late' : 'live';
}

/** When it is held back no longer it has to report again. */
function heldOr(twin: Twin, held: boolean, nowMs: number): Twin {
  if (held === (twin.held === true)) return twin;
  if (held) return { ...twin, held, resumedAtMs: undefined };
  const resumed = twin.liveness === 'held-back' ? { resumedAtMs: nowMs } : {};
  return { ...twin, held: undefined, ...resumed };
}

function shifted(twin: Twin, byMs: number, nowMs: number): Twin {
  const { heardAtMs, resumedAtMs } = twin;
  const shift = (atMs: number): number => Math.min(nowMs, atMs + byMs);
  if (heardAtMs === undefined && resumedAtMs === undefined) return twin;
  return {
    ...twin,
    ...(heardAtMs === undefined ? {} : { heardAtMs: shift(heardAtMs) }),
    ...(resumedAtMs === undefined ? {} : { resumedAtMs: shift(resumedAtMs) }),
  };
}

function changed(from: Liveness, to: Liveness): readonly TwinEffect[] {
  return from === to ? [] : [{ kind: 'liveness', from, to }];
}
