import { Encoder } from 'cbor-x';
import { scanCbor } from './cbor-scan.ts';
import { refuse } from './field.ts';
import type { Decoded, Wire } from './field.ts';

/** The largest message anyone of us sends or reads. */
export const maxMessageBytes = 65_536;

// `int64AsNumber` is missing in the library's types.
const options = {
  useRecords: false,
  mapsAsObjects: false,
  variableMapSize: true,
  tagUint8Array: false,
  int64AsNumber: true,
};
const codec = new Encoder(options);

/**
 * Writes one value as CBOR. Whole numbers beyond 32 bits travel as float64, which carries them exactly up to 2^53. The bytes
 * are not written over later; their `buffer` holds other messages, too. Throws RangeError beyond `maxMessageBytes`, which
 * nobody would read.
 */
export function toCbor(wire: Wire): Uint8Array {
  const bytes = codec.encode(wire);
  if (bytes.length > maxMessageBytes)
    throw new RangeError(`${bytes.length} bytes; a message has at most ${maxMessageBytes}`);
  return bytes;
}

/** Any bytes at all in, a value or a refusal out; never throws. */
export function fromCbor(bytes: Uint8Array): Decoded<unknown> {
  if (bytes.length === 0 || bytes.length > maxMessageBytes)
    return refuse(`has ${bytes.length} bytes; 1 to ${maxMessageBytes} are read`);
  const fault = scanCbor(bytes);
  if (fault !== undefined) return refuse(`is no CBOR of ours: ${fault}`);
  try {
    return { ok: true, value: codec.decode(bytes) };
  } catch (error) {
    return refuse(`is no CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
}
