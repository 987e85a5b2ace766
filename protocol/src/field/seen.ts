import {
  anyShape,
  choiceShape,
  listShape,
  numberShape,
  objectShape,
  maybe,
  textShape,
  truthShape,
} from './json-shape.ts';
import type { Shaped } from './json-shape.ts';
import { hashShape, nameShape, proseShape, shortShape, timeShape } from './names.ts';

/** As `Liveness`, with what it is at the head-end. */
export const seenLivenesses = ['live', 'late', 'lost', 'never', 'held-back'] as const;

const count = numberShape({ min: 0, whole: true });

/** At most this many are told, the newest. */
export const maxSeenStatuses = 1_000;
export const maxSeenEvents = 1_000;

/**
 * What the head-end has seen of one device since `sinceMs` (its own clock): `GET /field/v1/devices/:deviceId/seen?sinceMs=`.
 * Statuses and events ascend in time. `missedSeqs`: numbers of the present session between the first and the last status that
 * neither a status nor an event here has; they were lost, or are still in the gateway's outbox.
 */
export const seenShape = objectShape({
  deviceId: nameShape,
  nowMs: timeShape,
  sinceMs: timeShape,
  liveness: choiceShape(seenLivenesses),
  gatewayOnline: truthShape,
  birth: maybe(
    objectShape({
      bornAtMs: timeShape,
      session: count,
      profile: textShape({ max: 64 }),
      profileHash: hashShape,
      manufacturer: maybe(shortShape),
      model: maybe(shortShape),
      serialNumber: maybe(shortShape),
      periodMs: count,
    }),
  ),
  statuses: listShape(objectShape({ session: count, seq: count, sampleMs: numberShape(), receivedMs: timeShape }), {
    max: maxSeenStatuses,
  }),
  missedSeqs: listShape(count, { max: maxSeenStatuses }),
  events: listShape(
    objectShape({
      seq: maybe(count),
      session: maybe(count),
      kind: textShape({ max: 64 }),
      atMs: timeShape,
      deviceTimeMs: maybe(numberShape()),
      late: truthShape,
      say: proseShape,
      detail: maybe(anyShape),
    }),
    { max: maxSeenEvents },
  ),
  /**
   * Since when receptions are noted: from the first question for this device, or for its gateway's assignment, and for half an hour
   * after the last. What came before is not told here.
   */
  notedSinceMs: timeShape,
  /** More was there than is told: ask with a later `sinceMs`. */
  truncated: truthShape,
});
export type Seen = Shaped<typeof seenShape>;
