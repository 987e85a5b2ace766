/** IEEE C57.91, thermal model of clause 7: rises at rated load in K, time constants in hours. */
export type ThermalModel = {
  readonly topOilRiseK: number;
  /** Of the hottest spot over the top oil. */
  readonly hotSpotRiseK: number;
  /** Load loss at rated load to no-load loss. */
  readonly lossRatio: number;
  readonly oilH: number;
  readonly windingH: number;
  readonly oilExponent: number;
  readonly windingExponent: number;
};

/**
 * Of a transformer with natural circulation of oil and air and a 65 K average winding rise, where its own test report is not known: what C57.91
 * gives as typical. Rated load at 30 °C brings the hottest spot to 110 °C.
 */
export const typicalThermal: ThermalModel = {
  topOilRiseK: 55,
  hotSpotRiseK: 25,
  lossRatio: 3.2,
  oilH: 3,
  windingH: 5 / 60,
  oilExponent: 0.8,
  windingExponent: 0.8,
};

/** The average ambient temperature that ratings are made for; taken where none is known. */
export const ratedAmbientC = 30;

/** C57.91: hours at 110 °C at which insulation has come to the end of its life, by the retained degree of polymerisation of 200. */
export const normalLifeH = 180_000;

/** How much faster than at 110 °C insulation ages (C57.91, equation 2): 1 at 110 °C. */
export const ageingFactor = (hotSpotC: number): number => Math.exp(15_000 / 383 - 15_000 / (hotSpotC + 273));

/** Rises that a load, in parts of the rated one, leads to when it lasts. */
export function ultimateRises(load: number, model: ThermalModel): { readonly oilK: number; readonly windingK: number } {
  const { topOilRiseK, hotSpotRiseK, lossRatio, oilExponent, windingExponent } = model;
  const square = load * load;
  return {
    oilK: topOilRiseK * ((square * lossRatio + 1) / (lossRatio + 1)) ** oilExponent,
    windingK: hotSpotRiseK * square ** windingExponent,
  };
}

export type Aged = {
  /** Hours at 110 °C that age as much as the known hours did, and how many those are. */
  agedH: number;
  knownH: number;
  hottestC: number;
  /** By its place among the hours. */
  hottestHour: number;
};

/** In steps within the hour, for at a change of load the temperature, and ageing even more, is far from even. */
const steps = 12;

/**
 * Follows the temperatures of a transformer through hours with one load each, in parts of the rated one; NaN: nobody knows. Hours before `countFrom` only
 * warm it up. It begins as if the first known load had lasted. Over an hour that nobody knows it stays at the load of before, and does not count.
 */
export function ageThrough(
  loads: ArrayLike<number>,
  ambientC: ArrayLike<number>,
  countFrom: number,
  model: ThermalModel,
): Aged {
  const aged: Aged = { agedH: 0, knownH: 0, hottestC: NaN, hottestHour: -1 };
  const first = Array.prototype.findIndex.call(loads, (load: number) => !Number.isNaN(load));
  if (first < 0) return aged;
  let ultimate = ultimateRises(loads[first]!, model);
  let { oilK, windingK } = ultimate;
  const decay = decays(model);
  for (let hour = first; hour < loads.length; hour += 1) {
    const isKnown = !Number.isNaN(loads[hour]!);
    if (isKnown) ultimate = ultimateRises(loads[hour]!, model);
    const { oilK: oilEnd, windingK: windingEnd } = ultimate;
    if (isKnown && hour >= countFrom) {
      aged.knownH += 1;
      for (let step = 0; step < steps; step += 1) {
        const oil = oilEnd + (oilK - oilEnd) * decay.oil[step]!;
        const hotSpotC = ambientC[hour]! + oil + windingEnd + (windingK - windingEnd) * decay.winding[step]!;
        aged.agedH += ageingFactor(hotSpotC) / steps;
        if (!(hotSpotC <= aged.hottestC)) {
          aged.hottestC = hotSpotC;
          aged.hottestHour = hour;
        }
      }
    }
    oilK = oilEnd + (oilK - oilEnd) * decay.oil[steps]!;
    windingK = windingEnd + (windingK - windingEnd) * decay.winding[steps]!;
  }
  return aged;
}

/** What is left of a difference in the middle of each step, and at last at the end of the hour. */
function decays({ oilH, windingH }: ThermalModel): { readonly oil: Float64Array; readonly winding: Float64Array } {
  const of = (constantH: number): Float64Array =>
    Float64Array.from({ length: steps + 1 }, (_, step) =>
      Math.exp(-(step === steps ? 1 : (step + 0.5) / steps) / constantH),
    );
  return { oil: of(oilH), winding: of(windingH) };
}
