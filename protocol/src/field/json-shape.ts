import type { Result } from '../result.ts';

/**
 * Checks a value that came as JSON and gives it back with its type. What it does not know it leaves out, so that an older reader
 * takes a newer message. `path` is where the value stands, for the sentence of a failure.
 */
export type Shape<T> = (value: unknown, path: string) => ShapeResult<T>;
export type ShapeResult<T> = Result<T, 'invalid'>;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** `is`: what a text of this `pattern` is called. */
export function textShape({ min = 0, max, pattern, is }: TextLimits): Shape<string> {
  return (value, path) => {
    if (typeof value !== 'string') return misfit(path, `${told(value)} is no text`);
    if (value.length < min) return misfit(path, min === 1 ? 'is empty' : `has fewer than ${min} characters`);
    if (value.length > max) return misfit(path, `has ${value.length} characters, more than ${max}`);
    if (pattern !== undefined && !pattern.test(value))
      return misfit(path, `${told(value)} is no ${is ?? 'text as wanted'}`);
    return { ok: true, value };
  };
}

type TextLimits = { min?: number; max: number; pattern?: RegExp; is?: string };

export function numberShape({
  min = -Number.MAX_VALUE,
  max = Number.MAX_VALUE,
  whole = false,
}: { min?: number; max?: number; whole?: boolean } = {}): Shape<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return misfit(path, `${told(value)} is no number`);
    if (whole && !Number.isSafeInteger(value)) return misfit(path, `${value} is no whole number`);
    return value < min || value > max ? misfit(path, `${value} is not within ${min} to ${max}`) : { ok: true, value };
  };
}

export const truthShape: Shape<boolean> = (value, path) =>
  typeof value === 'boolean' ? { ok: true, value } : misfit(path, `${told(value)} is neither true nor false`);

/** Any JSON, as it came: checked by whoever knows more of it. */
export const anyShape: Shape<unknown> = (value) => ({ ok: true, value });

export function choiceShape<const W extends string>(words: readonly W[]): Shape<W> {
  return (value, path) => {
    const word = words.find((each) => each === value);
    return word === undefined
      ? misfit(path, `${told(value)} is none of ${words.join(', ')}`)
      : { ok: true, value: word };
  };
}

export function listShape<T>(item: Shape<T>, { min = 0, max }: { min?: number; max: number }): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return misfit(path, `${told(value)} is no list`);
    if (value.length < min || value.length > max)
      return misfit(path, `has ${value.length} entries, not ${min} to ${max}`);
    const items: T[] = [];
    for (const [index, each] of value.entries()) {
      const read = item(each, `${path}[${index}]`);
      if (!read.ok) return read;
      items.push(read.value);
    }
    return { ok: true, value: items };
  };
}

/** A field that may be absent; `null` is taken as absent. */
export type Maybe<T> = { readonly optional: Shape<T> };
export const maybe = <T>(shape: Shape<T>): Maybe<T> => ({ optional: shape });

type Fields = Readonly<Record<string, Shape<unknown> | Maybe<unknown>>>;
type Needed<F extends Fields> = { [K in keyof F as F[K] extends Maybe<unknown> ? never : K]: Shaped<F[K]> };
type Optional<F extends Fields> = {
  [K in keyof F as F[K] extends Maybe<unknown> ? K : never]?: F[K] extends Maybe<infer T> ? T : never;
};
export type ShapedObject<F extends Fields> = {
  readonly [K in keyof (Needed<F> & Optional<F>)]: (Needed<F> & Optional<F>)[K];
};

export function objectShape<const F extends Fields>(fields: F): Shape<ShapedObject<F>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return misfit(path, `${told(value)} is no object`);
    const given = value as Readonly<Record<string, unknown>>;
    const taken: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      const at = path === '' ? name : `${path}.${name}`;
      const present = Object.hasOwn(given, name) ? given[name] : undefined;
      const optional = typeof field !== 'function';
      if (present === undefined || (optional && present === null)) {
        if (optional) continue;
        return misfit(at, 'is missing');
      }
      const read = optional ? field.optional(present, at) : field(present, at);
      if (!read.ok) return read;
      taken[name] = read.value;
    }
    return { ok: true, value: taken as ShapedObject<F> };
  };
}

function misfit(path: string, say: string): ShapeResult<never> {
  return { ok: false, reason: 'invalid', say: `${path === '' ? 'the message' : path}: ${say}` };
}

/** Never the whole of it: it came from outside, and may be megabytes. */
function told(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value);
  return typeof value === 'string' && value.length > 60 ? `${text}…` : text;
}
