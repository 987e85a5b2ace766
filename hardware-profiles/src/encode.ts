import type { NameplatePoint, ResolvedPoint, ResolvedSource } from './device-model.ts';
import { readSource, wordsForSource } from './source-value.ts';
import { toWords, unsigned } from './raw-words.ts';
import type { WordImage } from './word-image.ts';

type Encodable = Pick<ResolvedPoint | NameplatePoint, 'name' | 'sources'>;

/**
 * The profile read backwards: makes an image hold the words of a device that has this value. Bits beside those of the point are
 * kept. `undefined` makes the point unknown. False where the device could not tell this value; the image may then be half changed.
 */
export function encodePoint(
  point: Encodable,
  value: number | string | readonly string[] | undefined,
  image: WordImage,
  atMs = 0,
): boolean {
  if (value === undefined) return point.sources.map((source) => makeUnknown(source, image, atMs)).every(Boolean);
  if (typeof value === 'object') return encodeAlarms(point.sources, value, image, atMs);
  for (const source of point.sources) {
    const raw = source.codes === undefined ? value : codeOf(source.codes, value);
    if (raw !== undefined && write(source, raw, image, atMs)) return true;
    // The next source counts only while this one says nothing.
    if (!makeUnknown(source, image, atMs)) return false;
  }
  return false;
}

const codeOf = (codes: Readonly<Record<number, string>>, word: number | string): number | undefined => {
  const entry = Object.entries(codes).find(([, known]) => known === word);
  return entry === undefined ? undefined : Number(entry[0]);
};

function write(source: ResolvedSource, raw: number | string, image: WordImage, atMs: number): boolean {
  if (source.bit !== undefined && holdsNoBits(source, image))
    image.set(source.table, source.address, blank(source), atMs);
  const words = wordsForSource(source, raw, image);
  if (typeof words === 'string') return false;
  image.set(source.table, source.address, words, atMs);
  return true;
}

function holdsNoBits(source: ResolvedSource, image: WordImage): boolean {
  const present = image.words(source);
  return present === undefined || source.notImplemented.includes(unsigned(present, source.wordOrder));
}

function encodeAlarms(
  sources: readonly ResolvedSource[],
  alarms: readonly string[],
  image: WordImage,
  atMs: number,
): boolean {
  const told = new Set<string>();
  for (const source of sources) {
    if (readSource(source, image) === undefined) image.set(source.table, source.address, blank(source), atMs);
    const bits = Object.entries(source.alarmBits ?? {}).filter(([, alarm]) => alarms.includes(alarm));
    const coded = Object.entries(source.alarmCodes ?? {}).find(([, alarm]) => alarms.includes(alarm));
    for (const [, alarm] of coded === undefined ? bits : [coded]) told.add(alarm);
    const raw = coded === undefined ? bits.reduce((sum, [bit]) => sum + 2 ** Number(bit), 0) : Number(coded[0]);
    if (!write(source, raw, image, atMs)) return false;
  }
  return alarms.every((alarm) => told.has(alarm));
}

const blank = (source: ResolvedSource): number[] => Array.from({ length: source.words }, () => 0);

/** Writes what the source calls not implemented, or a code that means nothing. False if it has neither. */
export function makeUnknown(source: ResolvedSource, image: WordImage, atMs: number): boolean {
  const words = unknownWords(source, image);
  if (words === undefined) return false;
  image.set(source.table, source.address, words, atMs);
  return true;
}

function unknownWords(source: ResolvedSource, image: WordImage): readonly number[] | undefined {
  const { type, words, wordOrder, notImplemented, codes, bit, bitCount = 1, orders } = source;
  // At rest a register of orders reads zero, unless that is an order too.
  if (orders !== undefined)
    return Object.values(orders).some((order) => order.every((word) => word === 0)) ? undefined : blank(source);
  if (type === 'text') return blank(source);
  if (bit !== undefined && codes !== undefined) {
    const free = Array.from({ length: 2 ** bitCount }, (_, code) => code).find((code) => codes[code] === undefined);
    if (free === undefined) return notImplementedWords(source);
    if (holdsNoBits(source, image)) image.set(source.table, source.address, blank(source), 0);
    const changed = wordsForSource(source, free, image);
    return typeof changed === 'string' ? undefined : changed;
  }
  if (type === 'float32') return toWords(0x7fc0_0000n, words, wordOrder);
  if (type === 'float64') return toWords(0x7ff8_0000_0000_0000n, words, wordOrder);
  if (notImplemented.length > 0) return notImplementedWords(source);
  if (codes === undefined || bit !== undefined) return undefined;
  const free = (type === 'bit' ? [0, 1] : [0xffff, 0xfffe, 0]).find((code) => codes[code] === undefined);
  return free === undefined ? undefined : toWords(BigInt(free), words, wordOrder);
}

function notImplementedWords({ notImplemented, words, wordOrder }: ResolvedSource): readonly number[] | undefined {
  const [first] = notImplemented;
  return first === undefined ? undefined : toWords(first, words, wordOrder);
}
