import { protocolVersion } from '../messages/birth.ts';
import type { Failure } from '../result.ts';
import { maxMessageBytes, toCbor } from '../schema/cbor.ts';
import type { Topic } from '../topics.ts';
import { thumbprint } from './ed25519.ts';
import type { Signer, VerifyingKey } from './ed25519.ts';
import { decodeSign1, encodeSign1, toBeSigned } from './sign1.ts';

/** What a message is signed for: it passes nowhere else. What every gateway hears alike names none. */
export type Place =
  | { readonly kind: 'host' | 'trust' }
  | { readonly kind: 'inquiry' | 'configuration' | 'command' | 'tags' | 'reads' | 'mode'; readonly gatewayId: string };

export type Opened =
  | { readonly ok: true; readonly content: Uint8Array; readonly kid: string }
  | Failure<'unsigned' | 'unknown-key' | 'forged'>;

/** More than this of content would make a message that nobody reads. */
export const maxContentBytes = maxMessageBytes - 512;

// COSE's numbers (RFC 9052, section 3.1; RFC 9053, section 2.2).
const label = { alg: 1, contentType: 3, kid: 4 } as const;
const edDsa = -8;

/** What comes down on this topic is signed for this place; `undefined`: nothing comes down on it. */
export function placeOf(topic: Topic): Place | undefined {
  switch (topic.of) {
    case 'host':
      return { kind: 'host' };
    case 'device':
      return topic.message === 'command' ? { kind: 'command', gatewayId: topic.gatewayId } : undefined;
    case 'gateway': {
      const { message, gatewayId } = topic;
      switch (message) {
        case 'trust':
          return { kind: 'trust' };
        case 'inquiry':
        case 'configuration':
        case 'tags':
        case 'reads':
        case 'mode':
          return { kind: message, gatewayId };
        default:
          return undefined;
      }
    }
  }
}

/** Signs content for its place. Throws RangeError beyond `maxContentBytes`. */
export function seal(content: Uint8Array, place: Place, signer: Signer): Uint8Array {
  if (content.length > maxContentBytes)
    throw new RangeError(`${content.length} bytes; signed content has at most ${maxContentBytes}`);
  const protectedHeader = headerOf(place, thumbprint(signer.publicKey));
  const signature = signer.sign(toBeSigned(protectedHeader, aadOf(place), content));
  return encodeSign1({ protectedHeader, payload: content, signature });
}

/**
 * Any bytes in, the content or a refusal out; never throws. Only what a key that `keyOf` gives signed for this very place passes.
 * The protected header is compared with the one that is expected, so that there is one spelling, one algorithm, and nothing else
 * to be read from it.
 */
export function openEnvelope(
  bytes: Uint8Array,
  place: Place,
  keyOf: (kid: string) => VerifyingKey | undefined,
): Opened {
  const read = decodeSign1(bytes);
  const kid = read && kidOf(read.protectedHeader, place);
  if (read === undefined || kid === undefined)
    return { ok: false, reason: 'unsigned', say: `is no signed ${place.kind} message` };
  const key = keyOf(kid);
  if (key === undefined)
    return {
      ok: false,
      reason: 'unknown-key',
      say: `is signed by ${kid.slice(0, 16)}…, a key that is not trusted here`,
    };
  return key.verify(toBeSigned(read.protectedHeader, aadOf(place), read.payload), read.signature)
    ? { ok: true, content: read.payload, kid }
    : {
        ok: false,
        reason: 'forged',
        say: `its signature is not that of ${kid.slice(0, 16)}… over this message in this place`,
      };
}

function headerOf({ kind }: Place, kid: Uint8Array): Uint8Array {
  // In the order of deterministic encoding (RFC 8949, section 4.2.1).
  return toCbor(
    new Map<number, number | string | Uint8Array>([
      [label.alg, edDsa],
      [label.contentType, `tiepoint/${kind}`],
      [label.kid, kid],
    ]),
  );
}

const kidBytes = 32;

/** The key's thumbprint stands at the end of the header; all before it is given by the place. */
function kidOf(header: Uint8Array, place: Place): string | undefined {
  const kid = header.slice(-kidBytes);
  if (kid.length !== kidBytes) return undefined;
  const expected = headerOf(place, kid);
  const same = expected.length === header.length && expected.every((byte, at) => byte === header[at]);
  return same ? Buffer.from(kid).toString('hex') : undefined;
}

function aadOf(place: Place): Uint8Array {
  const gatewayId = 'gatewayId' in place ? place.gatewayId : null;
  return toCbor(['tiepoint', protocolVersion, place.kind, gatewayId]);
}
