import { isFinal } from '@tiepoint/protocol';
import type { Acknowledgement, CommandState, Measurement, Reason } from '@tiepoint/protocol';
import type { CommandRecord, TransitionRecord } from '../store/store.ts';

export type CommandTimes = {
  /** After the expiry, how long the agent's last word may still be under way. */
  answerGraceMs: number;
  /** An agent that began and says nothing more is asked after this, and again each time. */
  silenceMs: number;
  /** Without an answer for so long, a command is unconfirmed. */
  giveUpMs: number;
};
export const commandTimes: CommandTimes = { answerGraceMs: 2_000, silenceMs: 120_000, giveUpMs: 24 * 3_600_000 };

/** What lies further ahead than this was written under a clock that was ahead, and has been set back since. */
const clockToleranceMs = 2_000;

export type CommandInput =
  | { kind: 'time' }
  /** The broker took it; `sure` false: it did not say so, it may have been sent. */
  | { kind: 'published'; sure: boolean; say?: string }
  /** The rules forbid it meanwhile, before it was ever sent. */
  | { kind: 'forbidden'; reason: Reason; say: string }
  /** The head-end started and finds it unfinished. */
  | { kind: 'restarted' }
  | { kind: 'ack'; ack: Acknowledgement };

export type CommandEffect = 'inquire' | 'late-word';
export type CommandStep = { command: CommandRecord; transition?: TransitionRecord; effects: readonly CommandEffect[] };

/**
 * One input to one command. The agent alone says what happened to the device; the head-end adds what it knows by itself: that it
 * sent, that it never sent in time (expired), that nobody answered (unknown, then unconfirmed). What is final stays.
 */
export function commandStep(
  command: CommandRecord,
  input: CommandInput,
  nowMs: number,
  times: CommandTimes = commandTimes,
): CommandStep {
  if (isFinal(command.state)) {
    const late = input.kind === 'ack' && isNewer(command, input.ack);
    return late ? { command: { ...command, agentOrdinal: input.ack.ordinal }, effects: ['late-word'] } : same(command);
  }
  switch (input.kind) {
    case 'time':
      return onTime(command, nowMs, times);
    case 'published':
      return command.state === 'requested' ? onPublished(command, input, nowMs) : same(command);
    case 'forbidden':
      return command.state === 'requested'
        ? moved(command, nowMs, { state: 'refused', by: 'head-end', reason: input.reason, say: input.say })
        : same(command);
    case 'restarted':
      return onRestart(command, nowMs);
    case 'ack':
      return onAck(command, input.ack, nowMs);
  }
}

/** May the agent be asked what became of it? Before the expiry the command itself may still be under way, and would overtake. */
export function mayInquire(
  { state, agentOrdinal, requestedAtMs, expiresAtMs }: CommandRecord,
  nowMs: number,
  times: CommandTimes = commandTimes,
): boolean {
  if (isFinal(state) || state === 'requested') return false;
  return agentOrdinal !== undefined || isOver(requestedAtMs, expiresAtMs + times.answerGraceMs, nowMs);
}

/** Has a time that began then come to its end? Under a clock that was set back nobody can wait for that end, so it has. */
function isOver(fromMs: number, toMs: number, nowMs: number): boolean {
  return nowMs >= toMs || nowMs < fromMs - clockToleranceMs;
}

type Move = {
  state: CommandState;
  by: TransitionRecord['by'];
  reason?: Reason | undefined;
  say?: string | undefined;
  measured?: readonly Measurement[] | undefined;
  deviceMs?: number | undefined;
  agentTimeMs?: number | undefined;
};

/** The command after the move, and the transition to be recorded with it. */
export function moved(
  command: CommandRecord,
  nowMs: number,
  move: Move,
  effects: readonly CommandEffect[] = [],
): CommandStep {
  const { state, by, reason, say, measured = [], deviceMs, agentTimeMs } = move;
  const told = {
    measured,
    ...(reason === undefined ? {} : { reason }),
    ...(say === undefined ? {} : { say }),
    ...(deviceMs === undefined ? {} : { deviceMs }),
  };
  const { reason: _reason, say: _say, deviceMs: _deviceMs, ...rest } = command;
  const transition: TransitionRecord = {
    commandId: command.id,
    ordinal: command.transitions,
    state,
    atMs: nowMs,
    by,
    ...told,
    ...(agentTimeMs === undefined ? {} : { agentTimeMs }),
  };
  return {
    command: { ...rest, ...told, state, updatedAtMs: nowMs, transitions: command.transitions + 1 },
    transition,
    effects,
  };
}

function same(command: CommandRecord, effects: readonly CommandEffect[] = []): CommandStep {
  return { command, effects };
}

