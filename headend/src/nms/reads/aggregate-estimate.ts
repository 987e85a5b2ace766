/** One meter of an aggregate. Powers in W, import positive. */
export type AggregateMeter = {
  /** What it was expected to take now, from its history; absent: nobody knows. */
  readonly expectedW?: number | undefined;
  /** What it answered; absent: it is silent. */
  readonly measuredW?: number | undefined;
  /** Voltage times current as it answered. */
  readonly apparentVa?: number | undefined;
};

/** The load of a part of the network. With every meter heard it is a sum; what silent ones take is estimated, with its band. */
export type AggregateFigure = {
  readonly activePowerW: number;
  /** P10 and P90. */
  readonly lowW: number;
  readonly highW: number;
  /** Absent where no meter told voltage and current. */
  readonly apparentPowerVa?: number;
  /** Of those that answered, alone. */
  readonly measuredW: number;
  readonly asked: number;
  readonly answered: number;
};

/** Of the normal distribution: between P10 and P50, and P50 and P90. */
const z90 = 1.2816;
/**
 * What is thought of a house before any answer: how far its load of this hour is from what its history says, as a share of that. Of single
 * homes from one day to the next this is near 1; so many answers weigh as much as the prior.
 */
const priorVariation = 0.8;
const priorWeight = 5;
/** So many typical meters hold the ratio of measured to expected near 1 while few have answered. */
const ratioWeight = 2;

/**
 * Ratio estimate, as of a survey with non-response: those that answered tell how this moment differs from history (weather, holiday), and the
 * silent are expected to differ likewise. Its variance is that of the silent ones, by the residuals of those that answered, and of the ratio itself
 * (Cochran, Sampling Techniques, ch. 6). Meters of unknown history take the mean of those that answered. Undefined: nothing is known at all.
 */
export function aggregateFigure(meters: readonly AggregateMeter[]): AggregateFigure | undefined {
  const heard = meters.filter((each): each is AggregateMeter & { measuredW: number } => each.measuredW !== undefined);
  const silent = meters.filter(({ measuredW }) => measuredW === undefined);
  const measuredW = sum(heard.map((each) => each.measuredW));
  const counts = { measuredW, asked: meters.length, answered: heard.length };
  const guess = silent.length === 0 ? { meanW: 0, variance: 0 } : silentLoad(heard, silent);
  if (guess === undefined) return undefined;
  const activePowerW = measuredW + guess.meanW;
  const half = z90 * Math.sqrt(guess.variance);
  const apparentPowerVa = apparent(heard, activePowerW);
  return {
    activePowerW,
    lowW: activePowerW - half,
    highW: activePowerW + half,
    ...(apparentPowerVa === undefined ? {} : { apparentPowerVa }),
    ...counts,
  };
}

type Heard = AggregateMeter & { readonly measuredW: number };
type Guess = { readonly meanW: number; readonly variance: number };

function silentLoad(heard: readonly Heard[], silent: readonly AggregateMeter[]): Guess | undefined {
  const known = silent.filter((each): each is AggregateMeter & { expectedW: number } => each.expectedW !== undefined);
  const unknown = silent.length - known.length;
  const byHistory = known.length === 0 ? { meanW: 0, variance: 0 } : byRatio(heard, known);
  const byMean = unknown === 0 ? { meanW: 0, variance: 0 } : likeTheOthers(heard, known, unknown);
  if (byMean === undefined) return undefined;
  return { meanW: byHistory.meanW + byMean.meanW, variance: byHistory.variance + byMean.variance };
}

function byRatio(heard: readonly Heard[], silent: readonly { readonly expectedW: number }[]): Guess {
  // Where a meter feeds in, a share of its expectation says nothing about the load of others.
  const pairs = heard.flatMap(({ measuredW, expectedW }) =>
    expectedW !== undefined && expectedW >= 1 ? [{ measuredW, expectedW }] : [],
  );
  const expected = sum(pairs.map(({ expectedW }) => expectedW));
  const typical = pairs.length === 0 ? 0 : expected / pairs.length;
  const ratio =
    pairs.length === 0
      ? 1
      : Math.max(0, sum(pairs.map(({ measuredW }) => measuredW)) + ratioWeight * typical) /
        (expected + ratioWeight * typical);
  const squares = sum(pairs.map(({ measuredW, expectedW }) => (measuredW - ratio * expectedW) ** 2));
  const scale = sum(pairs.map(({ expectedW }) => expectedW ** 2));
  const prior = priorWeight * (pairs.length === 0 ? 1 : scale / pairs.length);
  // Squared variation of one meter, as a share of what is expected of it.
  const variation = (squares + priorVariation ** 2 * prior) / (scale + prior);
  const silentW = sum(silent.map(({ expectedW }) => (expectedW > 0 ? ratio * expectedW : expectedW)));
  const ofMeters = variation * sum(silent.map(({ expectedW }) => expectedW ** 2));
  const ofRatio =
    pairs.length === 0
      ? priorVariation ** 2 * silentW ** 2
      : ((variation * scale) / (expected + ratioWeight * typical) ** 2) *
        sum(silent.map((each) => each.expectedW)) ** 2;
  return { meanW: silentW, variance: ofMeters + ofRatio };
}

function likeTheOthers(
  heard: readonly Heard[],
  known: readonly { readonly expectedW: number }[],
  count: number,
): Guess | undefined {
  const values = heard.length > 0 ? heard.map((each) => each.measuredW) : known.map(({ expectedW }) => expectedW);
  if (values.length === 0) return undefined;
  const mean = sum(values) / values.length;
  const spread = sum(values.map((value) => (value - mean) ** 2));
  const variance = (spread + priorWeight * (priorVariation * mean) ** 2) / (values.length - 1 + priorWeight);
  return { meanW: count * mean, variance: count * variance + count ** 2 * (variance / values.length) };
}

function apparent(heard: readonly Heard[], activePowerW: number): number | undefined {
  const told = heard.filter(({ apparentVa }) => apparentVa !== undefined);
  const active = sum(told.map(({ measuredW }) => Math.abs(measuredW)));
  if (active === 0) return undefined;
  return Math.abs(activePowerW) * (sum(told.map(({ apparentVa = 0 }) => apparentVa)) / active);
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
