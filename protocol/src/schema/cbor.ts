import { Malformed, readCbor } from './cbor-reader.ts';
import { maxMessageBytes, writeCbor } from './cbor-writer.ts';
import { refuse } from './field.ts';
import type { Decoded } from './field.ts';

export { maxMessageBytes, writeCbor as toCbor };

/**
 * Any bytes at all in, a value or a refusal out; never throws. Byte strings in the value are views into `bytes`; what no field
 * of ours carries (see `foreign`) is refused by the field that meets it.
 */
export function fromCbor(bytes: Uint8Array): Decoded<unknown> {
  if (bytes.length === 0 || bytes.length > maxMessageBytes)
    return refuse(`has ${bytes.length} bytes; 1 to ${maxMessageBytes} are read`);
  try {
    return { ok: true, value: readCbor(bytes) };
  } catch (error) {
    if (error instanceof Malformed) return refuse(`is no CBOR of ours: ${error.message}`);
    throw error;
  }
}
