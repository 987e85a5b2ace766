import { alarmCodes } from '../points.ts';
import { choice, scaled, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { sequenceNumber, sessionNumber, timeQuality, timeStamp } from './stamp.ts';

export const eventKinds = [
  'threshold-crossed',
  'alarm-raised',
  'alarm-cleared',
  'switch-changed',
  'breaker-changed',
  'control-changed',
  'connection-changed',
  'operating-state-changed',
  'health-changed',
  'load-side-voltage-changed',
  'relay-changed',
  'value-unrepresentable',
  /** What a newer agent tells and this reader has no word for. */
  'other',
  /** A commissioning that broke off had moved it, and did not see it as it was before (`from`). Told at every start until it did. */
  'left-moved',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Told at once, not at the next status. Carries the device's `seq` like a status does. */
export const event = record({
  session: need(1, sessionNumber),
  seq: need(2, sequenceNumber),
  timeMs: need(3, timeStamp),
  timeQuality: need(4, timeQuality),
  kind: need(5, choice(eventKinds, { otherwise: 'other' })),
  from: can(6, text({ maxLength: 64 })),
  to: can(7, text({ maxLength: 64 })),
  alarm: can(8, choice(alarmCodes, { otherwise: 'device-alarm' })),
  /** Generation in percent of rated power, and the threshold that it crossed. */
  valuePct: can(9, scaled({ step: 0.1, min: -1_000, max: 1_000, unit: '%' })),
  thresholdPct: can(10, scaled({ step: 0.1, min: 0, max: 200, unit: '%' })),
  direction: can(11, choice(['up', 'down'])),
  point: can(12, text({ maxLength: 64 })),
});
export type DeviceEvent = RecordOf<typeof event>;
