import type { Phase } from '@tiepoint/headend/network/model/phase.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import { beside, mediumV, threePhases } from './site-plan.ts';
import type { SitePlan } from './site-plan.ts';
import type { SubstationName } from './substations.ts';

/** A district of the grid, fed along its middle street from one end. */
export type District = {
  readonly id: string;
  readonly substation: SubstationName;
  readonly street: number;
  /** Avenues in the order in which the trunk crosses them. */
  readonly avenues: readonly number[];
  /** Streets along which an express feeder reaches the first avenue; from the substation where there are none. */
  readonly express?: number;
};

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + Math.sign(to - from) * index);

const [north, south] = [13, 4];

export const districts: readonly District[] = [
  { id: 'W1', substation: 'West', street: north, avenues: range(0, 8) },
  { id: 'W2', substation: 'West', street: south, avenues: range(0, 8) },
  { id: 'W3', substation: 'West', street: north, avenues: range(9, 17), express: 8.7 },
  { id: 'E1', substation: 'East', street: north, avenues: range(26, 18) },
  { id: 'E2', substation: 'East', street: south, avenues: range(26, 18) },
  { id: 'E3', substation: 'East', street: south, avenues: range(17, 9), express: 8.3 },
];

/** Avenues on which three phases run the whole way, to meet the district on the other side. */
const branchAvenues = [5, 13, 22];
const reach = 4;

/** Where customers can be served: a pole with its phases. */
export type ServicePole = {
  readonly node: string;
  readonly district: string;
  readonly avenue: number;
  readonly phases: readonly Phase[];
  readonly onTrunk: boolean;
};

export type BuiltCircuit = {
  readonly poles: readonly ServicePole[];
  readonly firstTrunk: string;
  readonly lastTrunk: string;
  readonly branchEnds: ReadonlyMap<number, string>;
};

export function buildCircuit(plan: SitePlan, district: District, bus: string, random: SeededRandom): BuiltCircuit {
  const { id, substation } = district;
  const outgoing = plan.node(`${id}-out`, beside(plan.spot(bus), 4, districts.indexOf(district) * 3 - 7), mediumV, {
    substation: `${substation} substation`,
  });
  plan.switch(`${id}-breaker`, 'Breaker', bus, outgoing, { ratedCurrentA: 1_200 });
  plan.draft.put({
    kind: 'Circuit',
    id,
    name: `${substation} ${id}`,
    substation: `${substation} substation`,
    head: { equipment: `${id}-breaker`, terminal: 1 },
    ratedCurrentA: 480,
  });
  const trunk = buildTrunk(plan, district, approach(plan, district, outgoing));
  const poles: ServicePole[] = trunk.map(({ node, avenue }) => ({
    node,
    district: id,
    avenue,
    phases: threePhases,
    onTrunk: true,
  }));
  const branchEnds = new Map<number, string>();
  let turn = random.below(3);
  for (const { node, avenue } of trunk) {
    for (const direction of [1, -1] as const) {
      const isBranch = branchAvenues.includes(avenue);
      const phases = isBranch ? threePhases : [threePhases[turn % 3] ?? 'A'];
      turn += isBranch ? 0 : 1;
      const built = buildLateral(plan, district, { node, avenue, direction, phases });
      poles.push(...built);
      const towardsOther = direction === (district.street === north ? -1 : 1);
      const end = built.at(-1);
      if (isBranch && towardsOther && end !== undefined) branchEnds.set(avenue, end.node);
    }
  }
  const capacitorAt = trunk[5]?.node ?? '';
  plan.draft.put({
    kind: 'LinearShuntCompensator',
    id: `${id}-capacitor`,
    name: `${id}-capacitor`,
    terminals: [{ node: capacitorAt, phases: threePhases }],
    connection: 'wye',
    grounded: true,
    ratedVoltageV: mediumV,
    reactivePowerVar: 300_000,
    sections: 1,
    sectionsIn: 1,
    control: {
      name: `${id}-capacitor-control`,
      enabled: true,
      mode: 'voltage',
      on: 119,
      off: 125,
      ptRatio: 60,
      delayOnS: 60,
      delayOffS: 60,
      deadTimeS: 300,
      monitored: { equipment: `${id}-capacitor`, terminal: 1, phase: 'A' },
    },
  });
  return { poles, firstTrunk: trunk[0]?.node ?? '', lastTrunk: trunk.at(-1)?.node ?? '', branchEnds };
}

/** Underground out of the yard, then overhead to the district; far districts have a regulator on the way. */
function approach(plan: SitePlan, { id, substation, street, avenues, express }: District, outgoing: string): string {
  const outside = substation === 'West' ? -0.8 : plan.town.avenues - 0.2;
  const riser = plan.node(`${id}-riser`, plan.town.crossing(outside, express ?? (street === north ? 10 : 7)));
  plan.line(`${id}-getaway`, 'getaway', outgoing, riser);
  if (express === undefined) {
    const corner = plan.node(`${id}-corner`, plan.town.crossing(outside, street));
    plan.line(`${id}-up`, 'trunk', riser, corner);
    return corner;
  }
  const first = avenues[0] ?? 0;
  const stops = range(substation === 'West' ? 0 : plan.town.avenues - 1, first);
  let at = riser;
  for (const avenue of stops) {
    const next = plan.node(`${id}-X${avenue}`, plan.town.crossing(avenue, express));
    plan.line(`${id}-X${avenue}-span`, 'trunk', at, next);
    at = next;
  }
  return buildRegulator(plan, id, at);
}

