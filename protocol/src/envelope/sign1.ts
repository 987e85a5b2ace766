import { fromCbor, toCbor } from '../schema/cbor.ts';

/** An untagged COSE_Sign1 (RFC 9052, section 4.2), apart from its unprotected header, which is empty. */
export type Sign1 = {
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

/** What is signed: the Sig_structure of RFC 9052, section 4.4. */
export function toBeSigned(protectedHeader: Uint8Array, externalAad: Uint8Array, payload: Uint8Array): Uint8Array {
  return toCbor(['Signature1', protectedHeader, externalAad, payload]);
}

export function encodeSign1({ protectedHeader, payload, signature }: Sign1): Uint8Array {
  return toCbor([protectedHeader, new Map(), payload, signature]);
}

/** Any bytes in; `undefined` where they are no such object. Nothing is verified. */
export function decodeSign1(bytes: Uint8Array): Sign1 | undefined {
  const read = fromCbor(bytes);
  if (!read.ok || !Array.isArray(read.value) || read.value.length !== 4) return undefined;
  const [protectedHeader, unprotected, payload, signature] = read.value as readonly unknown[];
  // What nobody signed says nothing: there is no need of any of it, so it is not let through.
  if (!(unprotected instanceof Map) || unprotected.size > 0) return undefined;
  const header = bytesOf(protectedHeader);
  const content = bytesOf(payload);
  const signed = bytesOf(signature);
  return header && content && signed && { protectedHeader: header, payload: content, signature: signed };
}

/** Of their own: what was received may be written over. */
function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? new Uint8Array(value) : undefined;
}
