import type { CommandKind } from '@tiepoint/protocol';
import type { Answer, Outcome } from '../core/execution.ts';
import type { BusFailure } from './bus/bus.ts';

/** Of a command that one in the safe direction ended. */
export function overtaken(by: CommandKind, journalled: boolean): Outcome {
  return journalled
    ? {
        state: 'unconfirmed',
        reason: 'interrupted',
        say: `Ended by ${by} before it was measured to be done.`,
        measured: [],
      }
    : {
        state: 'refused',
        reason: 'interrupted',
        say: `Ended by ${by} before anything was written; nothing was done.`,
        measured: [],
      };
}

/** Why a write failed, and whether the device certainly did not do it. */
export function writeFailure(result: { say: string } & BusFailure): NonNullable<Answer['failure']> {
  const { reason, say } = result;
  switch (reason) {
    case 'exception':
      // Illegal function, address or value: not done. Others (busy, still at it, a gateway without an answer) may have been.
      return { reason: 'device-refused', say, refusedByDevice: result.code >= 1 && result.code <= 3 };
    case 'timeout':
      return { reason: 'bus-timeout', say };
    case 'backed-off':
    case 'held-back':
    case 'queue-full':
    case 'called-off':
    case 'read-only':
      return { reason: 'write-failed', say, refusedByDevice: true };
    case 'disconnected':
    case 'garbled':
    case 'echo-mismatch':
    case 'stopped':
      return { reason: 'bus-failure', say };
  }
}
