import { list, text, truth } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { sequenceNumber, sessionNumber, timeStamp } from './stamp.ts';

/**
 * The head-end asks a gateway: to introduce itself again, or what became of commands; or tells it the time, in answer to its birth,
 * so that it need not wait for the next word of `hostState`; or which events it has on its disk, so that the gateway may forget them: the
 * broker's word is not enough, for the head-end may have been away. Harmless to repeat.
 */
export const inquiry = record({
  rebirth: can(1, truth),
  commands: can(
    2,
    list(
      record({
        id: need(1, text({ maxLength: 64 })),
        deviceId: need(2, text({ maxLength: 63 })),
        /** So that an agent whose journal began later does not take it for one that never came. */
        issuedAtMs: can(3, timeStamp),
      }),
      { maxLength: 256 },
    ),
  ),
  timeMs: can(3, timeStamp),
  /** The birth that the time answers. Without it an old word about the time could be told again as if it were new. */
  answers: can(4, record({ session: need(1, sessionNumber), birthMs: need(2, timeStamp) })),
  keptEvents: can(
    5,
    list(
      record({
        deviceId: need(1, text({ maxLength: 63 })),
        session: need(2, sessionNumber),
        seq: need(3, sequenceNumber),
      }),
      { maxLength: 256 },
    ),
  ),
  /** When a rebirth is asked for. The birth that answers says it again: by that it is known from one that somebody repeats. No time to go by. */
  askedAtMs: can(6, timeStamp),
});
export type Inquiry = RecordOf<typeof inquiry>;

/** The head-end's own state, retained, with its death as its will. Repeated every minute while online: gateways check their clocks against it. */
export const hostState = record({
  online: need(1, truth),
  session: need(2, sessionNumber),
  timeMs: can(3, timeStamp),
});
export type HostState = RecordOf<typeof hostState>;
