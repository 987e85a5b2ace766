import { choice, integer, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { sessionNumber, timeStamp } from './stamp.ts';

/** Grows only at its end. */
export const gatewayEventKinds = [
  /** Something came down that no trusted key signed for this gateway. It was not acted on. */
  'message-refused',
  /** What a newer agent tells and this reader has no word for. */
  'other',
  /** Its journal and outbox were damaged: a new one was begun. */
  'journal-set-aside',
  /** Its disk takes nothing, and it therefore no commands; and when it does again. */
  'disk-failed',
  'disk-well',
  /** It tries to renew its certificate, and cannot for long; and when it has. */
  'certificate-not-renewed',
  'certificate-renewed',
  /** It is asked more than a head-end asks, and does not answer everything. */
  'asked-too-often',
] as const;
export type GatewayEventKind = (typeof gatewayEventKinds)[number];

/** What happens to a gateway itself, told at once and once: it is not kept for a time without line. */
export const gatewayEvent = record({
  session: need(1, sessionNumber),
  timeMs: need(2, timeStamp),
  kind: need(3, choice(gatewayEventKinds, { otherwise: 'other' })),
  say: need(4, text({ maxLength: 300, prose: true })),
  /** How often since it was last told. */
  count: can(5, integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
});
export type GatewayEvent = RecordOf<typeof gatewayEvent>;
