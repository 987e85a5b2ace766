import { smoothNoise } from './noise.ts';

/** Voltage at some place of the grid, as a share of nominal, with its frequency. A dead place has 0 of both. */
export type Supply = { readonly voltagePu: number; readonly frequencyHz: number };

export const dead: Supply = { voltagePu: 0, frequencyHz: 0 };
/** Below this share of nominal nothing runs on it: the place counts as dead. */
export const deadBelowPu = 0.1;

export const isLive = ({ voltagePu }: Supply): boolean => voltagePu >= deadBelowPu;

export type GridSettings = { readonly seed: number; readonly nominalHz: number };
/** What a test or a person does to the grid. */
export type GridDisturbance = {
  readonly dead?: boolean;
  readonly frequencyOffsetHz?: number;
  readonly voltageOffsetPu?: number;
};

/** The grid as a stiff source: it wanders by about 0.02 Hz and 0.8 %, and takes no notice of the devices on it. */
export function gridSupply(
  { seed, nominalHz }: GridSettings,
  clockS: number,
  disturbance: GridDisturbance = {},
): Supply {
  if (disturbance.dead === true) return dead;
  return {
    voltagePu: 1 + 0.008 * smoothNoise(seed, clockS / 90) + (disturbance.voltageOffsetPu ?? 0),
    frequencyHz: nominalHz + 0.02 * smoothNoise(seed + 1, clockS / 40) + (disturbance.frequencyOffsetHz ?? 0),
  };
}

/** Enter-service limits of IEEE 1547-2018 as OpenDER has them (clause 4.10.2), and the wider band in which it stays on. */
const enterService = { minPu: 0.917, maxPu: 1.05, belowNominalHz: 0.5, aboveNominalHz: 0.1 };
const stayInService = { minPu: 0.88, maxPu: 1.1, belowNominalHz: 1.5, aboveNominalHz: 1.2 };

export function mayEnterService(supply: Supply, nominalHz: number): boolean {
  return within(supply, nominalHz, enterService);
}

export function mayStayInService(supply: Supply, nominalHz: number): boolean {
  return within(supply, nominalHz, stayInService);
}

function within({ voltagePu, frequencyHz }: Supply, nominalHz: number, band: typeof enterService): boolean {
  return (
    voltagePu >= band.minPu &&
    voltagePu <= band.maxPu &&
    frequencyHz >= nominalHz - band.belowNominalHz &&
    frequencyHz <= nominalHz + band.aboveNominalHz
  );
}
