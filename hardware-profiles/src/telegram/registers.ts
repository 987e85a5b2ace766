import type { FixedSource, Probe } from '../profile.ts';
import { encodeText, rawBits, toWords } from '../raw-words.ts';
import { WordImage } from '../word-image.ts';
import type { Telegram } from './telegram.ts';

/**
 * A meter that pushes telegrams answers no reads. So that all that reads points can read it, its last telegram is laid out as input
 * registers of a made-up map: numbers as float64 of four registers, states of one, texts of 24. A code that was not sent reads as not a number,
 * a state as 65535.
 */
export function telegramImage({ identification, numbers, texts }: Telegram): WordImage {
  const image = new WordImage();
  for (const [index, code] of numberCodes.entries())
    image.set('input', 4 * index, float64(numbers.get(code) ?? Number.NaN), 0);
  image.set('input', telegramMark.source.address, [telegramMark.equals], 0);
  for (const [index, code] of stateCodes.entries())
    image.set('input', firstState + index, [stateOf(numbers.get(code))], 0);
  for (const [index, code] of textCodes.entries()) {
    const text = code === identificationCode ? identification : (texts.get(code) ?? '');
    const words = encodeText(text.slice(0, 2 * textWords), textWords) ?? Array.from({ length: textWords }, () => 0);
    image.set('input', firstText + textWords * index, words, 0);
  }
  return image;
}

/** Tells the registers of a telegram from those of a device: the letters P1. */
export const telegramMark = {
  source: { table: 'input', address: 999 },
  type: 'uint16',
  equals: 0x5031,
} as const satisfies Probe;

/** Where a number of the telegram lies. Throws on a code that is not laid out: a mistake in the profile. */
export function obis(code: string): { readonly source: FixedSource; readonly type: 'float64' } {
  const index = numberCodes.indexOf(code);
  if (index < 0) throw new Error(`OBIS code ${code} is not laid out: add it to numberCodes`);
  return { source: { table: 'input', address: 4 * index }, type: 'float64' };
}

/** Where a state lies that the telegram gives as a small whole number, for `codes`. */
export function obisState(code: string): {
  readonly source: FixedSource;
  readonly type: 'uint16';
  readonly notImplemented: number;
} {
  const index = stateCodes.indexOf(code);
  if (index < 0) throw new Error(`OBIS code ${code} is not laid out: add it to stateCodes`);
  return { source: { table: 'input', address: firstState + index }, type: 'uint16', notImplemented: noState };
}

/** Where a text of the telegram lies; `/` is the identification of its first line. */
export function obisText(code: string): {
  readonly source: FixedSource;
  readonly type: 'text';
  readonly length: number;
} {
  const index = textCodes.indexOf(code);
  if (index < 0) throw new Error(`OBIS code ${code} is not laid out: add it to textCodes`);
  return { source: { table: 'input', address: firstText + textWords * index }, type: 'text', length: textWords };
}

const identificationCode = '/';
const firstState = 900;
const noState = 0xffff;
const firstText = 1_000;
const textWords = 24;

/** The order is the map: new ones at the end. */
const numberCodes: readonly string[] = [
  ...[1, 2, 16, 21, 41, 61, 22, 42, 62, 36, 56, 76].map((group) => `1-0:${group}.7.0`),
  ...[32, 52, 72, 31, 51, 71, 14].map((group) => `1-0:${group}.7.0`),
  ...['1.8.0', '1.8.1', '1.8.2', '2.8.0', '2.8.1', '2.8.2'].map((rest) => `1-0:${rest}`),
  '0-0:17.0.0',
  '1-0:31.4.0',
  '0-0:96.7.21',
  '0-0:96.7.9',
];
const stateCodes: readonly string[] = ['0-0:96.3.10'];
const textCodes: readonly string[] = [identificationCode, '0-0:96.1.1', '1-3:0.2.8', '0-0:96.1.4'];

function float64(value: number): readonly number[] {
  const raw = rawBits('float64', value);
  return raw === undefined ? [0x7ff8, 0, 0, 0] : toWords(raw, 4, 'big');
}

function stateOf(value: number | undefined): number {
  return value !== undefined && Number.isInteger(value) && value < noState ? value : noState;
}
