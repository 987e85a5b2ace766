import { fromCbor, toCbor } from './cbor.ts';
import { refuse } from './field.ts';
import type { Decoded, Field, Wire } from './field.ts';

type Keyed<T, R extends boolean> = { readonly key: number; readonly field: Field<T>; readonly required: R };
type Shape = Record<string, Keyed<unknown, boolean>>;
type KeyedValue<K> = K extends Keyed<infer T, boolean> ? T : never;

export type RecordValues<S extends Shape> = {
  [K in keyof S as S[K] extends Keyed<unknown, true> ? K : never]: KeyedValue<S[K]>;
} & {
  [K in keyof S as S[K] extends Keyed<unknown, true> ? never : K]?: KeyedValue<S[K]> | undefined;
};

export type RecordMessage<S extends Shape> = Field<RecordValues<S>> & {
  readonly shape: S;
  /** Throws RangeError with the path where a value does not fit: a rare message is built by us and must be whole. */
  toBytes(values: RecordValues<S>): Uint8Array;
  fromBytes(bytes: Uint8Array): Decoded<RecordValues<S>>;
};

export type RecordOf<M> = M extends RecordMessage<infer S> ? RecordValues<S> : never;

/** A field that a message is refused without. Keys are never reused. */
export function need<T>(key: number, field: Field<T>): Keyed<T, true> {
  return { key, field, required: true };
}

export function can<T>(key: number, field: Field<T>): Keyed<T, false> {
  return { key, field, required: false };
}

/**
 * A rarer message: a map with whole-number keys. Unknown keys are ignored, an optional word that only a newer sender knows is
 * unknown, and any other value that makes no sense is refused with its path. A `strict` record tells a device to act: there an
 * unknown key or word is refused too, because acting on half of what was said is not what was meant.
 */
export function record<const S extends Shape>(
  shape: S,
  { strict = false }: { strict?: boolean } = {},
): RecordMessage<S> {
  const entries = Object.entries(shape);
  const keys = new Set<unknown>(entries.map(([, { key }]) => key));
  if (keys.size !== entries.length) throw new Error('two fields of one message share a key');

  function toMap(values: RecordValues<S>): { map: Map<number, Wire>; misfit?: string } {
    const map = new Map<number, Wire>();
    for (const [name, { key, field, required }] of entries) {
      const value = (values as Record<string, unknown>)[name];
      if (value === undefined) {
        if (required) return { map, misfit: name };
        continue;
      }
      const wire = field.encode(value);
      if (wire === undefined) return { map, misfit: name };
      map.set(key, wire);
    }
    return { map };
  }

  function decode(wire: unknown): Decoded<RecordValues<S>> {
    if (!(wire instanceof Map)) return refuse('is no map');
    const stranger = strict ? [...wire.keys()].find((key) => !keys.has(key)) : undefined;
    if (stranger !== undefined)
      return refuse('is nothing that this reader knows: it is older than the sender', `.${String(stranger)}`);
    const values: Record<string, unknown> = {};
    for (const [name, { key, field, required }] of entries) {
      const raw: unknown = wire.get(key);
      if (raw === undefined || raw === null) {
        if (required) return refuse('is missing', `.${name}`);
        continue;
      }
      const decoded = field.decode(raw);
      if (decoded.ok) values[name] = decoded.value;
      else if (strict) return refuse(decoded.say, `.${name}${decoded.path}`);
      else if (required || !decoded.newer) return { ...decoded, path: `.${name}${decoded.path}` };
    }
    return { ok: true, value: values as RecordValues<S> };
  }

  return {
    kind: 'record',
    shape,
    encode: (values) => {
      const { map, misfit } = toMap(values);
      return misfit === undefined ? map : undefined;
    },
    decode,
    toBytes: (values) => {
      const { map, misfit } = toMap(values);
      if (misfit !== undefined) throw new RangeError(`${misfit} is missing or cannot be carried`);
      return toCbor(map);
    },
    fromBytes: (bytes) => {
      const wire = fromCbor(bytes);
      return wire.ok ? decode(wire.value) : wire;
    },
  };
}
