import type { Wire } from './field.ts';

/** The largest message anyone of us sends or reads. */
export const maxMessageBytes = 65_536;

const slabBytes = 8192;

/** Messages are written one behind the other into a slab of memory: a view of it costs a fraction of memory of their own. */
let slab = new Uint8Array(slabBytes);
let slabUsed = 0;

type Cursor = { readonly into: Uint8Array; at: number };

/**
 * Writes one value as CBOR (RFC 8949) in its shortest form: whole numbers up to 2^53 as such, definite lengths, no tags. The bytes
 * are never written over; their `buffer` holds other messages too. Throws RangeError beyond `maxMessageBytes`, which nobody
 * would read, and for a number that is not whole.
 */
export function writeCbor(wire: Wire): Uint8Array {
  const start = slabUsed;
  const cursor: Cursor = { into: slab, at: start };
  writeItem(cursor, wire);
  // Writing past the end of the memory changes nothing, and shows here.
  if (cursor.at <= slabBytes) {
    slabUsed = cursor.at;
    return slab.subarray(start, slabUsed);
  }
  const length = cursor.at - start;
  if (length > maxMessageBytes) throw new RangeError(`${length} bytes; a message has at most ${maxMessageBytes}`);
  slab = new Uint8Array(slabBytes);
  slabUsed = 0;
  if (length <= slabBytes) return writeCbor(wire);
  const own = new Uint8Array(length);
  writeItem({ into: own, at: 0 }, wire);
  return own;
}

function writeItem(cursor: Cursor, wire: Wire): void {
  if (typeof wire === 'number') writeNumber(cursor, wire);
  else if (wire === null) cursor.into[cursor.at++] = 0xf6;
  else if (typeof wire === 'string') writeText(cursor, wire);
  else if (typeof wire === 'boolean') cursor.into[cursor.at++] = wire ? 0xf5 : 0xf4;
  else if (Array.isArray(wire)) {
    writeHead(cursor, 4, wire.length);
    for (const item of wire) writeItem(cursor, item);
  } else if (wire instanceof Map) {
    writeHead(cursor, 5, wire.size);
    for (const [key, value] of wire) {
      writeNumber(cursor, key);
      writeItem(cursor, value);
    }
  } else {
    writeHead(cursor, 2, wire.length);
    writeBytes(cursor, wire);
  }
}

function writeNumber(cursor: Cursor, value: number): void {
  if (value >= 0 && value < 24 && value >>> 0 === value) cursor.into[cursor.at++] = value;
  else if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  else if (value >= 0) writeHead(cursor, 0, value);
  else writeHead(cursor, 1, -1 - value);
}

const utf8 = new TextEncoder();

function writeText(cursor: Cursor, text: string): void {
  const bytes = utf8.encode(text);
  writeHead(cursor, 3, bytes.length);
  writeBytes(cursor, bytes);
}

function writeBytes(cursor: Cursor, bytes: Uint8Array): void {
  if (cursor.at + bytes.length <= cursor.into.length) cursor.into.set(bytes, cursor.at);
  cursor.at += bytes.length;
}

function writeHead(cursor: Cursor, major: number, argument: number): void {
  const kind = major << 5;
  if (argument < 24) {
    cursor.into[cursor.at++] = kind | argument;
  } else if (argument < 0x100) {
    cursor.into[cursor.at++] = kind | 24;
    cursor.into[cursor.at++] = argument;
  } else if (argument < 0x1_0000) {
    cursor.into[cursor.at++] = kind | 25;
    cursor.into[cursor.at++] = argument >>> 8;
    cursor.into[cursor.at++] = argument;
  } else if (argument <= 0xffff_ffff) {
    cursor.into[cursor.at++] = kind | 26;
    write32(cursor, argument);
  } else {
    cursor.into[cursor.at++] = kind | 27;
    write32(cursor, Math.floor(argument / 0x1_0000_0000));
    write32(cursor, argument >>> 0);
  }
}

function write32(cursor: Cursor, value: number): void {
  cursor.into[cursor.at++] = value >>> 24;
  cursor.into[cursor.at++] = value >>> 16;
  cursor.into[cursor.at++] = value >>> 8;
  cursor.into[cursor.at++] = value;
}
