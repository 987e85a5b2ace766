export type BackOff = { firstMs: number; maxMs: number };

/**
 * How long to wait before attempt `attempt` (0 is the first repetition), in ms. Doubles to `maxMs`; `random01` (0..1) spreads
 * the wait over its upper half, so that all who lost one broker together do not come back together.
 */
export function backOffMs(attempt: number, { firstMs, maxMs }: BackOff, random01: number): number {
  const ceilingMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceilingMs * (0.5 + random01 / 2));
}
