/**
 * Stands for what CBOR can say and Tiepoint never does: a tagged value (date, set, typed array, big number), a whole number beyond
 * 2^53, a simple value other than true, false, null and undefined. Every field refuses it; an unknown key may carry it.
 */
export const foreign: unique symbol = Symbol('foreign');

/** Thrown for bytes that are no CBOR, or more of it than a message of ours can hold. Never leaves this folder. */
export class Malformed extends Error {}

const maxDepth = 8;
const maxItems = 16_384;

type Cursor = { readonly bytes: Uint8Array; at: number; itemsLeft: number };

/**
 * Reads one CBOR item (RFC 8949) that fills `bytes`: whole and floating numbers, text, bytes, arrays, maps, true, false, null,
 * undefined. Byte strings are views into `bytes`. Throws Malformed for anything truncated, of indefinite length, nested more
 * than 8 deep, of more than 16,384 items, with a key twice or with bytes to spare.
 *
 * Written here because the reader of cbor-x gives meaning to tags whatever its options: 350 bytes of packed tables make it
 * allocate gigabytes, and a record defined in one message changes how the next one reads.
 */
export function readCbor(bytes: Uint8Array): unknown {
  const cursor: Cursor = { bytes, at: 0, itemsLeft: maxItems };
  const value = readItem(cursor, 0);
  if (cursor.at !== bytes.length) throw new Malformed(`${bytes.length - cursor.at} bytes too many`);
  return value;
}

function readItem(cursor: Cursor, depth: number): unknown {
  const { bytes } = cursor;
  const head = bytes[cursor.at++];
  if (head === undefined) throw truncated();
  if ((cursor.itemsLeft -= 1) < 0) throw new Malformed(`more than ${maxItems} items`);
  if (head < 24) return head;
  if (depth > maxDepth) throw new Malformed(`nested more than ${maxDepth} deep`);
  const major = head >> 5;
  if (major === 7) return readSimple(cursor, head & 31);
  const argument = readArgument(cursor, head & 31);
  switch (major) {
    case 0:
      return argument <= Number.MAX_SAFE_INTEGER ? argument : foreign;
    case 1:
      return argument < Number.MAX_SAFE_INTEGER ? -1 - argument : foreign;
    case 2:
      return bytes.subarray(claim(cursor, argument), cursor.at);
    case 3:
      return readText(cursor, argument);
    case 4:
      return readArray(cursor, argument, depth + 1);
    case 5:
      return readMap(cursor, argument, depth + 1);
    default:
      readItem(cursor, depth + 1);
      return foreign;
  }
}

/** The number in the head of an item: a value, a length or a tag. */
function readArgument(cursor: Cursor, low: number): number {
  if (low < 24) return low;
  switch (low) {
    case 24:
      return byteAt(cursor, claim(cursor, 1));
    case 25:
      return read16(cursor, claim(cursor, 2));
    case 26:
      return read32(cursor, claim(cursor, 4));
    case 27:
      return read32(cursor, claim(cursor, 4)) * 0x1_0000_0000 + read32(cursor, claim(cursor, 4));
    case 31:
      throw new Malformed('indefinite lengths are not read');
    default:
      throw new Malformed(`head ${low} is reserved`);
  }
}

/** `at` must lie in bytes that were claimed. */
function byteAt({ bytes }: Cursor, at: number): number {
  return bytes[at] as number;
}

function read16(cursor: Cursor, at: number): number {
  return (byteAt(cursor, at) << 8) | byteAt(cursor, at + 1);
}

function read32(cursor: Cursor, at: number): number {
  return read16(cursor, at) * 0x1_0000 + read16(cursor, at + 2);
}

/** Moves over `size` bytes and says where they begin. */
function claim(cursor: Cursor, size: number): number {
  const start = cursor.at;
  if (size > cursor.bytes.length - start) throw truncated();
  cursor.at = start + size;
  return start;
}

// A byte order mark is text like any other; bytes that are no UTF-8 are no text.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(cursor: Cursor, size: number): string {
  const start = claim(cursor, size);
  let ascii = '';
  for (let i = start; size <= 24 && i < cursor.at; i++) {
    const byte = byteAt(cursor, i);
    if (byte > 127) break;
    ascii += String.fromCharCode(byte);
  }
  if (ascii.length === size) return ascii;
  try {
    return utf8.decode(cursor.bytes.subarray(start, cursor.at));
  } catch {
    throw new Malformed('text is no UTF-8');
  }
}

function readArray(cursor: Cursor, length: number, depth: number): unknown[] {
  // Each item takes a byte at least: a length beyond the bytes left is refused before room is made for it.
  if (length > cursor.bytes.length - cursor.at) throw truncated();
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) items.push(readItem(cursor, depth));
  return items;
}

function readMap(cursor: Cursor, size: number, depth: number): Map<number | string, unknown> {
  if (2 * size > cursor.bytes.length - cursor.at) throw truncated();
  const map = new Map<number | string, unknown>();
  for (let i = 0; i < size; i++) {
    const key = readItem(cursor, depth);
    const value = readItem(cursor, depth);
    if (typeof key !== 'number' && typeof key !== 'string') throw new Malformed('a key is neither number nor text');
    // Of two values for one key, two readers could believe different ones.
    if (map.has(key)) throw new Malformed('a key comes twice');
    map.set(key, value);
  }
  return map;
}

function readSimple(cursor: Cursor, low: number): unknown {
  switch (low) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
      return null;
    case 23:
      return undefined;
    case 24:
      claim(cursor, 1);
      return foreign;
    case 25:
      return readFloat(cursor, 2);
    case 26:
      return readFloat(cursor, 4);
    case 27:
      return readFloat(cursor, 8);
    case 31:
      throw new Malformed('a break that ends nothing');
    default:
      if (low < 20) return foreign;
      throw new Malformed(`head ${low} is reserved`);
  }
}

function readFloat(cursor: Cursor, size: 2 | 4 | 8): number {
  const { buffer, byteOffset } = cursor.bytes;
  const view = new DataView(buffer, byteOffset + claim(cursor, size), size);
  return size === 2 ? halfFloat(view.getUint16(0)) : size === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

/** RFC 8949, appendix D. */
function halfFloat(half: number): number {
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent < 31
        ? (mantissa + 1024) * 2 ** (exponent - 25)
        : mantissa === 0
          ? Infinity
          : NaN;
  return half & 0x8000 ? -size : size;
}

function truncated(): Malformed {
  return new Malformed('it is cut off');
}
