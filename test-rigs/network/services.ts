import type { PowerTransformer } from '@tiepoint/headend/network/model/equipment.ts';
import { constantPower } from '@tiepoint/headend/network/model/equipment.ts';
import type { CustomerKind } from '@tiepoint/headend/network/model/network.ts';
import type { Phase } from '@tiepoint/headend/network/model/phase.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import type { ServicePole } from './circuits.ts';
import { beside, mediumV, threePhases } from './site-plan.ts';
import type { SitePlan } from './site-plan.ts';

const splitV = 240;
const buildingV = 480;
const poleSizesKva = [15, 25, 37.5, 50, 75, 100];
const padSizesKva = [75, 112.5, 150, 225, 300, 500, 750, 1_000, 1_500, 2_000];
const powerFactorTan = Math.tan(Math.acos(0.97));

/** Numbers that customers, meters and houses get, one after the other. */
export class Counter {
  customers = 0;
  readonly #houses = new Map<number, number>();

  nextCustomer(): { id: string; meter: string } {
    this.customers += 1;
    return { id: `C${String(this.customers).padStart(5, '0')}`, meter: String(41_000_000 + this.customers) };
  }

  nextHouse(avenue: number): number {
    const number = (this.#houses.get(avenue) ?? 98) + 2;
    this.#houses.set(avenue, number);
    return number;
  }
}

/** A transformer on the pole and the houses around it, along the avenue on both sides. Returns the nodes of the houses. */
export function buildHouses(
  plan: SitePlan,
  pole: ServicePole,
  houses: number,
  { random, counter }: { random: SeededRandom; counter: Counter },
): string[] {
  const spot = plan.spot(pole.node);
  const secondary = plan.node(`${pole.node}-LV`, beside(spot, 1.5), splitV);
  const loads = Array.from(
    { length: houses },
    () => Math.round((1.1 + 2.2 * random.next() + (random.next() < 0.2 ? 1.5 : 0)) * 100) / 100,
  );
  const needKva = loads.reduce((sum, kw) => sum + kw, 0) * 1.25;
  const kva = poleSizesKva.find((size) => size >= needKva) ?? 100;
  plan.transformer(poleTransformer(`${pole.node}-transformer`, pole, secondary, kva));
  const spans = [1, -1].map((direction) => {
    const next = plan.node(`${pole.node}-S${direction === 1 ? 'N' : 'S'}`, beside(spot, 1.5, direction * 34), splitV);
    plan.line(`${next}-span`, 'secondary', secondary, next, ['s1', 's2']);
    return next;
  });
  return loads.map((kw, index) => {
    // Lots of 18 m along the avenue, houses 16 to 24 m off it, in turn left and right.
    const along = (Math.floor(index / 2) - (houses / 2 - 1) / 2) * 18;
    const side = index % 2 === 0 ? 1 : -1;
    const from = along > 20 ? spans[0] : along < -20 ? spans[1] : secondary;
    const house = plan.node(`${pole.node}-H${index + 1}`, beside(spot, side * (16 + 8 * random.next()), along), splitV);
    plan.line(`${house}-drop`, 'drop', from ?? secondary, house, ['s1', 's2']);
    const address = `${counter.nextHouse(pole.avenue)} ${plan.town.avenueName(pole.avenue)}`;
    customerAt(
      plan,
      house,
      { name: address, kind: 'residential', kw, phases: ['s1', 's2'], ratedV: splitV, ratedCurrentA: 200 },
      counter,
    );
    return house;
  });
}

function poleTransformer(
  id: string,
  pole: ServicePole,
  secondary: string,
  kva: number,
): Parameters<SitePlan['transformer']>[0] {
  const end = { connection: 'wye', grounded: true, ratedPowerVa: kva * 1_000 } as const;
  return {
    id,
    terminals: [
      { node: pole.node, phases: pole.phases.slice(0, 1) },
      { node: secondary, phases: ['s1'] },
      { node: secondary, phases: ['N', 's2'] },
    ],
    phaseCount: 1,
    ends: [
      { ...end, ratedVoltageV: mediumV / Math.sqrt(3), resistancePu: 0.006 },
      { ...end, ratedVoltageV: 120, resistancePu: 0.012 },
      { ...end, ratedVoltageV: 120, resistancePu: 0.012 },
    ],
    reactancePu: [0.0204, 0.0204, 0.0136],
    normalPowerVa: kva * 1_000,
    emergencyPowerVa: kva * 1_500,
  };
}

export type Building = {
  readonly name: string;
  readonly kind: CustomerKind;
  readonly kw: number;
  readonly critical?: true;
};

/** A building with a transformer of its own on a pad. Returns its node. */
export function buildBuilding(plan: SitePlan, pole: ServicePole, building: Building, counter: Counter): string {
  const spot = plan.spot(pole.node);
  const house = buildPad(plan, pole, building.name, building.kw * 1.4);
  void spot;
  customerAt(
    plan,
    house,
    {
      ...building,
      phases: threePhases,
      ratedV: buildingV,
      ratedCurrentA: Math.ceil((building.kw * 1_600) / (Math.sqrt(3) * buildingV) / 100) * 100,
    },
    counter,
  );
  return house;
}

const idOfName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** A pad-mounted transformer to 480 V, and the cable into what stands there. */
export function buildPad(plan: SitePlan, pole: ServicePole, name: string, needKva: number): string {
  const id = idOfName(name);
  const spot = beside(plan.spot(pole.node), -14, 10);
  const pad = plan.node(`${id}-LV`, spot, buildingV);
  const kva = padSizesKva.find((size) => size >= needKva) ?? 2_000;
  const common = { connection: 'wye', grounded: true, ratedPowerVa: kva * 1_000, resistancePu: 0.005 } as const;
  const transformer: Omit<PowerTransformer, 'kind' | 'name' | 'noLoadLossPu' | 'magnetisingPu'> = {
    id: `${id}-transformer`,
    terminals: [pole.node, pad].map((node) => ({ node, phases: threePhases })),
    phaseCount: 3,
    ends: [
      { ...common, ratedVoltageV: mediumV },
      { ...common, ratedVoltageV: buildingV },
    ],
    reactancePu: [0.0575],
    normalPowerVa: kva * 1_000,
    emergencyPowerVa: kva * 1_300,
  };
  plan.transformer(transformer);
  const inside = plan.node(id, beside(spot, -18, 6), buildingV);
  plan.line(`${id}-service`, 'service', pad, inside);
  return inside;
}

type Served = {
  readonly name: string;
  readonly kind: CustomerKind;
  readonly kw: number;
  readonly critical?: true;
  readonly phases: readonly Phase[];
  readonly ratedV: number;
  readonly ratedCurrentA: number;
};

function customerAt(plan: SitePlan, node: string, served: Served, counter: Counter): void {
  const { id, meter } = counter.nextCustomer();
  const { name, kind, kw, critical, phases, ratedV, ratedCurrentA } = served;
  plan.draft.put({ kind: 'Customer', id, name, customerKind: kind, ...(critical === undefined ? {} : { critical }) });
  // C&I customers have their own meters, which are read by other ways.
  const isSmart = kind === 'residential';
  plan.draft.put({
    kind: 'UsagePoint',
    id: `SP-${id}`,
    name,
    node,
    phases,
    customer: id,
    ratedCurrentA,
    ...(isSmart ? { meter } : {}),
  });
  plan.draft.put({
    kind: 'EnergyConsumer',
    id: `load-${id}`,
    name: `Load of ${id}`,
    terminals: [{ node, phases }],
    connection: 'wye',
    grounded: true,
    ratedVoltageV: ratedV,
    activePowerW: Math.round(kw * 1_000),
    reactivePowerVar: Math.round(kw * 1_000 * powerFactorTan),
    response: constantPower,
    minVoltagePu: 0.9,
    maxVoltagePu: 1.1,
    customerCount: 1,
  });
}
