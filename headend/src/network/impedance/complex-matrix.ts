import { add, complex, divided, magnitude, scaled, subtract, times } from './complex.ts';
import type { Complex } from './complex.ts';

/** Square, by rows. */
export type ComplexMatrix = readonly (readonly Complex[])[];

export function matrixOf(order: number, value: (row: number, column: number) => Complex): ComplexMatrix {
  return Array.from({ length: order }, (_, row) => Array.from({ length: order }, (_, column) => value(row, column)));
}

/** Of symmetric values that are given once for each pair. */
export function symmetricMatrix(order: number, value: (row: number, column: number) => Complex): ComplexMatrix {
  const lower = Array.from({ length: order }, (_, row) => Array.from({ length: row + 1 }, (_, at) => value(row, at)));
  return matrixOf(order, (row, column) => lower[Math.max(row, column)]?.[Math.min(row, column)] ?? complex(0));
}

export const at = (matrix: ComplexMatrix, row: number, column: number): Complex => matrix[row]?.[column] ?? complex(0);

/**
 * Kron's reduction: the matrix of the first `keep` conductors when the others are grounded at both ends. Undefined: one that goes
 * has no impedance of its own.
 */
export function reducedTo(matrix: ComplexMatrix, keep: number): ComplexMatrix | undefined {
  let left = matrix;
  while (left.length > keep) {
    const last = left.length - 1;
    const pivot = at(left, last, last);
    if (magnitude(pivot) === 0) return undefined;
    const from = left;
    left = matrixOf(last, (row, column) =>
      subtract(at(from, row, column), divided(times(at(from, row, last), at(from, last, column)), pivot)),
    );
  }
  return left;
}

/** By Gauss-Jordan with row pivoting. Undefined: it is singular. */
export function inverted(matrix: ComplexMatrix): ComplexMatrix | undefined {
  const order = matrix.length;
  const rows = matrix.map((row, index) => [
    ...row,
    ...Array.from({ length: order }, (_, column) => complex(column === index ? 1 : 0)),
  ]);
  for (let step = 0; step < order; step += 1) {
    let best = step;
    for (let row = step + 1; row < order; row += 1) {
      if (magnitude(at(rows, row, step)) > magnitude(at(rows, best, step))) best = row;
    }
    const pivot = at(rows, best, step);
    if (magnitude(pivot) === 0) return undefined;
    const pivotRow = (rows[best] ?? []).map((value) => divided(value, pivot));
    rows[best] = rows[step] ?? [];
    rows[step] = pivotRow;
    for (const [row, values] of rows.entries()) {
      if (row === step) continue;
      const factor = values[step] ?? complex(0);
      rows[row] = values.map((value, column) => subtract(value, times(factor, pivotRow[column] ?? complex(0))));
    }
  }
  return rows.map((row) => row.slice(order));
}

export const realPart = (matrix: ComplexMatrix): number[][] => matrix.map((row) => row.map(({ re }) => re));
export const imaginaryPart = (matrix: ComplexMatrix): number[][] => matrix.map((row) => row.map(({ im }) => im));

/** Of a line that is alike in all phases, from its positive and zero sequence values. */
export function fromSequence(order: number, positive: Complex, zero: Complex): ComplexMatrix {
  const self = scaled(add(scaled(positive, 2), zero), 1 / 3);
  const mutual = scaled(subtract(zero, positive), 1 / 3);
  return matrixOf(order, (row, column) => (row === column ? self : mutual));
}
