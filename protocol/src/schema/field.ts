/** What CBOR carries for one field. */
export type Wire = number | string | boolean | null | Uint8Array | Wire[] | Map<number, Wire>;

/**
 * `newer`: the value is a word or flag beyond this reader's list, as only a newer sender writes it. Optional fields take that as
 * unknown; anything else that makes no sense is a fault of the sender.
 */
export type Decoded<T> = { ok: true; value: T } | { ok: false; path: string; say: string; newer?: true };

/**
 * One field of a message: how it is written on the wire, read back and refused. `encode` returns `undefined` for a value
 * that the field cannot carry (out of range, not a number): what cannot be told truly is not told.
 */
export interface Field<T> {
  readonly kind: 'integer' | 'scaled' | 'choice' | 'flags' | 'text' | 'truth' | 'bytes' | 'list' | 'record';
  readonly unit?: string;
  readonly choices?: readonly string[];
  /** Of a list: what is in it. */
  readonly of?: Field<unknown>;
  encode(value: T): Wire | undefined;
  decode(wire: unknown): Decoded<T>;
  /** What `decode` gives without the reason, `undefined` where it refuses: for telemetry, which is read thousands of times a second. */
  read?(wire: unknown): T | undefined;
}

export function refuse(say: string, path = ''): { ok: false; path: string; say: string } {
  return { ok: false, path, say };
}

function orRefuse<T>(value: T | undefined, say: () => string): Decoded<T> {
  return value === undefined ? refuse(say()) : { ok: true, value };
}

/** A whole number in [min, max]. A fraction is not carried: what is measured is `scaled`. */
export function integer({ min, max, unit }: { min: number; max: number; unit?: string }): Field<number> {
  const read = (value: unknown): number | undefined =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number) + 0
      : undefined;
  return {
    kind: 'integer',
    ...(unit === undefined ? {} : { unit }),
    encode: read,
    decode: (wire) => orRefuse(read(wire), () => `is no whole number from ${min} to ${max}`),
    read,
  };
}

/**
 * A measured number, sent as a whole number of steps: 60.012 Hz in steps of 0.001 is 60012. Rounded to the nearest step; what
 * is out of [min, max], infinite or no number is not sent. `step` is a whole number or 1 / a whole number; RangeError otherwise.
 */
export function scaled({
  step,
  min,
  max,
  unit,
}: {
  step: number;
  min: number;
  max: number;
  unit: string;
}): Field<number> {
  // A step below 1 is kept as its reciprocal, which is exact: 60012 / 1000 is the double nearest to 60.012, 60012 * 0.001 is not.
  const perStep = step < 1 ? Math.round(1 / step) : 1;
  const stepsOf =
    step < 1 ? (value: number) => Math.round(value * perStep) : (value: number) => Math.round(value / step);
  const lowest = stepsOf(min);
  const highest = stepsOf(max);
  const read = (wire: unknown): number | undefined => {
    if (!Number.isSafeInteger(wire) || (wire as number) < lowest || (wire as number) > highest) return undefined;
    return step < 1 ? (wire as number) / perStep : (wire as number) * step;
  };
  if (!(step < 1 ? 1 / perStep === step : Number.isInteger(step)))
    throw new RangeError(`${step} is neither whole nor 1 / whole`);
  if (!Number.isSafeInteger(lowest) || !Number.isSafeInteger(highest))
    throw new RangeError(`${min} to ${max} is too wide for ${step}`);
  return {
    kind: 'scaled',
    unit,
    encode: (value) => (typeof value === 'number' && value >= min && value <= max ? stepsOf(value) + 0 : undefined),
    decode: (wire) =>
      orRefuse(read(wire), () => `is no whole number of steps of ${step} ${unit} from ${min} to ${max}`),
    read,
  };
}

/**
 * One of a list of words that grows only at its end. A word this reader does not know yet reads as `otherwise` where that is
 * given (it must be true of every word to come), else it is refused as `newer`.
 */
export function choice<const C extends readonly string[]>(
  choices: C,
  { otherwise }: { otherwise?: C[number] } = {},
): Field<C[number]> {
  const indexOf = new Map<string, number>(choices.map((word, index) => [word, index]));
  const isNewer = (wire: unknown) => Number.isSafeInteger(wire) && (wire as number) >= choices.length;
  const read = (wire: unknown): C[number] | undefined =>
    (typeof wire === 'number' ? choices[wire] : undefined) ?? (isNewer(wire) ? otherwise : undefined);
  return {
    kind: 'choice',
    choices,
    encode: (value) => indexOf.get(value),
    decode: (wire) => {
      const word = read(wire);
      if (word !== undefined) return { ok: true, value: word };
      return { ...refuse(`is none of the ${choices.length} known choices`), ...(isNewer(wire) ? { newer: true } : {}) };
    },
    read,
  };
}

