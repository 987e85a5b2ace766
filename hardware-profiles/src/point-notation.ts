import type { FixedSource, Point, Table, WordType } from './profile.ts';

/** All of a point but where and of what type it is. */
export type Rest = Omit<Point, 'source' | 'type'>;

/** A point of a SunSpec model: of the first of `models` that the device has. */
export function sunspec(models: readonly number[], point: string, rest: Rest = {}): Point {
  return { source: { models, point }, ...rest };
}

/** An input register, function 4. */
export function input(address: number, type: WordType = 'uint16', rest: Rest = {}): Point {
  return { source: at('input', address), type, ...rest };
}

/** A holding register, functions 3, 6 and 16. */
export function holding(address: number, type: WordType = 'uint16', rest: Rest = {}): Point {
  return { source: at('holding', address), type, ...rest };
}

/** A coil, functions 1, 5 and 15. */
export function coil(address: number, rest: Rest = {}): Point {
  return { source: at('coil', address), type: 'bit', ...rest };
}

/** The address by itself, for probes. */
export function at(table: Table, address: number): FixedSource {
  return { table, address };
}
