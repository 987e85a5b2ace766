/**
 * The registers of one emulated device: four sparse tables, as the Modbus data model has them.
 *
 * The device's own side uses `get` and `set`, which know no access rules. The wire side uses `read` and `write`, which
 * refuse as a real device does: an address that is not in the image, or lies in a hole, gives exception 2; a quantity above the
 * device's limit gives exception 3. A coil or discrete input is a word of 0 or 1.
 */
export class RegisterImage {
  readonly limits: DeviceLimits;
  readonly #words: Record<RegisterTable, Map<number, number>> = tables(() => new Map<number, number>());
  readonly #holes: Record<RegisterTable, Set<number>> = tables(() => new Set<number>());
  readonly #access: Record<RegisterTable, Map<number, AccessRule>> = tables(() => new Map<number, AccessRule>());
  readonly #hooks = new Set<WriteHook>();

  constructor(limits: Partial<DeviceLimits> = {}) {
    this.limits = { ...protocolLimits, ...limits };
  }

  /** The word the device holds, whether or not the wire may read it; `undefined` where the image has none. */
  get(table: RegisterTable, address: number): number | undefined {
    return this.#words[table].get(address);
  }

  /** `count` words from `address`; `undefined` as soon as one is missing. */
  getWords(table: RegisterTable, address: number, count: number): number[] | undefined {
    const words: number[] = [];
    for (let i = 0; i < count; i++) {
      const word = this.get(table, address + i);
      if (word === undefined) return undefined;
      words.push(word);
    }
    return words;
  }

  /** Sets one word or several from `address` on, adding addresses that were not there. Calls no hook. */
  set(table: RegisterTable, address: number, words: number | readonly number[]): void {
    const list = typeof words === 'number' ? [words] : words;
    checkRange(address, list.length);
    for (const [i, word] of list.entries()) {
      checkWord(table, address + i, word);
      this.#words[table].set(address + i, word);
    }
  }

  /** Takes addresses out of the image: they answer exception 2 from now on. */
  remove(table: RegisterTable, address: number, count = 1): void {
    checkRange(address, count);
    for (let a = address; a < address + count; a++) this.#words[table].delete(a);
  }

  /** Makes addresses unreadable (exception 2) while their words are kept; `readable` heals them. */
  makeHole(table: RegisterTable, address: number, count = 1): void {
    checkRange(address, count);
    for (let a = address; a < address + count; a++) this.#holes[table].add(a);
  }

  makeReadable(table: RegisterTable, address: number, count = 1): void {
    checkRange(address, count);
    for (let a = address; a < address + count; a++) this.#holes[table].delete(a);
  }

  isHole(table: RegisterTable, address: number): boolean {
    return this.#holes[table].has(address);
  }

  /**
   * Which way the wire may use these addresses, and which exception the other way gives (2 unless told; some devices say 3).
   * Without a rule, coils and holding registers are read-write unless the image was made with `writes: 'where-allowed'`.
   */
  setAccess(table: RegisterTable, address: number, count: number, access: Access, exception: ExceptionCode = 2): void {
    checkRange(address, count);
    for (let a = address; a < address + count; a++) this.#access[table].set(a, { access, exception });
  }