function onTime(command: CommandRecord, nowMs: number, times: CommandTimes): CommandStep {
  const { state, expiresAtMs, requestedAtMs, updatedAtMs, say } = command;
  switch (state) {
    case 'requested': {
      if (!isOver(requestedAtMs, expiresAtMs, nowMs)) return same(command);
      const why = say === undefined ? '' : ` (${say})`;
      return moved(command, nowMs, {
        state: 'expired',
        by: 'head-end',
        reason: 'expired',
        say: `It could not be sent in time${why}: nothing was done.`,
      });
    }
    case 'sent':
      if (!isOver(requestedAtMs, expiresAtMs + times.answerGraceMs, nowMs)) return same(command);
      return unknown(command, nowMs, 'No answer before it expired. The agent may have acted; it is being asked.');
    case 'accepted':
    case 'executing':
      if (!isOver(updatedAtMs, updatedAtMs + times.silenceMs, nowMs)) return same(command);
      return unknown(
        command,
        nowMs,
        `The agent began and has said nothing for ${times.silenceMs / 1_000} s; it is being asked.`,
      );
    case 'unknown':
      if (nowMs < requestedAtMs + times.giveUpMs) return same(command);
      return moved(command, nowMs, {
        state: 'unconfirmed',
        by: 'head-end',
        reason: 'no-answer',
        say: `No answer for ${Math.round(times.giveUpMs / 3_600_000)} h: look at the device to know what is so.`,
      });
    default:
      return same(command);
  }
}

function unknown(command: CommandRecord, nowMs: number, say: string): CommandStep {
  return moved(command, nowMs, { state: 'unknown', by: 'head-end', reason: 'no-answer', say }, ['inquire']);
}

function onPublished(
  command: CommandRecord,
  { sure, say }: { sure: boolean; say?: string },
  nowMs: number,
): CommandStep {
  const step = moved(command, nowMs, {
    state: 'sent',
    by: 'head-end',
    ...(sure ? {} : { say: say ?? 'It may have been sent.' }),
  });
  return { ...step, command: { ...step.command, sentAtMs: nowMs } };
}

/** What was written down as requested may have been sent just before the end, so it is asked about and not sent again. */
function onRestart(command: CommandRecord, nowMs: number): CommandStep {
  if (command.state === 'requested') {
    return unknown(
      command,
      nowMs,
      'The head-end stopped while sending it. The agent may have acted; it is being asked.',
    );
  }
  return same(command, ['inquire']);
}

function isNewer({ agentOrdinal }: CommandRecord, { ordinal }: Acknowledgement): boolean {
  return agentOrdinal === undefined || ordinal > agentOrdinal;
}

const rank: { readonly [S in CommandState]: number } = {
  requested: 0,
  sent: 0,
  unknown: 0,
  accepted: 1,
  executing: 2,
  confirmed: 3,
  refused: 3,
  expired: 3,
  failed: 3,
  unconfirmed: 3,
};

function onAck(command: CommandRecord, ack: Acknowledgement, nowMs: number): CommandStep {
  if (rank[ack.state] === 0) return same(command);
  if (ack.reason === 'unknown-to-agent') return onUnknownToAgent(command, ack, nowMs);
  if (!isNewer(command, ack) || rank[ack.state] < rank[command.state]) {
    // The same word again after nobody knew: it is under way still.
    if (command.state !== 'unknown' || isFinal(ack.state) || !repeats(command, ack)) return same(command);
  }
  const step = moved(command, nowMs, { ...ack, by: 'agent', agentTimeMs: ack.timeMs });
  return withOrdinal(step, ack.ordinal);
}

function repeats({ agentOrdinal }: CommandRecord, { ordinal }: Acknowledgement): boolean {
  return ordinal === agentOrdinal;
}

/** The agent has no record of it. Where it had begun, its journal is lost, and only the device can tell. */
function onUnknownToAgent(command: CommandRecord, ack: Acknowledgement, nowMs: number): CommandStep {
  const told = { by: 'agent', reason: 'unknown-to-agent', agentTimeMs: ack.timeMs } as const;
  if (command.agentOrdinal !== undefined) {
    const say = 'The agent had begun it and now has no record of it: look at the device to know what is so.';
    return moved(command, nowMs, { ...told, state: 'unconfirmed', say });
  }
  const say = ack.say ?? 'The agent has no record of it: it did not get it, and does not do it any more.';
  const state = ack.state === 'unconfirmed' ? ack.state : 'refused';
  return moved(command, nowMs, { ...told, state, say });
}

function withOrdinal(step: CommandStep, agentOrdinal: number): CommandStep {
  return { ...step, command: { ...step.command, agentOrdinal } };
}
