import { ascending, known, quantile } from './hour-series.ts';
import type { HourSeries } from './hour-series.ts';

/** For how much of the time which load was reached or exceeded: 0 % is the highest hour, 100 % the lowest. */
export type DurationCurve = {
  readonly sharePct: readonly number[];
  readonly activeW: readonly number[];
  readonly amps: readonly number[];
  /** Hours in the curve, and those of which nobody knows the load. */
  readonly knownHours: number;
  readonly unknownHours: number;
};

/** Finer where the peaks are. */
const sharesPct = [0, 0.1, 0.2, 0.5, ...Array.from({ length: 100 }, (_, index) => index + 1)];

/** Power and current each in their own order. Without any known hour the curves are empty. */
export function durationCurve({ hourS, activeW, amps }: HourSeries): DurationCurve {
  const [watts, amperes] = [ascending(known(activeW)), ascending(known(amps))];
  const curve = (values: readonly number[], digits: number): number[] =>
    values.length === 0 ? [] : sharesPct.map((share) => Number(quantile(values, 1 - share / 100).toFixed(digits)));
  return {
    sharePct: watts.length === 0 ? [] : sharesPct,
    activeW: curve(watts, 0),
    amps: curve(amperes, 3),
    knownHours: watts.length,
    unknownHours: hourS.length - watts.length,
  };
}
