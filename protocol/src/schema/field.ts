/** What CBOR carries for one field. */
export type Wire = number | string | boolean | null | Uint8Array | Wire[] | Map<number, Wire>;

export type Decoded<T> = { ok: true; value: T } | { ok: false; path: string; say: string };

/**
 * One field of a message: how it is written on the wire, read back and refused. `encode` returns `undefined` for a value
 * that the field cannot carry (out of range, not a number): what cannot be told truly is not told.
 */
export interface Field<T> {
  readonly kind: 'integer' | 'scaled' | 'choice' | 'flags' | 'text' | 'truth' | 'bytes' | 'list' | 'record';
  readonly unit?: string;
  readonly choices?: readonly string[];
  encode(value: T): Wire | undefined;
  decode(wire: unknown): Decoded<T>;
}

export function refuse(say: string, path = ''): { ok: false; path: string; say: string } {
  return { ok: false, path, say };
}

/** A whole number in [min, max]. */
export function integer({ min, max, unit }: { min: number; max: number; unit?: string }): Field<number> {
  const fits = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  return {
    kind: 'integer',
    ...(unit === undefined ? {} : { unit }),
    encode: (value) => (fits(value) ? value : undefined),
    decode: (wire) => (fits(wire) ? { ok: true, value: wire } : refuse(`is no whole number from ${min} to ${max}`)),
  };
}

/** A measured number, sent as a whole number of steps. Rounding is to the nearest step; out of [min, max] is not sent. */
export function scaled({ step, min, max, unit }: { step: number; min: number; max: number; unit: string }): Field<number> {
  // Multiplying by the reciprocal keeps 0.1-steps exact after rounding to the digits of the step.
  const perStep = Math.round(1 / step);
  const toWire = step >= 1 ? (v: number) => Math.round(v / step) : (v: number) => Math.round(v * perStep);
  const fromWire = step >= 1 ? (w: number) => w * step : (w: number) => w / perStep;
  const lowest = toWire(min);
  const highest = toWire(max);
  return {
    kind: 'scaled',
    unit,
    encode: (value) => {
      if (!(value >= min && value <= max)) return undefined;
      const wire = toWire(value);
      return wire === 0 ? 0 : wire;
    },
    decode: (wire) =>
      Number.isSafeInteger(wire) && (wire as number) >= lowest && (wire as number) <= highest
        ? { ok: true, value: fromWire(wire as number) }
        : refuse(`is no whole number of steps of ${step} ${unit} from ${min} to ${max}`),
  };
}

/** One of a list of words that grows only at its end. A word this reader does not know yet is refused, hence shown as unknown. */
export function choice<const C extends readonly string[]>(choices: C): Field<C[number]> {
  const indexOf = new Map<string, number>(choices.map((word, index) => [word, index]));
  return {
    kind: 'choice',
    choices,
    encode: (value) => indexOf.get(value),
    decode: (wire) => {
      const word = typeof wire === 'number' ? choices[wire] : undefined;
      return word === undefined ? refuse(`is none of the ${choices.length} known choices`) : { ok: true, value: word };
    },
  };
}

/** A set of words as bits, bit 0 first, at most 31. Bits this reader does not know are ignored. */
export function flags<const C extends readonly string[]>(choices: C): Field<readonly C[number][]> {
  const bitOf = new Map<string, number>(choices.map((word, index) => [word, index]));
  const none: readonly C[number][] = Object.freeze([]);
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
    decode: (wire) => {
      if (!Number.isSafeInteger(wire) || (wire as number) < 0 || (wire as number) > 0x7fffffff) return refuse('is no set of at most 31 flags');
      return { ok: true, value: wire === 0 ? none : choices.filter((_, bit) => ((wire as number) & (1 << bit)) !== 0) };
    },
  };
}

export function text({ maxLength }: { maxLength: number }): Field<string> {
  const fits = (value: unknown): value is string => typeof value === 'string' && value.length <= maxLength;
  return {
    kind: 'text',
    encode: (value) => (fits(value) ? value : undefined),
    decode: (wire) => (fits(wire) ? { ok: true, value: wire } : refuse(`is no text of at most ${maxLength} characters`)),
  };
}

export const truth: Field<boolean> = {
  kind: 'truth',
  encode: (value) => (typeof value === 'boolean' ? value : undefined),
  decode: (wire) => (typeof wire === 'boolean' ? { ok: true, value: wire } : refuse('is neither true nor false')),
};

export function list<T>(of: Field<T>, { maxLength }: { maxLength: number }): Field<readonly T[]> {
  return {
    kind: 'list',
    encode: (values) => {
      if (values.length > maxLength) return undefined;
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
        if (!decoded.ok) return refuse(decoded.say, `[${i}]${decoded.path}`);
        values.push(decoded.value);
      }
      return { ok: true, value: values };
    },
  };
}
