import { mayOvertake } from '@tiepoint/protocol';
import type { Command, CommandKind, Reason, TimeQuality } from '@tiepoint/protocol';

export type Admission =
  /** Seen before: say again what became of it, do nothing. */
  | { readonly verdict: 'repeat' }
  | { readonly verdict: 'execute' }
  | { readonly verdict: 'expired'; readonly reason: Reason; readonly say: string }
  | { readonly verdict: 'refused'; readonly reason: Reason; readonly say: string };

/** No honest command lives longer: a longer life is a mistake or a replay in waiting. */
export const longestLifeMs = 600_000;
/** A command from further in the future than this tells that the clock here is slow, so that its expiry cannot be judged. */
const futureMs = 2_000;

/** What is so at this gateway and device when a command comes. */
type AdmissionAt = {
  readonly gatewayId: string;
  readonly deviceId: string;
  /** The head-end has told what is tagged, once at least. */
  readonly tagsKnown: boolean;
  readonly nowMs: number;
  /** When this program started, by the clock as it is now. */
  readonly startedAtMs: number;
  readonly timeQuality: TimeQuality;
  readonly seen: boolean;
  readonly lastSequence: number | undefined;
  readonly readOnly: boolean;
  /** Why no command is taken in the fleet mode in force; undefined: commands are. */
  readonly safeMode: string | undefined;
  readonly busyWith: CommandKind | undefined;
  /** Why it takes two operators; undefined: one does. */
  readonly takesTwo: string | undefined;
  /** Since when the journal remembers, on the head-end's clock; undefined: nobody can say yet. */
  readonly journalSinceMs: number | undefined;
};

/**
 * May this command be taken in? Before the device is looked at: is it for it, is it new, is it in time, and can time be judged
 * here at all. `seen`: its id is in the journal. `lastSequence`: the highest taken for this device, ever.
 */
export function admit(command: Command, at: AdmissionAt): Admission {
  if (at.seen) return { verdict: 'repeat' };
  const refuse = (reason: Reason, say: string): Admission => ({ verdict: 'refused', reason, say });
  if (command.deviceId !== at.deviceId)
    return refuse('invalid', `The command is for ${command.deviceId} and came to ${at.deviceId}.`);
  if (command.gatewayId !== at.gatewayId)
    return refuse(
      'invalid',
      `The command is for gateway ${command.gatewayId ?? 'unknown'}, and this is ${at.gatewayId}.`,
    );
  if (at.readOnly) return refuse('read-only', 'This gateway is read-only: it cannot write to any device.');
  if (at.safeMode !== undefined) return refuse('safe-mode', at.safeMode);
  if (command.expiresAtMs <= command.issuedAtMs || command.expiresAtMs - command.issuedAtMs > longestLifeMs) {
    return refuse('invalid', `A command lives at most ${longestLifeMs / 60_000} minutes; this one says otherwise.`);
  }
  if (at.timeQuality !== 'synchronised') {
    return refuse(
      'clock',
      at.timeQuality === 'unknown'
        ? 'The gateway has not compared its clock with the head-end yet, so it cannot judge the expiry: try again in a minute.'
        : 'The clock of the gateway is off by more than two seconds, so it cannot judge the expiry: mend its time service.',
    );
  }
  if (at.nowMs >= command.expiresAtMs) {
    return {
      verdict: 'expired',
      reason: 'expired',
      say: `It came ${((at.nowMs - command.expiresAtMs) / 1000).toFixed(1)} s after its expiry; nothing was done.`,
    };
  }
  if (command.issuedAtMs > at.nowMs + futureMs)
    return refuse('clock', 'The command comes from the future: the clocks disagree. Mend the time service.');
  if (!isSince(command.issuedAtMs, at.journalSinceMs)) {
    return refuse(
      'journal',
      "It was issued before this gateway's journal began, and may have been carried out before: look at the device, and give it anew.",
    );
  }
  // Of the time before, the journal alone remembers, and it may have failed: then the head-end was told that nothing was done.
  if (command.issuedAtMs < at.startedAtMs)
    return refuse('interrupted', 'It was issued before the agent started, which has no record of it: give it again.');
  if (at.lastSequence !== undefined && command.seq <= at.lastSequence) {
    return refuse(
      'out-of-order',
      `Its sequence ${command.seq} is not above ${at.lastSequence}, the last one taken for this device.`,
    );
  }
  if (at.takesTwo !== undefined && (command.approver === undefined || command.approver === command.operator))
    return refuse('not-approved', `${at.takesTwo} Nobody has: nothing was done.`);
  if (!at.tagsKnown)
    return refuse('tags-unknown', 'The gateway has not heard from the head-end what is tagged: try again in a minute.');
  if (at.busyWith !== undefined && !mayOvertake(command.kind, at.busyWith))
    return refuse('busy', `Command ${at.busyWith} is under way at this device: one at a time.`);
  return { verdict: 'execute' };
}

/** Was it issued when this journal remembered already? */
export function isSince(issuedAtMs: number, journalSinceMs: number | undefined): boolean {
  return journalSinceMs !== undefined && issuedAtMs > journalSinceMs;
}
