import { list, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { maxDevicesPerGateway } from './birth.ts';
import { sequenceNumber } from './stamp.ts';

/** Who owns a tag and why may be left out where there are so many that they would not fit: the tag holds all the same. */
const deviceTag = record(
  {
    deviceId: need(1, text({ maxLength: 63 })),
    owner: can(2, text({ maxLength: 120, prose: true })),
    cause: can(3, text({ maxLength: 120, prose: true })),
  },
  { strict: true },
);
export type DeviceTag = RecordOf<typeof deviceTag>;

/**
 * All lock-outs of a gateway's devices; replaces those of a lower revision as a whole, so that a tag is lifted by a list without it.
 * Strict, for half a list of tags is none: the gateway then keeps the one that it has.
 */
export const tagList = record(
  {
    revision: need(1, sequenceNumber),
    tags: need(2, list(deviceTag, { maxLength: maxDevicesPerGateway })),
  },
  { strict: true },
);
export type TagList = RecordOf<typeof tagList>;