/** Three single-phase units. */
function buildRegulator(plan: SitePlan, id: string, from: string): string {
  const to = plan.node(`${id}-regulated`, beside(plan.spot(from), 6, 6));
  const end = {
    connection: 'wye',
    grounded: true,
    ratedVoltageV: mediumV / Math.sqrt(3),
    ratedPowerVa: 3e6,
    resistancePu: 0.0005,
  } as const;
  for (const phase of threePhases) {
    const control = {
      name: `${id}-regulator-${phase}`,
      enabled: true,
      targetV: 122,
      bandwidthV: 2,
      ptRatio: 60,
      ctPrimaryA: 400,
      lineDropRV: 2,
      lineDropXV: 3,
      monitoredPhase: phase,
      delayS: 45,
      tapDelayS: 5,
    };
    plan.transformer({
      id: `${id}-regulator-${phase}`,
      bank: `${id}-regulator`,
      terminals: [from, to].map((node) => ({ node, phases: [phase] })),
      phaseCount: 1,
      ends: [
        end,
        { ...end, tapChanger: { lowStep: -16, highStep: 16, neutralStep: 0, stepPu: 0.00625, step: 0, control } },
      ],
      reactancePu: [0.005],
      normalPowerVa: 3e6,
    });
  }
  return to;
}

type TrunkPole = { readonly node: string; readonly avenue: number };

/** A recloser after the third avenue and a switch after the sixth part it into three. */
function buildTrunk(plan: SitePlan, { id, street, avenues }: District, from: string): TrunkPole[] {
  const poles: TrunkPole[] = [];
  let at = from;
  for (const [index, avenue] of avenues.entries()) {
    const spot = plan.town.crossing(avenue, street);
    const pole = plan.node(`${id}-T${index + 1}`, spot);
    const parting = ({ 3: 'Recloser', 6: 'LoadBreakSwitch' } as const)[index];
    if (parting === undefined) plan.line(`${id}-T${index + 1}-span`, 'trunk', at, pole);
    else {
      const before = plan.node(
        `${id}-T${index + 1}-before`,
        beside(spot, Math.sign(plan.spot(at).east - spot.east) * 6),
      );
      plan.line(`${id}-T${index + 1}-span`, 'trunk', at, before);
      plan.switch(`${id}-${parting === 'Recloser' ? 'recloser' : 'sectionaliser'}`, parting, before, pole, {
        ratedCurrentA: 630,
      });
    }
    poles.push({ node: pole, avenue });
    at = pole;
  }
  return poles;
}

type TakeOff = {
  readonly node: string;
  readonly avenue: number;
  readonly direction: 1 | -1;
  readonly phases: readonly Phase[];
};

function buildLateral(
  plan: SitePlan,
  { id, street }: District,
  { node, avenue, direction, phases }: TakeOff,
): ServicePole[] {
  const name = `${id}-A${avenue}${direction === 1 ? 'N' : 'S'}`;
  const isBranch = phases.length === 3;
  let at = plan.node(`${name}0`, beside(plan.spot(node), 0, direction * 5));
  if (isBranch) plan.switch(`${name}-switch`, 'LoadBreakSwitch', node, at, { ratedCurrentA: 400 });
  else plan.switch(`${name}-fuse`, 'Fuse', node, at, { ratedCurrentA: 65, phases });
  const poles: ServicePole[] = [];
  for (let step = 1; step <= reach; step += 1) {
    const pole = plan.node(`${name}${step}`, plan.town.crossing(avenue, street + direction * step));
    plan.line(`${name}${step}-span`, isBranch ? 'branch' : 'lateral', at, pole, phases);
    poles.push({ node: pole, district: id, avenue, phases, onTrunk: false });
    at = pole;
  }
  return poles;
}

/** Normally open, between the ends of trunks and between the branches that meet in the middle of the town. */
export function buildTies(plan: SitePlan, circuits: ReadonlyMap<string, BuiltCircuit>): void {
  const of = (id: string): BuiltCircuit => {
    const circuit = circuits.get(id);
    if (circuit === undefined) throw new Error(`there is no circuit ${id}`);
    return circuit;
  };
  const ends: [string, string, string, string][] = [
    ['W1', of('W1').lastTrunk, 'W3', of('W3').firstTrunk],
    ['W3', of('W3').lastTrunk, 'E1', of('E1').lastTrunk],
    ['W2', of('W2').lastTrunk, 'E3', of('E3').lastTrunk],
    ['E3', of('E3').firstTrunk, 'E2', of('E2').lastTrunk],
    ['W1', of('W1').branchEnds.get(5) ?? '', 'W2', of('W2').branchEnds.get(5) ?? ''],
    ['W3', of('W3').branchEnds.get(13) ?? '', 'E3', of('E3').branchEnds.get(13) ?? ''],
    ['E1', of('E1').branchEnds.get(22) ?? '', 'E2', of('E2').branchEnds.get(22) ?? ''],
  ];
  for (const [one, from, other, to] of ends) {
    const id = `tie-${one}-${other}`;
    const [start, end] = [plan.spot(from), plan.spot(to)];
    const middle = plan.node(`${id}-pole`, { east: (start.east + end.east) / 2, north: (start.north + end.north) / 2 });
    const isBranch = !from.includes('-T');
    plan.line(`${id}-span1`, isBranch ? 'branch' : 'trunk', from, middle);
    const after = plan.node(`${id}-after`, beside(middle === '' ? start : plan.spot(middle), 3, 3));
    plan.switch(id, 'LoadBreakSwitch', middle, after, { open: true, ratedCurrentA: 630 });
    plan.line(`${id}-span2`, isBranch ? 'branch' : 'trunk', after, to);
  }
}
