const maxDepth = 8;
const maxItems = 16_384;

type Cursor = { readonly bytes: Uint8Array; at: number; itemsLeft: number };

class Fault extends Error {}

/**
 * Looks over one CBOR item (RFC 8949) without reading it, and says what is wrong with it, or `undefined`. It lets through what
 * Tiepoint says: whole numbers up to 2^53, floats, text, bytes, arrays and maps of definite length, true, false, null and
 * undefined; nested at most 8 deep, at most 16,384 items, no key twice, no byte to spare, and no tags.
 *
 * It comes before cbor-x because that gives meaning to tags whatever its options: 350 bytes of packed tables make it allocate
 * gigabytes, and a record defined in one message changes how the next one reads. It allocates nothing for what it looks at.
 */
export function scanCbor(bytes: Uint8Array): string | undefined {
  const cursor: Cursor = { bytes, at: 0, itemsLeft: maxItems };
  try {
    scanItem(cursor, 0);
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return cursor.at === bytes.length ? undefined : `${bytes.length - cursor.at} bytes too many`;
}

function scanItem(cursor: Cursor, depth: number): void {
  const head = cursor.bytes[cursor.at++];
  if (head === undefined) throw truncated();
  if ((cursor.itemsLeft -= 1) < 0) throw new Fault(`more than ${maxItems} items`);
  if (head < 24) return;
  if (depth > maxDepth) throw new Fault(`nested more than ${maxDepth} deep`);
  const major = head >> 5;
  if (major === 7) {
    scanSimple(cursor, head & 31);
    return;
  }
  if (major === 6) throw new Fault('tags are not read');
  const argument = readArgument(cursor, head & 31);
  switch (major) {
    case 2:
      claim(cursor, argument);
      return;
    case 3:
      scanText(cursor, argument);
      return;
    case 4:
      // Each item takes a byte at least: a length beyond the bytes left is refused before anyone makes room for it.
      if (argument > cursor.bytes.length - cursor.at) throw truncated();
      for (let i = 0; i < argument; i++) scanItem(cursor, depth + 1);
      return;
    case 5:
      scanMap(cursor, argument, depth + 1);
      return;
    default:
      if (argument > Number.MAX_SAFE_INTEGER - major) throw new Fault('a whole number beyond 2^53');
  }
}

/** Of two values for one key, two readers could believe different ones; and our keys are numbers. */
function scanMap(cursor: Cursor, size: number, depth: number): void {
  if (2 * size > cursor.bytes.length - cursor.at) throw truncated();
  const seen = new Set<string>();
  for (let i = 0; i < size; i++) {
    const start = cursor.at;
    const major = (cursor.bytes[start] ?? 0) >> 5;
    if (major !== 0 && major !== 1 && major !== 3) throw new Fault('a key is neither number nor text');
    scanItem(cursor, depth);
    const key = cursor.bytes.subarray(start, cursor.at).join();
    if (seen.has(key)) throw new Fault('a key comes twice');
    seen.add(key);
    scanItem(cursor, depth);
  }
}

/** The number in the head of an item: a value or a length. */
function readArgument(cursor: Cursor, low: number): number {
  if (low < 24) return low;
  if (low > 27) throw new Fault(low === 31 ? 'indefinite lengths are not read' : `head ${low} is reserved`);
  const size = 1 << (low - 24);
  const start = claim(cursor, size);
  let value = 0;
  for (let i = start; i < cursor.at; i++) value = value * 256 + (cursor.bytes[i] as number);
  // In its shortest form, so that one number has one spelling and a key cannot come twice in two.
  if (value < shortest[low - 24]!) throw new Fault('a number is not in its shortest form');
  return value;
}

const shortest = [24, 0x100, 0x1_0000, 0x1_0000_0000];

function claim(cursor: Cursor, size: number): number {
  const start = cursor.at;
  if (size > cursor.bytes.length - start) throw truncated();
  cursor.at = start + size;
  return start;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function scanText(cursor: Cursor, size: number): void {
  const start = claim(cursor, size);
  for (let i = start; i < cursor.at; i++) {
    if ((cursor.bytes[i] as number) < 128) continue;
    try {
      utf8.decode(cursor.bytes.subarray(start, cursor.at));
      return;
    } catch {
      throw new Fault('text is no UTF-8');
    }
  }
}

function scanSimple(cursor: Cursor, low: number): void {
  if (low >= 20 && low <= 23) return;
  if (low < 25 || low > 27)
    throw new Fault(low === 31 ? 'a break that ends nothing' : `simple value ${low} is not read`);
  claim(cursor, 1 << (low - 24));
}

function truncated(): Fault {
  return new Fault('it is cut off');
}
