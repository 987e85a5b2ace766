/**
 * A fixed rhythm on the wall clock: due whenever (time − phase) is a multiple of the period. The phase comes from the
 * device's name, so that a fleet spreads over the period, and the grid from the clock, so that nothing drifts.
 */
export type Cadence = { readonly periodMs: number; readonly phaseMs: number };

export function cadence(deviceKey: string, periodMs: number): Cadence {
  return { periodMs, phaseMs: hash32(deviceKey) % periodMs };
}

/** The first due instant strictly after `nowMs`. */
export function nextDueMs({ periodMs, phaseMs }: Cadence, nowMs: number): number {
  return nowMs + periodMs - modulo(nowMs - phaseMs, periodMs);
}

/**
 * Due instants that went by unserved between the one served and now. A clock set back gives none; one set forward by hours
 * is no row of missed reports, so more than `most` counts as a clock step and gives none either.
 */
export function missedSince({ periodMs }: Cadence, servedDueMs: number, nextMs: number, most = 900): number {
  const missed = Math.round((nextMs - servedDueMs) / periodMs) - 1;
  return missed > 0 && missed <= most ? missed : 0;
}

/** FNV-1a: spreads like names well enough, and is the same everywhere. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  // FNV's low bits are poor for short names: fold the high ones in.
  return (hash ^ (hash >>> 15)) >>> 0;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
