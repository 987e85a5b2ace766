import { knowledgeOf } from './interval-rows.ts';
import type { IntervalRow } from './interval-rows.ts';

type Point = number | null;

/**
 * Instants, mean power where it was measured, and where it was estimated or edited, for steps that begin at their instant. A step ends where the
 * other curve or nothing goes on: with its value there, and nothing right after, or one that stands alone would not be seen.
 */
export function plotColumns(rows: readonly IntervalRow[]): readonly [number[], Point[], Point[]] {
  const columns: [number[], Point[], Point[]] = [[], [], []];
  const push = (atS: number, measured: Point, other: Point): void => {
    columns[0].push(atS);
    columns[1].push(measured);
    columns[2].push(other);
  };
  let last: readonly [Point, Point] = [null, null];
  const go = (atS: number, next: readonly [Point, Point]): void => {
    push(atS, next[0] ?? last[0], next[1] ?? last[1]);
    if ((next[0] === null && last[0] !== null) || (next[1] === null && last[1] !== null)) push(atS + 1, ...next);
    last = next;
  };
  let reachedS: number | undefined;
  for (const row of rows) {
    if (reachedS !== undefined && row.startS > reachedS) go(reachedS, [null, null]);
    const watts = powerOf(row);
    go(row.startS, knowledgeOf(row) === 'measured' ? [watts, null] : [null, watts]);
    reachedS = row.startS + row.lengthS;
  }
  if (reachedS !== undefined) go(reachedS, [null, null]);
  return columns;
}

function powerOf({ lengthS, interval }: IntervalRow): Point {
  const { importWh, exportWh } = interval ?? {};
  if (importWh === undefined && exportWh === undefined) return null;
  return (((importWh ?? 0) - (exportWh ?? 0)) * 3_600) / lengthS;
}
