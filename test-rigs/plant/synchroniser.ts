import type { GensetSettings, SyncLimits } from './genset-settings.ts';
import { wrapped, type Machine } from './machine.ts';
import { mayStayInService, type Supply } from './supply.ts';

/**
 * `armed`: it matches speed and voltage and watches, and never closes. `closing`: it may close when it finds the moment.
 * `given-up`: why it did not; it stays so until it is armed or permitted anew.
 */
export type Synchroniser = {
  readonly mode: 'off' | 'armed' | 'closing' | 'given-up';
  readonly cause?: 'timeout' | 'breaker-failure' | undefined;
  readonly sinceS: number;
  /** Time since the close order was given; absent while none stands. */
  readonly pulseS?: number | undefined;
  readonly attempts: number;
};

export const synchroniserOff: Synchroniser = { mode: 'off', sinceS: 0, attempts: 0 };

/** How generator and grid differ: the generator's less the grid's. */
export type Difference = { readonly slipHz: number; readonly voltagePu: number; readonly angleDeg: number };

export function difference({ speedPu, voltagePu, angleDeg }: Machine, grid: Supply, nominalHz: number): Difference {
  return { slipHz: speedPu * nominalHz - grid.frequencyHz, voltagePu: voltagePu - grid.voltagePu, angleDeg };
}

/** Are all three within the limits? A grid that is dead, or far from nominal, is never in the window: closing on it is another permission. */
export function isInWindow(
  { slipHz, voltagePu, angleDeg }: Difference,
  limits: SyncLimits,
  grid: Supply,
  nominalHz: number,
): boolean {
  return (
    mayStayInService(grid, nominalHz) &&
    Math.abs(slipHz) <= limits.slipHz &&
    Math.abs(voltagePu) <= limits.voltagePu &&
    Math.abs(angleDeg) <= limits.angleDeg
  );
}

/** Speed and voltage to steer for while matching. */
export function matchingReferences(
  grid: Supply,
  settings: GensetSettings,
): { speedReferencePu: number; voltageReferencePu: number } {
  if (!mayStayInService(grid, settings.nominalHz)) return { speedReferencePu: 1, voltageReferencePu: 1 };
  return {
    speedReferencePu: (grid.frequencyHz + settings.slipTargetHz) / settings.nominalHz,
    voltageReferencePu: grid.voltagePu,
  };
}

/**
 * Gives the close order so that the contacts touch at angle zero: travel time ahead of it by what the slip turns in that
 * time. The order falls when it is late or the window is left; after some attempts, or too long, it gives up.
 */
export function stepSynchroniser(
  state: Synchroniser,
  {
    dtS,
    now,
    grid,
    closed,
    settings,
  }: { dtS: number; now: Difference; grid: Supply; closed: boolean; settings: GensetSettings },
): { readonly state: Synchroniser; readonly close: boolean } {
  if (state.mode !== 'closing') return { state: { ...state, sinceS: state.sinceS + dtS }, close: false };
  if (closed) return { state: synchroniserOff, close: true };
  const sinceS = state.sinceS + dtS;
  if (sinceS > settings.syncTimeoutS)
    return { state: { ...state, mode: 'given-up', cause: 'timeout', sinceS, pulseS: undefined }, close: false };
  const inWindow = isInWindow(now, settings.sync, grid, settings.nominalHz);
  if (state.pulseS !== undefined) {
    const pulseS = state.pulseS + dtS;
    // At the instant of contact the window must still hold: an order outlives neither it nor its own time.
    if (pulseS <= settings.closePulseS && inWindow && willHold(now, dtS, settings))
      return { state: { ...state, sinceS, pulseS }, close: true };
    const attempts = state.attempts + 1;
    if (attempts < settings.closeAttempts) return { state: { mode: 'closing', sinceS, attempts }, close: false };
    return { state: { mode: 'given-up', cause: 'breaker-failure', sinceS, attempts }, close: false };
  }
  const atContactDeg = wrapped(now.angleDeg + 360 * now.slipHz * settings.breaker.closingS);
  const order = inWindow && Math.abs(atContactDeg) <= settings.aimDeg;
  return { state: { ...state, sinceS, pulseS: order ? 0 : undefined }, close: order };
}

function willHold(now: Difference, dtS: number, { sync }: GensetSettings): boolean {
  return Math.abs(now.angleDeg + 360 * now.slipHz * dtS) <= sync.angleDeg;
}
