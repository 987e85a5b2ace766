import type { SeededRandom } from '../../devices/seeded-random.ts';

/** Heads and ends at which decoders of CBOR, of lengths and of numbers have gone wrong before. */
const oddBytes = [
  0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x60, 0x78, 0x7b, 0x7f, 0x80, 0x98,
  0x9b, 0x9f, 0xa0, 0xb8, 0xbb, 0xbf, 0xc0, 0xd8, 0xdf, 0xf4, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb, 0xfe, 0xff,
];
const longest = 70_000;

const pick = <T>(random: SeededRandom, among: readonly T[]): T | undefined => among[random.below(among.length)];

/** A valid sample with some things wrong: bytes changed, lost, doubled, cut off, or grown together with another sample. */
export function mutatedBytes(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  let bytes: number[] = [...(pick(random, samples) ?? [])];
  for (let change = random.below(5); change >= 0; change -= 1) {
    const at = random.below(bytes.length + 1);
    const span = 1 + random.below(8);
    switch (random.below(9)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = pick(random, oddBytes) ?? 0;
        break;
      case 2:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 3:
        bytes.splice(at, span);
        break;
      case 4:
        bytes.splice(at, 0, ...random.bytes(span));
        break;
      case 5:
        bytes.splice(at, 0, ...bytes.slice(at, at + 4 * span));
        break;
      case 6:
        bytes = bytes.slice(0, at);
        break;
      case 7:
        bytes = [...bytes.slice(0, at), ...(pick(random, samples) ?? [])].slice(0, longest);
        break;
      default:
        bytes.splice(at, 0, ...Array.from({ length: 1 + random.below(64) }, () => pick(random, oddBytes) ?? 0));
    }
  }
  return Uint8Array.from(bytes.slice(0, longest));
}

/** The same with text: lines and words move, and odd ones come in. */
export function mutatedText(random: SeededRandom, samples: readonly string[], words: readonly string[]): string {
  let text = pick(random, samples) ?? '';
  for (let change = random.below(5); change >= 0; change -= 1) {
    const at = random.below(text.length + 1);
    const to = at + random.below(20);
    switch (random.below(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(to);
        break;
      case 1:
        text = text.slice(0, at) + (pick(random, words) ?? '') + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + text.slice(at, to).repeat(1 + random.below(30)) + text.slice(to);
        break;
      case 3:
        text =
          text.slice(0, at) +
          String.fromCharCode(random.below(random.next() < 0.8 ? 128 : 0x1_0000)) +
          text.slice(at + 1);
        break;
      case 4:
        text = text.slice(0, at) + (pick(random, samples) ?? '').slice(random.below(40));
        break;
      default: {
        const lines = text.split('\n');
        lines.splice(random.below(lines.length), 1 + random.below(2), pick(random, lines) ?? '');
        text = lines.join('\n');
      }
    }
  }
  return text.slice(0, longest);
}

export const oddWords = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  "'",
  '- ',
  '\n',
  '\t',
  '  ',
  '#',
  '&a',
  '*a',
  '!!binary',
  '!!js/function',
  '<<:',
  '%',
  '|',
  '>',
  '?',
  '0',
  '-1',
  '1e999',
  'NaN',
  '.inf',
  '0x7fffffff',
  'null',
  'true',
  '~',
  '../../etc/passwd',
  '%2e%2e%2f',
  '\u0000',
  '\u202e',
  '😀',
  ';',
  '=cmd|',
  '__proto__',
  'constructor',
  'toString',
  '1-0:1.8.0(000123.456*kWh)',
  '!FFFF',
  '/XYZ',
];

/** Values that nobody expects where one stood. */
const oddValues: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  Number.NaN,
  '',
  'a',
  '\u0000',
  '../x',
  'x'.repeat(5_000),
  [],
  [[]],
  {},
  { __proto__: 1 },
  [null],
  2 ** 53,
];

/** A value with something in it exchanged, lost or too much. */
export function mutatedValue(random: SeededRandom, value: unknown, depth = 0): unknown {
  if (depth > 0 && random.next() < 0.2) return pick(random, oddValues);
  if (Array.isArray(value)) {
    const list: unknown[] = value.map((each) => (random.next() < 0.4 ? mutatedValue(random, each, depth + 1) : each));
    if (random.next() < 0.2) list.splice(random.below(list.length + 1), 1, pick(random, oddValues));
    return random.next() < 0.05 ? Array.from({ length: 300 }, () => list[0]) : list;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).flatMap(([key, each]) => {
      if (random.next() < 0.08) return [];
      return [
        [random.next() < 0.05 ? `${key}x` : key, random.next() < 0.4 ? mutatedValue(random, each, depth + 1) : each],
      ];
    });
    if (random.next() < 0.1) entries.push([pick(random, oddWords) ?? 'x', pick(random, oddValues)]);
    return Object.fromEntries(entries) as unknown;
  }
  if (typeof value === 'string' && random.next() < 0.7) return mutatedText(random, [value], oddWords);
  if (typeof value === 'number' && random.next() < 0.7) return value * (random.next() * 4 - 2);
  return random.next() < 0.5 ? value : pick(random, oddValues);
}
