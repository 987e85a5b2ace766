import { typicalThermal } from './transformer-thermal.ts';

/** What no transformer is: a ratio beyond has been drawn wrong. */
const [least, most] = [0.5, 20];

/** Load loss to no-load loss, as the network has them; the typical one where it has not both. */
export function lossRatioOf(
  noLoadLossW: number,
  loadLossW: number,
): { readonly ratio: number; readonly isAssumed: boolean } {
  const ratio = loadLossW / noLoadLossW;
  const isBelievable = ratio >= least && ratio <= most;
  return isBelievable ? { ratio, isAssumed: false } : { ratio: typicalThermal.lossRatio, isAssumed: true };
}
