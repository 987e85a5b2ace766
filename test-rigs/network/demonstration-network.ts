import type { Network } from '@tiepoint/headend/network/model/network.ts';
import { seededRandom } from '../devices/seeded-random.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import { buildSources } from './alternative-sources.ts';
import { buildings } from './buildings.ts';
import { buildCircuit, buildTies, districts } from './circuits.ts';
import type { BuiltCircuit, ServicePole } from './circuits.ts';
import { impedances } from './conductors.ts';
import { buildBuilding, buildHouses, Counter } from './services.ts';
import { SitePlan } from './site-plan.ts';
import { buildSubstation } from './substations.ts';
import { town } from './town.ts';

const householdCount = 2_460;
const transformerCount = 260;

/**
 * A town of the product's own, the same for the same seed: two substations, six circuits with ties between them, about 300
 * transformers, 2,460 homes and 40 other customers, with engines, batteries and roofs among them.
 */
export function demonstrationNetwork(seed = 1): Network {
  const random = seededRandom(seed);
  const plan = new SitePlan(town(random));
  for (const impedance of impedances()) plan.draft.put(impedance);
  const buses = { West: buildSubstation(plan, 'West'), East: buildSubstation(plan, 'East') };
  const circuits = new Map<string, BuiltCircuit>();
  for (const district of districts)
    circuits.set(district.id, buildCircuit(plan, district, buses[district.substation], random));
  buildTies(plan, circuits);
  const poles = [...circuits.values()].flatMap((circuit) => circuit.poles);
  const counter = new Counter();
  const houses = settle(plan, poles, { random, counter });
  buildSources(plan, houses, random);
  return plan.draft.network();
}

type Settling = { readonly random: SeededRandom; readonly counter: Counter };

/** Buildings at poles with three phases, homes everywhere else, as evenly as chance has it. */
function settle(plan: SitePlan, poles: readonly ServicePole[], { random, counter }: Settling): string[] {
  const free = new Set(poles);
  for (const building of buildings) {
    const fitting = [...free].filter(
      ({ district, phases, onTrunk }) =>
        district === building.district && phases.length === 3 && (onTrunk || !building.onTrunk),
    );
    const pole = fitting[random.below(fitting.length)];
    if (pole === undefined) throw new Error(`no pole is left for ${building.name}`);
    free.delete(pole);
    buildBuilding(plan, pole, building, counter);
  }
  const single = [...free].filter(({ phases }) => phases.length === 1);
  const chosen = new Set(
    single
      .map((pole) => ({ pole, at: random.next() }))
      .toSorted((one, other) => one.at - other.at)
      .slice(0, transformerCount)
      .map(({ pole }) => pole),
  );
  const settled = single.filter((pole) => chosen.has(pole));
  const counts = spread(householdCount, settled.length, random);
  return settled.flatMap((pole, index) => buildHouses(plan, pole, counts[index] ?? 0, { random, counter }));
}

/** So many in all, on each a few more or less. */
function spread(total: number, parts: number, random: SeededRandom): number[] {
  const weights = Array.from({ length: parts }, () => 0.7 + 0.6 * random.next());
  const sum = weights.reduce((all, each) => all + each, 0);
  const counts = weights.map((weight) => Math.floor((total * weight) / sum));
  for (let rest = total - counts.reduce((all, each) => all + each, 0), at = 0; rest > 0; rest -= 1, at += 1)
    counts[at % parts] = (counts[at % parts] ?? 0) + 1;
  return counts;
}
