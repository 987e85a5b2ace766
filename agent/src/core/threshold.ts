export type ThresholdState = { readonly above: boolean | undefined };
export type Crossing = { readonly direction: 'up' | 'down'; readonly valuePct: number; readonly thresholdPct: number };

/**
 * Follows one threshold of generation in percent of rated power (F15). Leaves the band only by more than the hysteresis, so
 * that a plant idling on the threshold does not flood the line. An unknown value changes nothing; the first known one only
 * tells where the plant stands.
 */
export function followThreshold(
  state: ThresholdState,
  valuePct: number | undefined,
  { thresholdPct, hysteresisPct }: { thresholdPct: number; hysteresisPct: number },
): { state: ThresholdState; effects: readonly Crossing[] } {
  if (valuePct === undefined) return { state, effects: [] };
  const above = state.above === true ? valuePct > thresholdPct - hysteresisPct : valuePct >= thresholdPct;
  if (above === state.above) return { state, effects: [] };
  if (state.above === undefined) return { state: { above }, effects: [] };
  return { state: { above }, effects: [{ direction: above ? 'up' : 'down', valuePct, thresholdPct }] };
}

/** Follows all of a device's thresholds; `states` are those of the last call, none at first. A source without a rating has none. */
export function followThresholds(
  states: readonly ThresholdState[],
  { activePowerW, ratedPowerW }: { activePowerW: number | undefined; ratedPowerW: number | undefined },
  { thresholdsPct, hysteresisPct }: { thresholdsPct: readonly number[]; hysteresisPct: number },
): { states: readonly ThresholdState[]; effects: readonly Crossing[] } {
  if (ratedPowerW === undefined || ratedPowerW <= 0 || activePowerW === undefined) return { states, effects: [] };
  const valuePct = (100 * activePowerW) / ratedPowerW;
  const followed = thresholdsPct.map((thresholdPct, index) =>
    followThreshold(states[index] ?? { above: undefined }, valuePct, { thresholdPct, hysteresisPct }),
  );
  return { states: followed.map(({ state }) => state), effects: followed.flatMap(({ effects }) => effects) };
}
