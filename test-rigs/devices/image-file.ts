import { readFile, writeFile } from 'node:fs/promises';
import {
  type DeviceLimits,
  RegisterImage,
  type RegisterTable,
  addressCount,
  isBitTable,
  registerTables,
} from './register-image.ts';

/**
 * Reads a register image from a text file:
 *
 *     # anything after a hash is a comment
 *     5375 6E53 0001        hex words, at rising addresses; holding registers from 40000 until told otherwise
 *     @ 40100               go on at this holding register (decimal, or 0x hex)
 *     @input 0              go on in another table: coil, discrete, input or holding; coils and discretes are 0000 or 0001
 *     ---- 00A1             a hole: the address cannot be read
 *
 * Every error names file and line; all are returned, at most 20.
 */
export async function loadImageFile(path: string, limits: Partial<DeviceLimits> = {}): Promise<ImageParse> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => error);
  if (typeof text === 'string') return parseImage(text, path, limits);
  const why = errorCode(text) === 'ENOENT' ? 'there is no such file' : String(text);
  return { ok: false, reason: 'unreadable-file', errors: [`${path}: ${why}`], say: `${path}: ${why}` };
}

export function parseImage(text: string, fileName: string, limits: Partial<DeviceLimits> = {}): ImageParse {
  const image = new RegisterImage(limits);
  const errors: string[] = [];
  const firstLine = new Map<string, number>();
  let table: RegisterTable = 'holding';
  let address = defaultHoldingBase;

  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const lineNumber = index + 1;
    const fail = (what: string): void => {
      errors.push(`${fileName}:${lineNumber}: ${what}`);
    };
    const content = line.replace(/#.*/, '').trim();
    if (content.startsWith('@')) {
      const directive = parseDirective(content);
      if (directive === undefined)
        fail(`"${content}" is no address line; write for example "@ 40000" or "@input 0x10"`);
      else ({ table, address } = directive);
      continue;
    }
    for (const word of content === '' ? [] : content.split(/\s+/)) {
      const what = placeWord(image, table, address, word);
      const key = `${table} ${address}`;
      const before = firstLine.get(key);
      if (what !== undefined) fail(what);
      else if (before !== undefined) fail(`${key} was given in line ${before} already; change one of the @ lines`);
      else firstLine.set(key, lineNumber);
      address++;
      if (errors.length >= maxErrors) return failed(errors);
    }
  }
  if (errors.length > 0) return failed(errors);
  if (firstLine.size === 0) return failed([`${fileName}: holds no registers; write hex words such as "5375 6E53"`]);
  return { ok: true, image };
}

export type ImageParse =
  | { ok: true; image: RegisterImage }
  | { ok: false; reason: 'unreadable-file' | 'bad-image'; errors: readonly string[]; say: string };

/** The text that `parseImage` reads back into the same words and holes. Access rules and limits are not in the form. */
export function formatImage(image: RegisterImage): string {
  const lines: string[] = [];
  for (const table of registerTables) {
    for (const run of runsOf(image.addresses(table))) {
      if (lines.length > 0) lines.push('');
      lines.push(`@${table} ${run[0]}`);
      const words = run.map((address) => formatWord(image, table, address));
      for (let i = 0; i < words.length; i += wordsPerLine) lines.push(words.slice(i, i + wordsPerLine).join(' '));
    }
  }
  return lines.join('\n') + '\n';
}

export async function saveImageFile(path: string, image: RegisterImage): Promise<void> {
  await writeFile(path, formatImage(image));
}

const defaultHoldingBase = 40_000;
const wordsPerLine = 10;
const maxErrors = 20;

function failed(errors: readonly string[]): ImageParse {
  return { ok: false, reason: 'bad-image', errors, say: errors.join('\n') };
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function parseDirective(content: string): { table: RegisterTable; address: number } | undefined {
  const match = /^@\s*([a-z]*)\s*(0x[0-9a-f]+|\d+)$/i.exec(content);
  if (match === null) return undefined;
  const name = match[1] === '' ? 'holding' : match[1]?.toLowerCase();
  const table = registerTables.find((candidate) => candidate === name);
  const address = Number(match[2]);
  return table === undefined || address >= addressCount ? undefined : { table, address };
}

/** Puts one word of the file into the image; returns what is wrong with it, if anything is. */
function placeWord(image: RegisterImage, table: RegisterTable, address: number, word: string): string | undefined {
  if (address >= addressCount) return `"${word}" would be at ${table} ${address}; the last address is 65535`;
  if (word === '----') {
    image.makeHole(table, address);
    return undefined;
  }
  if (!/^[0-9a-f]{4}$/i.test(word)) return `"${word}" is no register; write four hex digits, or ---- for a hole`;
  const value = Number.parseInt(word, 16);
  if (isBitTable(table) && value > 1) return `"${word}" is no ${table} state; write 0000 or 0001`;
  image.set(table, address, value);
  return undefined;
}

function formatWord(image: RegisterImage, table: RegisterTable, address: number): string {
  const word = image.isHole(table, address) ? undefined : image.get(table, address);
  return word === undefined ? '----' : word.toString(16).toUpperCase().padStart(4, '0');
}

function runsOf(addresses: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const address of addresses) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === address - 1) run.push(address);
    else runs.push([address]);
  }
  return runs;
}
