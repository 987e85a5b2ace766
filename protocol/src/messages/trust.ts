import { bytes, integer, list } from '../schema/field.ts';
import { need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';

export const trustRevision = integer({ min: 1, max: 0xffff_ffff });

/**
 * The keys whose signatures a gateway obeys: the one in use, and the next while it is announced. Replaces a list of a lower revision
 * as a whole. Signed by a key that the gateway trusts already, or by the recovery key that it was enrolled with. Every gateway hears
 * the same list, so that one that was away gets what it missed, in the order of the revisions.
 */
export const trustList = record(
  {
    revision: need(1, trustRevision),
    /** Ed25519. */
    commandKeys: need(2, list(bytes({ length: 32 }), { maxLength: 4 })),
  },
  { strict: true },
);
export type TrustList = RecordOf<typeof trustList>;