/**
 * A set of words as bits, bit 0 first, at most 31. A bit this reader does not know reads as the word `otherwise`, so that
 * something is never read as nothing.
 */
export function flags<const C extends readonly string[]>(
  choices: C,
  { otherwise }: { otherwise: C[number] },
): Field<readonly C[number][]> {
  if (choices.length > 31) throw new RangeError(`${choices.length} flags; 31 is the most`);
  const bitOf = new Map<string, number>(choices.map((word, index) => [word, index]));
  const otherwiseBit = 1 << choices.indexOf(otherwise);
  const known = 2 ** choices.length - 1;
  const none: readonly C[number][] = Object.freeze([]);
  const read = (wire: unknown): readonly C[number][] | undefined => {
    if (wire === 0) return none;
    if (!Number.isSafeInteger(wire) || (wire as number) < 0 || (wire as number) > 0x7fff_ffff) return undefined;
    const bits = (wire as number) > known ? (wire as number) | otherwiseBit : (wire as number);
    const words: C[number][] = [];
    for (let bit = 0; bit < choices.length; bit++) {
      if ((bits & (1 << bit)) !== 0) words.push(choices[bit] as C[number]);
    }
    return words;
  };
  return {
    kind: 'flags',
    choices,
    encode: (words) => {
      let bits = 0;
      for (const word of words) {
        const bit = bitOf.get(word);
        if (bit === undefined) return undefined;
        bits |= 1 << bit;
      }
      return bits;
    },
    decode: (wire) => orRefuse(read(wire), () => 'is no set of at most 31 flags'),
    read,
  };
}

/**
 * At most `maxLength` UTF-16 units. Longer text is not carried, or, where it is `prose` for people, cut with an ellipsis. Half
 * a surrogate pair, which UTF-8 cannot write, becomes U+FFFD.
 */
export function text({ maxLength, prose = false }: { maxLength: number; prose?: boolean }): Field<string> {
  return {
    kind: 'text',
    encode: (value) => {
      if (typeof value !== 'string' || (!prose && value.length > maxLength)) return undefined;
      return (value.length > maxLength ? `${value.slice(0, maxLength - 1)}…` : value).toWellFormed();
    },
    decode: (wire) =>
      typeof wire === 'string' && wire.length <= maxLength
        ? { ok: true, value: wire }
        : refuse(`is no text of at most ${maxLength} characters`),
  };
}

/** So many bytes, neither more nor fewer. */
export function bytes({ length }: { length: number }): Field<Uint8Array> {
  const read = (value: unknown): Uint8Array | undefined =>
    value instanceof Uint8Array && value.length === length ? new Uint8Array(value) : undefined;
  return { kind: 'bytes', encode: read, decode: (wire) => orRefuse(read(wire), () => `is not ${length} bytes`), read };
}

export const truth: Field<boolean> = {
  kind: 'truth',
  encode: (value) => (typeof value === 'boolean' ? value : undefined),
  decode: (wire) => (typeof wire === 'boolean' ? { ok: true, value: wire } : refuse('is neither true nor false')),
};

/** `skipNewer`: words that only a newer sender knows are left out, so that one new word does not cost the whole message. */
export function list<T>(
  of: Field<T>,
  { maxLength, skipNewer = false }: { maxLength: number; skipNewer?: boolean },
): Field<readonly T[]> {
  return {
    kind: 'list',
    of,
    encode: (values) => {
      if (!Array.isArray(values) || values.length > maxLength) return undefined;
      const wires: Wire[] = [];
      for (const value of values) {
        const wire = of.encode(value);
        if (wire === undefined) return undefined;
        wires.push(wire);
      }
      return wires;
    },
    decode: (wire) => {
      if (!Array.isArray(wire) || wire.length > maxLength) return refuse(`is no list of at most ${maxLength}`);
      const values: T[] = [];
      for (let i = 0; i < wire.length; i++) {
        const decoded = of.decode(wire[i]);
        if (decoded.ok) values.push(decoded.value);
        else if (!(skipNewer && decoded.newer)) return { ...decoded, path: `[${i}]${decoded.path}` };
      }
      return { ok: true, value: values };
    },
  };
}
