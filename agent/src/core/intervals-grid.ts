/** The boundary at or before `atMs`: intervals are aligned to the clock, UTC. */
export function floorTo(atMs: number, lengthS: number): number {
  return atMs - modulo(atMs, lengthS * 1_000);
}

/** Of the interval that begins there. Another length begins with a full hour, which is a boundary of every length. */
export function lengthFrom(startMs: number, lengthS: number, wantedS: number): number {
  return modulo(startMs, 3_600_000) === 0 ? wantedS : lengthS;
}

/**
 * Are the energy registers to be read with a look at `atMs`? With the last before a boundary and the first after it, so that the boundary
 * lies between two readings that are close together.
 */
export function isNearBoundary(
  atMs: number,
  { readAtMs, nextLookMs, lengthS }: { readAtMs: number | undefined; nextLookMs: number; lengthS: number },
): boolean {
  const startMs = floorTo(atMs, lengthS);
  return readAtMs === undefined || readAtMs < startMs || nextLookMs >= startMs + lengthS * 1_000;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
