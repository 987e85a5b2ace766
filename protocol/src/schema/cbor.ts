import { Encoder, setSizeLimits } from 'cbor-x';
import { refuse } from './field.ts';
import type { Decoded, Wire } from './field.ts';

/** The largest message anyone of us sends or reads. */
export const maxMessageBytes = 65_536;

// Without these a five-byte message that claims 2^27 elements makes the reader allocate gigabytes.
setSizeLimits({ maxArraySize: 8192, maxMapSize: 1024, maxObjectSize: 1024 });

const codec = new Encoder({ useRecords: false, mapsAsObjects: false, variableMapSize: true, tagUint8Array: false });

export function toCbor(wire: Wire): Uint8Array {
  return codec.encode(wire);
}

/** Any bytes at all in, a value or a refusal out; never throws. */
export function fromCbor(bytes: Uint8Array): Decoded<unknown> {
  if (bytes.length === 0 || bytes.length > maxMessageBytes) return refuse(`has ${bytes.length} bytes; 1 to ${maxMessageBytes} are read`);
  try {
    return { ok: true, value: codec.decode(bytes) };
  } catch (error) {
    return refuse(`is no CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
}
