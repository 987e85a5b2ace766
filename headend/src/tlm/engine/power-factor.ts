import { customerKinds } from '../topology/load-topology.ts';

/**
 * Displacement power factors of customers whose meters count no reactive energy. Of homes 0.95 is what planners take; the others
 * are between motors without compensation (0.8) and lamps and heaters (1). Measured reactive energy always goes before.
 */
export const assumedPowerFactor: Readonly<Record<(typeof customerKinds)[number], number>> = {
  unknown: 0.95,
  residential: 0.95,
  commercial: 0.92,
  industrial: 0.88,
  agricultural: 0.88,
  public: 0.92,
};

/** Reactive by active energy, by the number of the kind. What is exported comes from inverters, at power factor 1. */
export const assumedTangents: Float64Array = Float64Array.from(customerKinds, (kind) =>
  Math.tan(Math.acos(assumedPowerFactor[kind])),
);
