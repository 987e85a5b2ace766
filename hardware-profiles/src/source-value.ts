import type { ResolvedSource } from './device-model.ts';
import { decodeText, encodeText, rawBits, rawNumber, toWords, unsigned } from './raw-words.ts';
import type { WordImage } from './word-image.ts';

/** What one source of a point holds. `code`: the raw bits that words and alarms are looked up by. */
export type SourceValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number; readonly code: bigint };

/**
 * Reads one source from an image. `undefined` is unknown: a word missing or older than `newerThanMs`, a value not
 * implemented, not finite or not plausible, or a scale factor that is missing or outside of −10…10.
 */
export function readSource(source: ResolvedSource, image: WordImage, newerThanMs?: number): SourceValue | undefined {
  const words = image.words(source, newerThanMs);
  if (words === undefined) return undefined;
  if (source.orders !== undefined) return orderIn(source.orders, words);
  if (source.type === 'text') {
    const text = decodeText(words);
    return text === undefined ? undefined : { kind: 'text', text };
  }
  const whole = unsigned(words, source.wordOrder);
  if (source.notImplemented.includes(whole)) return undefined;
  if (source.bit !== undefined) {
    const code = (whole >> BigInt(source.bit)) & mask(source);
    // A field of several bits that are all set, and mean nothing, is the field's own "not implemented".
    const meant = source.codes?.[Number(code)] !== undefined || source.alarmCodes?.[Number(code)] !== undefined;
    if (code === mask(source) && (source.bitCount ?? 1) > 1 && !meant) return undefined;
    return { kind: 'number', value: Number(code), code };
  }
  const raw = rawNumber(source.type, whole);
  const factor = factorOf(source, image, newerThanMs);
  if (raw === undefined || factor === undefined) return undefined;
  // A turned sign would make −0 of 0.
  const value = times(raw, factor) + 0;
  if (!Number.isFinite(value)) return undefined;
  if (source.plausible !== undefined && (value < source.plausible[0] || value > source.plausible[1])) return undefined;
  return { kind: 'number', value, code: whole };
}

/** Which order these words are: for an emulated device, and for a trace of what was written. */
function orderIn(orders: NonNullable<ResolvedSource['orders']>, words: readonly number[]): SourceValue | undefined {
  const name = Object.keys(orders).find((key) => orders[key]?.every((word, index) => word === words[index]) === true);
  return name === undefined ? undefined : { kind: 'text', text: name };
}

/** Why a value cannot be written into a source. */
export type Unwritable = 'scale-factor-unknown' | 'word-unknown' | 'out-of-range';

/**
 * The words that make a source hold a number or text. A source of bits keeps the other bits of the word, which must be in the
 * image and fresh.
 */
export function wordsForSource(
  source: ResolvedSource,
  value: number | string,
  image: WordImage,
  newerThanMs?: number,
): readonly number[] | Unwritable {
  if (source.orders !== undefined) return (typeof value === 'string' && source.orders[value]) || 'out-of-range';
  if (source.type === 'text') return (typeof value === 'string' && encodeText(value, source.words)) || 'out-of-range';
  if (typeof value === 'string') return 'out-of-range';
  if (source.bit !== undefined) return wordsWithBits(source, value, image, newerThanMs);
  if (source.plausible !== undefined && (value < source.plausible[0] || value > source.plausible[1]))
    return 'out-of-range';
  const factor = factorOf(source, image, newerThanMs);
  if (factor === undefined) return 'scale-factor-unknown';
  const raw = rawBits(source.type, over(value, factor));
  if (raw === undefined || source.notImplemented.includes(raw)) return 'out-of-range';
  return toWords(raw, source.words, source.wordOrder);
}

function wordsWithBits(
  source: ResolvedSource,
  code: number,
  image: WordImage,
  newerThanMs?: number,
): readonly number[] | Unwritable {
  const present = image.words(source, newerThanMs);
  // All ones say that there are no bits to change.
  if (present === undefined || source.notImplemented.includes(unsigned(present, source.wordOrder)))
    return 'word-unknown';
  const shift = BigInt(source.bit ?? 0);
  const bits = mask(source);
  if (!Number.isInteger(code) || code < 0 || BigInt(code) > bits) return 'out-of-range';
  const changed = (unsigned(present, source.wordOrder) & ~(bits << shift)) | (BigInt(code) << shift);
  return toWords(changed, source.words, source.wordOrder);
}

const mask = (source: ResolvedSource): bigint => (1n << BigInt(source.bitCount ?? 1)) - 1n;

/** Everything that the raw number is multiplied by; `undefined` while the scale factor is unknown or absurd. */
function factorOf(source: ResolvedSource, image: WordImage, newerThanMs?: number): number | undefined {
  const factor = source.scale * source.sign;
  if (source.scaleFactorAddress === undefined) return factor;
  const [word] = image.words({ table: source.table, address: source.scaleFactorAddress, words: 1 }, newerThanMs) ?? [];
  if (word === undefined) return undefined;
  const exponent = word < 0x8000 ? word : word - 0x1_0000;
  // SunSpec allows −10…10; 0x8000 says not implemented.
  if (exponent < -10 || exponent > 10) return undefined;
  return exponent < 0 ? factor / 10 ** -exponent : factor * 10 ** exponent;
}

// Dividing by 10 gives 239.2 where multiplying by 0.1 gives 239.20000000000002.
function times(value: number, factor: number): number {
  const inverse = Math.round(1 / factor);
  return Math.abs(factor) < 1 && Math.abs(1 / factor - inverse) < 1e-9 * Math.abs(inverse)
    ? value / inverse
    : value * factor;
}

function over(value: number, factor: number): number {
  const inverse = Math.round(1 / factor);
  return Math.abs(factor) < 1 && Math.abs(1 / factor - inverse) < 1e-9 * Math.abs(inverse)
    ? value * inverse
    : value / factor;
}
