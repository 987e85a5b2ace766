import type { ReadOutcome, ReadRequest, Span } from './device-model.ts';
import type { Table } from './profile.ts';

type Entry = { readonly word: number; readonly atMs: number };

/** The words of one device, each with the time it was read. Mutable; a word that was never read is `undefined`. */
export class WordImage {
  readonly #tables: Record<Table, Map<number, Entry>> = {
    coil: new Map(),
    discrete: new Map(),
    input: new Map(),
    holding: new Map(),
  };

  set(table: Table, address: number, words: readonly number[], atMs: number): void {
    words.forEach((word, index) => this.#tables[table].set(address + index, { word: word & 0xffff, atMs }));
  }

  get(table: Table, address: number): number | undefined {
    return this.#tables[table].get(address)?.word;
  }

  readAtMs(table: Table, address: number): number | undefined {
    return this.#tables[table].get(address)?.atMs;
  }

  /** All words of a span, or `undefined` if one is missing or was read before `newerThanMs`. */
  words({ table, address, words }: Span, newerThanMs?: number): number[] | undefined {
    const found: number[] = [];
    for (let index = 0; index < words; index++) {
      const entry = this.#tables[table].get(address + index);
      if (entry === undefined || (newerThanMs !== undefined && entry.atMs < newerThanMs)) return undefined;
      found.push(entry.word);
    }
    return found;
  }

  /** Forgets everything, or one table, or `words` words from an address of it. */
  forget(table?: Table, address?: number, words = 1): void {
    if (table === undefined) {
      for (const entries of Object.values(this.#tables)) entries.clear();
    } else if (address === undefined) {
      this.#tables[table].clear();
    } else {
      for (let index = 0; index < words; index++) this.#tables[table].delete(address + index);
    }
  }

  /** Every word of a table in ascending order of address. */
  entries(table: Table): readonly (readonly [address: number, word: number])[] {
    return [...this.#tables[table]].map(([address, { word }]) => [address, word] as const).sort(([a], [b]) => a - b);
  }
}

/** Answers a read from an image as a device would: exception 2 where a word is missing. */
export function readImage(image: WordImage, { table, address, quantity }: ReadRequest): ReadOutcome {
  const words = image.words({ table, address, words: quantity });
  if (words === undefined)
    return {
      ok: false,
      reason: 'exception',
      code: 2,
      say: `${table} ${address}–${address + quantity - 1}: illegal address`,
    };
  return { ok: true, words };
}
