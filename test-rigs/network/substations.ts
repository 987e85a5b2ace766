import type { SitePlan } from './site-plan.ts';
import { beside, mediumV, threePhases } from './site-plan.ts';
import type { Spot } from './town.ts';

const highV = 69_000;

export type SubstationName = 'West' | 'East';

/** A source, a transformer with a tap changer under load, and a bus from which the circuits go out. Returns the bus. */
export function buildSubstation(plan: SitePlan, name: SubstationName): string {
  const spot = substationSpot(plan, name);
  const id = `${name} substation`;
  const inward = name === 'West' ? 1 : -1;
  plan.draft.put({ kind: 'Substation', id, name: id, position: plan.town.position(spot) });
  const [high, bus] = [`${name}-69kV`, `${name}-bus`];
  plan.node(high, beside(spot, -15 * inward), highV, { substation: id });
  plan.node(bus, beside(spot, 15 * inward), mediumV, { substation: id });
  plan.draft.put({
    kind: 'EnergySource',
    id: `${name}-transmission`,
    name: `${name} transmission`,
    terminals: [{ node: high, phases: threePhases }],
    nominalVoltageV: highV,
    voltagePu: 1.02,
    angleDeg: 0,
    r1Ohm: 0.6,
    x1Ohm: 4.8,
    r0Ohm: 1.2,
    x0Ohm: 9.5,
  });
  const common = { ratedPowerVa: 15e6, resistancePu: 0.004 };
  const control = {
    name: `${name}-LTC`,
    enabled: true,
    targetV: 123,
    bandwidthV: 2,
    ptRatio: 60,
    ctPrimaryA: 800,
    lineDropRV: 1.5,
    lineDropXV: 3,
    monitoredPhase: 'A',
    delayS: 30,
    tapDelayS: 5,
  } as const;
  plan.transformer({
    id: `${name}-T1`,
    terminals: [high, bus].map((node) => ({ node, phases: threePhases })),
    phaseCount: 3,
    ends: [
      { ...common, connection: 'delta', grounded: false, ratedVoltageV: highV },
      {
        ...common,
        connection: 'wye',
        grounded: true,
        ratedVoltageV: mediumV,
        tapChanger: { lowStep: -16, highStep: 16, neutralStep: 0, stepPu: 0.00625, step: 0, control },
      },
    ],
    reactancePu: [0.08],
    normalPowerVa: 15e6,
    emergencyPowerVa: 20e6,
    clock: [0, 1],
  });
  return bus;
}

/** At the ends of the town, between its northern and its southern half. */
export function substationSpot({ town }: SitePlan, name: SubstationName): Spot {
  return name === 'West' ? town.crossing(-1.6, 8.5) : town.crossing(town.avenues + 0.6, 8.5);
}
