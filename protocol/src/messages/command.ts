import { commandKinds } from '../commands/kinds.ts';
import { commandParameters } from '../commands/parameters.ts';
import { reasons } from '../reasons.ts';
import { choice, integer, list, scaled, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { sequenceNumber, timeStamp } from './stamp.ts';

const commandId = text({ maxLength: 64 });

/** Never retained. `expiresAtMs` is in the content because MQTT 3.1.1 has no message expiry. */
export const command = record({
  id: need(1, commandId),
  deviceId: need(2, text({ maxLength: 63 })),
  kind: need(3, choice(commandKinds)),
  /** Counts the commands to one device; an agent refuses one that is not above the last. */
  seq: need(4, sequenceNumber),
  issuedAtMs: need(5, timeStamp),
  expiresAtMs: need(6, timeStamp),
  operator: need(7, text({ maxLength: 120 })),
  parameters: can(8, commandParameters),
  /** Why the operator does it. */
  cause: can(9, text({ maxLength: 300, prose: true })),
  /** An agent takes no command from the head-end that does not name its gateway. */
  gatewayId: can(10, text({ maxLength: 63 })),
  /** The second operator, where it takes two; never the first. */
  approver: can(11, text({ maxLength: 120 })),
});
export type Command = RecordOf<typeof command>;

/** States of a command. The agent reports from `accepted` on; `requested`, `sent` and `unknown` are the head-end's own. */
export const commandStates = [
  'requested',
  'sent',
  /** Sent and not answered in time: the agent may have acted. It is being asked. */
  'unknown',
  'accepted',
  'executing',
  'confirmed',
  'refused',
  'expired',
  'failed',
  /** Written, but the device was not measured to have done it: the measurement goes along. */
  'unconfirmed',
] as const;
export type CommandState = (typeof commandStates)[number];

export const finalStates = [
  'confirmed',
  'refused',
  'expired',
  'failed',
  'unconfirmed',
] as const satisfies readonly CommandState[];
export type FinalState = (typeof finalStates)[number];

export function isFinal(state: CommandState): state is FinalState {
  return (finalStates as readonly CommandState[]).includes(state);
}

/** One thing measured as proof, ready to read: a number with unit or a word. */
export const measurement = record({
  point: need(1, text({ maxLength: 64 })),
  /** Absent where the point could not be read. */
  value: can(2, scaled({ step: 0.001, min: -1e9, max: 1e9, unit: '' })),
  word: can(3, text({ maxLength: 64, prose: true })),
  unit: can(4, text({ maxLength: 16 })),
  expected: can(5, text({ maxLength: 120, prose: true })),
  met: can(6, choice(['no', 'yes', 'unknown'])),
});
export type Measurement = RecordOf<typeof measurement>;

/** The agent's word on a command; sent again until the broker has it, and again whenever the head-end asks. */
export const acknowledgement = record({
  commandId: need(1, commandId),
  state: need(2, choice(commandStates)),
  timeMs: need(3, timeStamp),
  reason: can(4, choice(reasons)),
  say: can(5, text({ maxLength: 500, prose: true })),
  measured: can(6, list(measurement, { maxLength: 16 })),
  /** Counts the agent's words on this command, so that an older word never overwrites a newer one. */
  ordinal: need(7, integer({ min: 0, max: 1_000_000 })),
  /** Time spent on the wire and waiting for the device to move, in execution. */
  deviceMs: can(8, integer({ min: 0, max: 86_400_000, unit: 'ms' })),
});
export type Acknowledgement = RecordOf<typeof acknowledgement>;
