import type { TravelTimes } from './switchgear.ts';

/** How far generator and grid may differ when the breaker's contacts touch. */
export type SyncLimits = { readonly slipHz: number; readonly voltagePu: number; readonly angleDeg: number };

/** Table 5 of IEEE 1547-2018 as the facts of the project have it; not confirmed against the standard. */
export function syncLimitsFor(ratedVa: number): SyncLimits {
  if (ratedVa <= 500_000) return { slipHz: 0.3, voltagePu: 0.1, angleDeg: 20 };
  if (ratedVa <= 1_500_000) return { slipHz: 0.2, voltagePu: 0.05, angleDeg: 15 };
  return { slipHz: 0.1, voltagePu: 0.03, angleDeg: 10 };
}

export type GensetSettings = {
  readonly seed: number;
  readonly ratedW: number;
  readonly ratedVa: number;
  /** Line to neutral. */
  readonly nominalV: number;
  readonly nominalHz: number;
  /** Inertia constant H. */
  readonly inertiaS: number;
  readonly droopPu: number;
  readonly governorS: number;
  readonly primeMoverS: number;
  /** First-order time of the voltage regulator with its exciter. */
  readonly exciterS: number;
  /** Between generator and grid, transient. */
  readonly reactancePu: number;
  /** Power for a speed of 1 pu above the grid's. */
  readonly dampingPu: number;
  /** Mechanical losses, as a share of rated power. */
  readonly lossPu: number;
  readonly crankS: number;
  readonly crankPauseS: number;
  readonly crankAttempts: number;
  readonly warmUpS: number;
  readonly coolDownS: number;
  /** The breaker, as the synchroniser believes it to be. */
  readonly breaker: TravelTimes;
  readonly sync: SyncLimits;
  /** The slip that the synchroniser steers for: small enough to close in, large enough to come round. */
  readonly slipTargetHz: number;
  /** It closes only where the angle at contact will be within this of zero. */
  readonly aimDeg: number;
  /** A close order is taken back if the breaker has not closed in this time. */
  readonly closePulseS: number;
  readonly closeAttempts: number;
  /** It gives up if it has not closed in this time. */
  readonly syncTimeoutS: number;
  /** Share of rated power a second, up and down. */
  readonly loadRampPerS: number;
  /** Share of rated power that it takes over after closing. */
  readonly baseLoadPu: number;
  readonly tankL: number;
  readonly litresPerKwh: number;
};

/** A 500 kW diesel set with a 625 kVA generator. Warm-up and cool-down are those of a demonstration; a real one takes minutes. */
export const dieselSettings: GensetSettings = {
  seed: 3,
  ratedW: 500_000,
  ratedVa: 625_000,
  nominalV: 277,
  nominalHz: 60,
  inertiaS: 1.5,
  droopPu: 0.04,
  governorS: 0.1,
  primeMoverS: 0.2,
  exciterS: 0.5,
  reactancePu: 0.25,
  dampingPu: 40,
  lossPu: 0.03,
  crankS: 3,
  crankPauseS: 5,
  crankAttempts: 3,
  warmUpS: 5,
  coolDownS: 20,
  breaker: { openingS: 0.05, closingS: 0.08 },
  sync: syncLimitsFor(625_000),
  slipTargetHz: 0.1,
  aimDeg: 3,
  closePulseS: 0.25,
  closeAttempts: 3,
  syncTimeoutS: 90,
  loadRampPerS: 0.05,
  baseLoadPu: 0.6,
  tankL: 1000,
  litresPerKwh: 0.27,
};