  /**
   * Calls `hook` for every write from the wire that passed the checks, before the words are kept. Hooks are asked in the order
   * they were added; the first that does not say `ok` decides. Returns the function that takes the hook away.
   */
  onWrite(hook: WriteHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** A read from the wire. */
  read(table: RegisterTable, address: number, count: number): ReadResult {
    const limit = isBitTable(table) ? this.limits.maxReadBits : this.limits.maxReadRegisters;
    if (count < 1 || count > limit) return { ok: false, exception: 3 };
    if (address + count > addressCount) return { ok: false, exception: 2 };
    const words: number[] = [];
    for (let a = address; a < address + count; a++) {
      const rule = this.#access[table].get(a);
      if (rule?.access === 'write-only') return { ok: false, exception: rule.exception };
      const word = this.#words[table].get(a);
      if (word === undefined || this.#holes[table].has(a)) return { ok: false, exception: 2 };
      words.push(word);
    }
    return { ok: true, words };
  }

  /** A write from the wire: all words or none. The quantity has been checked against the frame by the caller. */
  write(table: 'coil' | 'holding', address: number, words: readonly number[]): WriteResult {
    const refusal = this.checkWrite(table, address, words.length);
    if (refusal !== undefined) return { ok: false, exception: refusal };
    for (const hook of this.#hooks) {
      const verdict = hook(table, address, words);
      if (verdict === 'ok') continue;
      return verdict === 'ignore' ? { ok: true } : { ok: false, exception: verdict };
    }
    this.set(table, address, words);
    return { ok: true };
  }

  /** The exception a write of this extent would meet before any hook is asked; `undefined` where it may go on. */
  checkWrite(table: 'coil' | 'holding', address: number, count: number): ExceptionCode | undefined {
    const limit = table === 'coil' ? this.limits.maxWriteBits : this.limits.maxWriteRegisters;
    if (count < 1 || count > limit) return 3;
    if (address + count > addressCount) return 2;
    for (let a = address; a < address + count; a++) {
      const rule = this.#access[table].get(a);
      if (rule === undefined && this.limits.writes === 'where-allowed') return 2;
      if (rule?.access === 'read-only') return rule.exception;
      if (this.#holes[table].has(a)) return 2;
      if (!this.#words[table].has(a) && rule?.access !== 'write-only') return 2;
    }
    return undefined;
  }

  /** Every address of a table that holds a word or is marked a hole, in rising order. */
  addresses(table: RegisterTable): number[] {
    return [...new Set([...this.#words[table].keys(), ...this.#holes[table]])].sort((a, b) => a - b);
  }
}

export type RegisterTable = 'coil' | 'discrete' | 'input' | 'holding';
export const registerTables = ['coil', 'discrete', 'input', 'holding'] as const satisfies readonly RegisterTable[];

/** Modbus application protocol V1.1b3, clause 7. */
export type ExceptionCode = 1 | 2 | 3 | 4 | 5 | 6 | 8 | 10 | 11;

export type Access = 'read-write' | 'read-only' | 'write-only';
type AccessRule = { access: Access; exception: ExceptionCode };

/**
 * What a device says to a write: `ok` keeps the words, `ignore` acknowledges them and keeps what was there (the device that
 * accepts and does not move; or a behaviour that has set the registers itself), a number refuses with that exception.
 */
export type WriteVerdict = 'ok' | 'ignore' | ExceptionCode;
export type WriteHook = (table: 'coil' | 'holding', address: number, words: readonly number[]) => WriteVerdict;

export type ReadResult = { ok: true; words: number[] } | { ok: false; exception: ExceptionCode };
export type WriteResult = { ok: true } | { ok: false; exception: ExceptionCode };

/** What one request may ask of the device; more gives exception 3. The defaults are the protocol's own maxima. */
export type DeviceLimits = {
  maxReadRegisters: number;
  maxReadBits: number;
  maxWriteRegisters: number;
  maxWriteBits: number;
  /** Whether an address without an access rule may be written. */
  writes: 'everywhere' | 'where-allowed';
};

const protocolLimits: DeviceLimits = {
  maxReadRegisters: 125,
  maxReadBits: 2000,
  maxWriteRegisters: 123,
  maxWriteBits: 1968,
  writes: 'everywhere',
};

export const addressCount = 0x1_0000;

export function isBitTable(table: RegisterTable): table is 'coil' | 'discrete' {
  return table === 'coil' || table === 'discrete';
}

function tables<T>(make: () => T): Record<RegisterTable, T> {
  return { coil: make(), discrete: make(), input: make(), holding: make() };
}

function checkRange(address: number, count: number): void {
  if (Number.isInteger(address) && address >= 0 && count >= 0 && address + count <= addressCount) return;
  throw new RangeError(`addresses ${address} to ${address + count - 1} leave the range 0 to 65535`);
}

function checkWord(table: RegisterTable, address: number, word: number): void {
  const max = isBitTable(table) ? 1 : 0xffff;
  if (Number.isInteger(word) && word >= 0 && word <= max) return;
  throw new RangeError(`${table} ${address}: ${word} is no whole number from 0 to ${max}`);
}
