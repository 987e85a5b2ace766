import type { Assignment } from './object-book.ts';
import { inlineMath, plainNumber } from './inline-math.ts';
import { rowsOf } from './parameters.ts';
import type { Parameter } from './parameters.ts';

export type ValueRead<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly say: string };

type Written = Pick<Parameter, 'value' | 'quoted'> | Pick<Assignment, 'value' | 'quoted'>;

/** A number; in brackets or quotes it may be an expression in reverse Polish notation. */
export function numberOf({ value, quoted }: Written): ValueRead<number> {
  const number = plainNumber(value.trim());
  if (number !== undefined) return { ok: true, value: number };
  if (!quoted) return { ok: false, say: value === '' ? 'no value' : `'${value}' is no number` };
  return inlineMath(value);
}

const mostConductors = 30;

/** Of phases, conductors or windings: a whole number that an array may be made for. */
export function countOf(written: Written): ValueRead<number> {
  const read = numberOf(written);
  if (!read.ok || (Number.isInteger(read.value) && read.value >= 1 && read.value <= mostConductors)) return read;
  return { ok: false, say: `${written.value} is no number from 1 to ${mostConductors}` };
}

/** Of an array; its elements may be expressions in brackets of their own. */
export function numbersOf(written: Written): ValueRead<number[]> {
  return readAll(rowsOf(written.value).flat());
}

/** The words of an array, as names of buses or wires. */
export function wordsOf({ value }: Written): string[] {
  return rowsOf(value).flatMap((row) => row.map((each) => each.value));
}

/** A symmetric matrix from its lower triangle or from all of it. */
export function matrixOf(written: Written, order: number): ValueRead<number[][]> {
  const rows: number[][] = [];
  for (const row of rowsOf(written.value)) {
    const read = readAll(row);
    if (!read.ok) return read;
    rows.push(read.value);
  }
  if (rows.length !== order) return { ok: false, say: `${rows.length} rows, where ${order} are due` };
  const full = rows.every((row) => row.length === order);
  const lower = rows.every((row, index) => row.length === index + 1);
  if (!full && !lower)
    return {
      ok: false,
      say: `rows of ${rows.map(({ length }) => length).join(', ')} values: neither a square nor its lower triangle`,
    };
  const value = rows.map((_, row) =>
    Array.from({ length: order }, (__, column) => rows[Math.max(row, column)]?.[Math.min(row, column)] ?? 0),
  );
  return { ok: true, value };
}

function readAll(elements: readonly Parameter[]): ValueRead<number[]> {
  const value: number[] = [];
  for (const element of elements) {
    const read = numberOf(element);
    if (!read.ok) return read;
    value.push(read.value);
  }
  return { ok: true, value };
}

/** `y`, `yes`, `t`, `true` and what begins like them. */
export function isYes({ value }: Written): boolean {
  return /^[yt1]/i.test(value.trim());
}

const metresOf: Readonly<Record<string, number>> = {
  mi: 1_609.344,
  kf: 304.8,
  km: 1_000,
  m: 1,
  me: 1,
  ft: 0.3048,
  in: 0.0254,
  cm: 0.01,
  mm: 0.001,
};

/** Metres of a unit of length. `none`: as whatever it is combined with. */
export function lengthUnit({ value }: Written): ValueRead<number | 'none'> {
  const written = value.trim().toLowerCase();
  const short = written.slice(0, 2);
  if (short === 'no') return { ok: true, value: 'none' };
  const metres = Object.hasOwn(metresOf, short) ? metresOf[short] : undefined;
  return metres === undefined ? { ok: false, say: `'${value}' is no unit of length` } : { ok: true, value: metres };
}
