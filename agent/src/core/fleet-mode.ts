import type { FleetMode, FleetModeName } from '@tiepoint/protocol';

/** A mode as the head-end told it, on the monotonic clock of this process. */
export type ModeInForce = {
  readonly mode: FleetMode;
  readonly sinceMs: number;
  /** It ends by then, whatever becomes of the head-end's clock. */
  readonly latestEndMs: number;
};

/** Where nobody can say when a mode ends, it holds no longer: a gateway must not be silent for ever. */
export const unjudgedMs = 86_400_000;

/** `undefined`: nothing is held back. */
export function modeBegun(mode: FleetMode, hostMs: number | undefined, nowMs: number): ModeInForce | undefined {
  if (mode.mode === 'normal') return undefined;
  return modeStep({ mode, sinceMs: nowMs, latestEndMs: nowMs + unjudgedMs }, hostMs, nowMs);
}

/**
 * Is it still in force? By the head-end's clock as long as that is known; and as it was known last, the time since then is counted here, so
 * that no loss of the line makes a mode longer.
 */
export function modeStep(held: ModeInForce, hostMs: number | undefined, nowMs: number): ModeInForce | undefined {
  const { untilMs = 0 } = held.mode;
  const latestEndMs = hostMs === undefined ? held.latestEndMs : nowMs + untilMs - hostMs;
  if (nowMs >= latestEndMs) return undefined;
  return latestEndMs === held.latestEndMs ? held : { ...held, latestEndMs };
}

/** Are the reports of this device held back? `isPlain`: a meter, and nothing that the grid is operated with. */
export function isHeldBack(mode: FleetModeName, { isPlain }: { readonly isPlain: boolean }): boolean {
  return mode === 'safe' || (mode === 'storm' && isPlain);
}
