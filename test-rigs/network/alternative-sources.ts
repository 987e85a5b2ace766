import type { BatteryUnit, PhotovoltaicUnit } from '@tiepoint/headend/network/model/equipment.ts';
import type { Phase } from '@tiepoint/headend/network/model/phase.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import { threePhases } from './site-plan.ts';
import type { SitePlan } from './site-plan.ts';

const machines = [
  { at: 'tallgrass-hospital', name: 'Hospital diesel', kw: 800, running: 0, inertiaS: 1.2 },
  { at: 'water-works', name: 'Water works diesel', kw: 500, running: 0, inertiaS: 1.1 },
  { at: 'tallgrass-brewery', name: 'Brewery gas CHP', kw: 600, running: 0.7, inertiaS: 1.8 },
  { at: 'sewage-works', name: 'Digester gas engine', kw: 200, running: 0.9, inertiaS: 1 },
  { at: 'data-centre', name: 'Data centre diesel', kw: 1_000, running: 0, inertiaS: 1.3 },
  { at: 'community-college', name: 'College microturbines', kw: 195, running: 0.5, inertiaS: 0.6 },
] as const;

const batteries = [
  { at: 'tallgrass-high-school', name: 'School battery', kw: 250, hours: 4 },
  { at: 'shopping-arcade', name: 'Arcade battery', kw: 200, hours: 2 },
  { at: 'cold-store', name: 'Cold store battery', kw: 300, hours: 2 },
] as const;

const roofs = [
  { at: 'south-gate-mall', kw: 320 },
  { at: 'department-store', kw: 150 },
  { at: 'dairy', kw: 400 },
  { at: 'swimming-hall', kw: 120 },
  { at: 'prairie-market', kw: 110 },
  { at: 'sheet-metal-works', kw: 280 },
] as const;

const buildingV = 480;

/** DER that may stand as alternative sources: engines, batteries and roofs at buildings, small ones at houses. */
export function buildSources(plan: SitePlan, houses: readonly string[], random: SeededRandom): void {
  for (const { at, name, kw, running, inertiaS } of machines) {
    plan.draft.put({
      kind: 'SynchronousMachine',
      id: `AAS-${at}`,
      name,
      terminals: [{ node: at, phases: threePhases }],
      connection: 'wye',
      ratedVoltageV: buildingV,
      ratedPowerVa: kw * 1_250,
      activePowerW: kw * 1_000 * running,
      reactivePowerVar: 0,
      operation: 'constantPower',
      machine: { transientXdPu: 0.24, subtransientXdPu: 0.16, inertiaS },
    });
  }
  for (const { at, name, kw, hours } of batteries)
    inverter(plan, {
      id: `AAS-${at}`,
      name,
      node: at,
      phases: threePhases,
      ratedV: buildingV,
      kw,
      running: 0,
      units: [battery(kw, hours)],
    });
  for (const { at, kw } of roofs)
    inverter(plan, {
      id: `PV-${at}`,
      name: `Roof of ${at}`,
      node: at,
      phases: threePhases,
      ratedV: buildingV,
      kw,
      running: 0.6,
      units: [panels(kw)],
    });
  const chosen = shuffled(houses, random);
  for (const [index, node] of chosen.slice(0, 140).entries()) {
    const kw = Math.round((3 + 5 * random.next()) * 10) / 10;
    inverter(plan, {
      id: `PV-${node}`,
      name: `Roof ${index + 1}`,
      node,
      phases: ['s1', 's2'],
      ratedV: 240,
      kw,
      running: 0.6,
      units: [panels(kw)],
    });
    if (index < 36)
      inverter(plan, {
        id: `AAS-${node}`,
        name: `Home battery ${index + 1}`,
        node,
        phases: ['s1', 's2'],
        ratedV: 240,
        kw: 5,
        running: 0,
        units: [battery(5, 2.7)],
      });
  }
}

function shuffled<T>(all: readonly T[], random: SeededRandom): T[] {
  return all
    .map((one) => ({ one, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

const panels = (kw: number): PhotovoltaicUnit => ({
  kind: 'PhotovoltaicUnit',
  peakPowerW: kw * 1_100,
  irradiancePu: 0.6,
});

function battery(kw: number, hours: number): BatteryUnit {
  const energy = Math.round(kw * hours * 1_000);
  return {
    kind: 'BatteryUnit',
    ratedPowerW: kw * 1_000,
    ratedEnergyWh: energy,
    storedEnergyWh: Math.round(energy * 0.7),
    reserveWh: Math.round(energy * 0.2),
    state: 'idle',
    chargeEfficiency: 0.95,
    dischargeEfficiency: 0.95,
  };
}

type Inverter = {
  id: string;
  name: string;
  node: string;
  phases: readonly Phase[];
  ratedV: number;
  kw: number;
  running: number;
  units: readonly (PhotovoltaicUnit | BatteryUnit)[];
};

function inverter(plan: SitePlan, { id, name, node, phases, ratedV, kw, running, units }: Inverter): void {
  plan.draft.put({
    kind: 'PowerElectronicsConnection',
    id,
    name,
    terminals: [{ node, phases }],
    connection: 'wye',
    ratedVoltageV: ratedV,
    ratedPowerVa: kw * 1_000,
    activePowerW: Math.round(kw * 1_000 * running),
    reactivePowerVar: 0,
    units,
  });
}
