import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';

/** What a meter says of itself every 1 to 10 s on its P1 port. Numbers in W, Wh, V, A, Hz and s; texts as they read. */
export type Telegram = {
  /** The rest of the first line: make and model, as the meter gives them. */
  readonly identification: string;
  readonly numbers: ReadonlyMap<string, number>;
  readonly texts: ReadonlyMap<string, string>;
};

/**
 * Reads one telegram of the P1 companion standard (DSMR 2.2 to 5.0, eMUCS-P1), from its `/` to the line of its `!`, CRC included
 * where there is one. With `checksum: 'crc16'` a telegram without a right CRC is refused; `'none'` is for meters before DSMR 4,
 * which send none. Lines that cannot be read are left out: their values are unknown. Never throws.
 */
export function readTelegram(bytes: Uint8Array, checksum: 'crc16' | 'none'): Result<Telegram> {
  const end = bytes.lastIndexOf(exclamation);
  if (bytes[0] !== slash || end < 0) return no('invalid', 'No telegram: it begins with / and ends with !.');
  const told = latin(bytes.subarray(end + 1)).trim();
  if (checksum === 'crc16') {
    const counted = crc16(bytes.subarray(0, end + 1))
      .toString(16)
      .toUpperCase()
      .padStart(4, '0');
    if (told === '')
      return no('invalid', 'The telegram ends without a CRC: a meter before DSMR 4? Then set checksum: none.');
    if (told.toUpperCase() !== counted)
      return no('invalid', `The telegram's CRC is ${told}, counted ${counted}: noise?`);
  }
  const [first = '', ...lines] = latin(bytes.subarray(1, end)).split(/\r?\n/);
  const numbers = new Map<string, number>();
  const texts = new Map<string, string>();
  for (const line of lines) {
    const object = /^(\d+-\d+:\d+\.\d+\.\d+)\(([^()]*)\)$/.exec(line.trim());
    if (object === null) continue;
    const [, code = '', content = ''] = object;
    const number = numberIn(content);
    if (number !== undefined) numbers.set(code, number);
    texts.set(code, plainText(content));
  }
  addSums(numbers);
  return done({ identification: first.trim().slice(0, 96), numbers, texts });
}

/** Finds telegrams in a stream of bytes that begins anywhere; drops what cannot be one. Holds at most 8 KiB. */
export class TelegramSplitter {
  #held: number[] = [];
  dropped = 0;

  /** Whole telegrams, each from `/` to the end of the line that `!` stands in. */
  take(bytes: Uint8Array): readonly Uint8Array[] {
    const whole: Uint8Array[] = [];
    for (const byte of bytes) {
      // A new beginning before the end: the rest of the one before is lost. A `/` inside a line is none.
      const atLineStart = this.#held.length === 0 || this.#held.at(-1) === lineFeed;
      if (byte === slash && atLineStart) this.#drop();
      else if (this.#held.length === 0) continue;
      this.#held.push(byte);
      if (byte === lineFeed && this.#endsHere()) {
        whole.push(Uint8Array.from(this.#held));
        this.#held = [];
      } else if (this.#held.length >= longestBytes) this.#drop();
    }
    return whole;
  }

  #endsHere(): boolean {
    const lineStart = this.#held.lastIndexOf(lineFeed, -2) + 1;
    return this.#held[lineStart] === exclamation;
  }

  #drop(): void {
    if (this.#held.length > 0) this.dropped += 1;
    this.#held = [];
  }
}

const slash = 0x2f;
const exclamation = 0x21;
const lineFeed = 0x0a;
/** The standard's longest message text alone is 2 KiB. */
const longestBytes = 8_192;

// Seven data bits leave the eighth to parity; these ports are opened with it, so that bytes are plain.
const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const toBase: Readonly<Record<string, number>> = { kW: 1000, kWh: 1000, W: 1, Wh: 1, V: 1, A: 1, Hz: 1, s: 1, '': 1 };

function numberIn(content: string): number | undefined {
  const read = /^(\d{1,12}(?:\.\d{1,6})?)(?:\*(\w+))?$/.exec(content);
  const factor = toBase[read?.[2] ?? ''];
  if (read === null || factor === undefined) return undefined;
  // Decimal places as the meter gives them, not those of the binary product.
  return Number((Number(read[1]) * factor).toFixed(6));
}

/** Identifiers travel as hexadecimal codes of their letters. */
function plainText(content: string): string {
  if (!/^(?:[2-7][0-9A-Fa-f]){4,48}$/.test(content)) return content;
  return content.replaceAll(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
}

/** Meters tell import and export, and tariffs, apart; the OBIS codes of net power and of totals are made where they are not sent. */
const sums: readonly { readonly code: string; readonly plus: readonly string[]; readonly minus?: string }[] = [
  { code: '1-0:16.7.0', plus: ['1-0:1.7.0'], minus: '1-0:2.7.0' },
  { code: '1-0:36.7.0', plus: ['1-0:21.7.0'], minus: '1-0:22.7.0' },
  { code: '1-0:56.7.0', plus: ['1-0:41.7.0'], minus: '1-0:42.7.0' },
  { code: '1-0:76.7.0', plus: ['1-0:61.7.0'], minus: '1-0:62.7.0' },
  { code: '1-0:1.8.0', plus: ['1-0:1.8.1', '1-0:1.8.2'] },
  { code: '1-0:2.8.0', plus: ['1-0:2.8.1', '1-0:2.8.2'] },
];

function addSums(numbers: Map<string, number>): void {
  for (const { code, plus, minus } of sums) {
    const parts = [...plus, ...(minus === undefined ? [] : [minus])].map((part) => numbers.get(part));
    if (numbers.has(code) || parts.some((part) => part === undefined)) continue;
    const signed = parts.map((part, index) => (index < plus.length ? (part ?? 0) : -(part ?? 0)));
    numbers.set(code, Number(signed.reduce((sum, part) => sum + part, 0).toFixed(6)));
  }
}

/** CRC-16/ARC: polynomial x^16 + x^15 + x^2 + 1, least significant bit first, begins with zero (P1 companion standard 5.0.2, 5.2). */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
