import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

/** A WHERE of those conditions that have values. */
export function conditions(parts: readonly (readonly [string, readonly SQLInputValue[] | undefined])[]): {
  where: string;
  values: SQLInputValue[];
} {
  const asked = parts.filter(([, values]) => values !== undefined);
  return {
    where: asked.length === 0 ? '' : `WHERE ${asked.map(([sql]) => sql).join(' AND ')}`,
    values: asked.flatMap(([, values]) => values ?? []),
  };
}

/** What this program wrote itself, so its shape is trusted. */
export function fromJson<T>(value: SQLOutputValue | undefined): T {
  return JSON.parse(String(value)) as T;
}

export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
