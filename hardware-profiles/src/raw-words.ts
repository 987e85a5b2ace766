import type { WordOrder, WordType } from './profile.ts';

const sizes: Record<Exclude<WordType, 'text'>, number> = {
  int16: 1,
  uint16: 1,
  bit: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
};

/** Registers (or, for coils, bits) that a value of this type takes. `length` is that of a text. */
export function wordsOf(type: WordType, length: number | undefined): number {
  return type === 'text' ? (length ?? 0) : sizes[type];
}

/** The words as one unsigned integer. */
export function unsigned(words: readonly number[], order: WordOrder): bigint {
  const bigEndian = order === 'big' ? words : words.toReversed();
  return bigEndian.reduce((sum, word) => (sum << 16n) | BigInt(word & 0xffff), 0n);
}

/** The inverse of `unsigned`: `count` words of an unsigned integer. */
export function toWords(raw: bigint, count: number, order: WordOrder): number[] {
  const bigEndian = Array.from({ length: count }, (_, index) =>
    Number((raw >> BigInt(16 * (count - 1 - index))) & 0xffffn),
  );
  return order === 'big' ? bigEndian : bigEndian.toReversed();
}

/** A number as it lies in its words, unscaled; `undefined` for a float that is not finite. Above 2^53 the last digits are lost. */
export function rawNumber(type: Exclude<WordType, 'text'>, raw: bigint): number | undefined {
  switch (type) {
    case 'bit':
      return raw === 0n ? 0 : 1;
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return Number(raw);
    case 'int16':
    case 'int32':
    case 'int64':
      return Number(BigInt.asIntN(16 * sizes[type], raw));
    case 'float32':
    case 'float64': {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, type === 'float32' ? raw << 32n : raw);
      const value = type === 'float32' ? view.getFloat32(0) : view.getFloat64(0);
      return Number.isFinite(value) ? value : undefined;
    }
  }
}

/** The inverse of `rawNumber`: rounds to the type's step; `undefined` if the number does not fit. */
export function rawBits(type: Exclude<WordType, 'text'>, value: number): bigint | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (type === 'float32' || type === 'float64') {
    const view = new DataView(new ArrayBuffer(8));
    if (type === 'float32') view.setFloat32(0, value);
    else view.setFloat64(0, value);
    const bits = type === 'float32' ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
    return rawNumber(type, bits) === undefined ? undefined : bits;
  }
  const whole = BigInt(Math.round(value));
  const bits = type === 'bit' ? 1 : 16 * sizes[type];
  const signed = type.startsWith('int');
  if ((signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)) !== whole) return undefined;
  return BigInt.asUintN(bits, whole);
}

/** ASCII, two characters a word, up to the first NUL; what cannot be printed is left out; empty is unknown. */
export function decodeText(words: readonly number[]): string | undefined {
  let text = '';
  for (const byte of words.flatMap((word) => [word >> 8, word & 0xff])) {
    if (byte === 0) break;
    if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
  }
  return text.trim() || undefined;
}

/** Padded with NUL; `undefined` if it is too long or not printable ASCII. */
export function encodeText(text: string, words: number): number[] | undefined {
  if (text.length > 2 * words || !/^[\x20-\x7e]*$/.test(text)) return undefined;
  const byte = (index: number): number => (index < text.length ? text.charCodeAt(index) : 0);
  return Array.from({ length: words }, (_, index) => (byte(2 * index) << 8) | byte(2 * index + 1));
}
