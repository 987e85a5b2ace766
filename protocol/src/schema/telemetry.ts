import { fromCbor, toCbor } from './cbor.ts';
import { refuse } from './field.ts';
import type { Decoded, Field, Wire } from './field.ts';

type Entry<T, R extends boolean> = { readonly field: Field<T>; readonly required: R };
type Entries = Record<string, Entry<unknown, boolean>>;
type EntryValue<E> = E extends Entry<infer T, boolean> ? T : never;

/** The value that a telemetry message carries: what is required is there, anything else may be unknown. */
export type Values<F extends Entries> = {
  [K in keyof F as F[K] extends Entry<unknown, true> ? K : never]: EntryValue<F[K]>;
} & {
  [K in keyof F as F[K] extends Entry<unknown, true> ? never : K]?: EntryValue<F[K]> | undefined;
};

export type Telemetry<F extends Entries> = {
  readonly schemaId: number;
  readonly fields: F;
  /** Bytes, and the names of the fields whose value could not be carried and therefore travel as unknown. */
  encode(values: Values<F>): { bytes: Uint8Array; dropped: readonly string[] };
  /** `wire` is a decoded positional array, its head included. */
  fromWire(wire: readonly unknown[]): Decoded<Values<F>>;
  decode(bytes: Uint8Array): Decoded<Values<F>>;
};

export type ValuesOf<T> = T extends Telemetry<infer F> ? Values<F> : never;

export function must<T>(field: Field<T>): Entry<T, true> {
  return { field, required: true };
}

export function may<T>(field: Field<T>): Entry<T, false> {
  return { field, required: false };
}

/**
 * A message as a positional array headed by its schema id. It grows only at its end: a reader ignores positions it does
 * not know and takes missing ones as unknown. A value a reader cannot make sense of is unknown, unless it is required.
 * `encode` throws RangeError for a required value that is missing or cannot be carried.
 */
export function telemetry<const F extends Entries>(schemaId: number, fields: F): Telemetry<F> {
  // Of one shape, whatever the field: the loops below run thousands of times a second.
  const columns = Object.entries(fields).map(([name, { field, required }]) => ({
    name,
    field,
    required, // Fields are made of closures and have no `this`.
    // oxlint-disable-next-line typescript/unbound-method
    encode: field.encode,
    // oxlint-disable-next-line typescript/unbound-method
    read: field.read ?? ((wire: unknown) => orUnknown(field.decode(wire))),
  }));
  // A copy of one object with every name in it is several times as fast to fill as an empty one.
  const unknowns: Record<string, unknown> = Object.fromEntries(columns.map(({ name }) => [name, undefined]));

  function encode(values: Values<F>): { bytes: Uint8Array; dropped: readonly string[] } {
    const wire: Wire[] = [schemaId];
    const dropped: string[] = [];
    for (const { name, required, encode: encodeField } of columns) {
      const value = (values as Record<string, unknown>)[name];
      const encoded = value === undefined ? undefined : encodeField(value);
      if (encoded === undefined && required)
        throw new RangeError(`${name} is required and ${String(value)} cannot be carried`);
      if (encoded === undefined && value !== undefined) dropped.push(name);
      wire.push(encoded ?? null);
    }
    // What is unknown at the end need not travel; so a message of an older schema keeps its bytes when the schema grows.
    while (wire.at(-1) === null) wire.pop();
    return { bytes: toCbor(wire), dropped };
  }

  function fromWire(wire: readonly unknown[]): Decoded<Values<F>> {
    if (wire[0] !== schemaId) return refuse(`has schema ${String(wire[0])}, not ${schemaId}`, '[0]');
    const values: Record<string, unknown> = { ...unknowns };
    let position = 0;
    for (const { name, field, required, read } of columns) {
      const raw = wire[++position] ?? null;
      const value = raw === null ? undefined : read(raw);
      if (value !== undefined) values[name] = value;
      else if (required) return refusal(name, field, raw);
    }
    return { ok: true, value: values as Values<F> };
  }

  function refusal(name: string, field: Field<unknown>, raw: unknown): Decoded<Values<F>> {
    const decoded: Decoded<unknown> = raw === null ? refuse('is missing') : field.decode(raw);
    return decoded.ok ? refuse('is unknown', `.${name}`) : { ...decoded, path: `.${name}${decoded.path}` };
  }

  function decode(bytes: Uint8Array): Decoded<Values<F>> {
    const wire = fromCbor(bytes);
    if (!wire.ok) return wire;
    return Array.isArray(wire.value) ? fromWire(wire.value) : refuse('is no positional array');
  }

  return { schemaId, fields, encode, fromWire, decode };
}

function orUnknown(decoded: Decoded<unknown>): unknown {
  return decoded.ok ? decoded.value : undefined;
}
