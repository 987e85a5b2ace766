import { transformerRole } from '../../network/connectivity/labels.ts';
import { substationOf } from '../../network/connectivity/labels.ts';
import type { NetworkView } from '../../network/connectivity/network-view.ts';
import { nodeIdAt, verticesOf } from '../../network/connectivity/structure.ts';
import type { Branch, PowerTransformer, Switch } from '../../network/model/equipment.ts';
import type { Circuit } from '../../network/model/network.ts';
import { nominalVoltages, windingVoltage } from '../../network/model/nominal-voltages.ts';
import { banksOf } from './carriers.ts';
import { secondaryPhaseV } from './service.ts';
import type { ElementRating, TopologyElement } from './load-topology.ts';

export type RatedElement = TopologyElement & { readonly rating: ElementRating };
type Known<T> = { [K in keyof T]?: T[K] | undefined };

/** Everything of a network that has a load, as of one view; banks by their first unit. */
export function topologyElements(view: NetworkView, carrierOf: Int32Array): RatedElement[] {
  const nominal = nominalVoltages(view.network);
  const voltage = (node: string | undefined): number | undefined =>
    view.network.nodes.get(node ?? '')?.nominalVoltageV ?? nominal.get(node ?? '');
  const { branches } = view.tracing.structure;
  const banks = banksOf(view, carrierOf);
  const carriers = branches.flatMap((branch, index): RatedElement[] => {
    if (carrierOf[index] !== index) return [];
    if (branch.kind === 'Switch') return [switchElement(view, branch, voltage)];
    return branch.kind === 'PowerTransformer' ? [transformerElement(view, banks.get(index) ?? [branch])] : [];
  });
  const segments = view.topology.segments.all.map(({ id, nodes }) => segmentElement(view, { id, nodes }, voltage));
  const circuits = view.labels.circuits.map((circuit) => circuitElement(view, circuit, voltage));
  return [...carriers, ...segments, ...circuits];
}

type Voltage = (node: string | undefined) => number | undefined;

function transformerElement(view: NetworkView, units: readonly PowerTransformer[]): RatedElement {
  const [first] = units;
  if (first === undefined) throw new Error('a bank without units');
  const isService = transformerRole(first) === 'service';
  const rated = first.ends.map((_, end) => windingVoltage(first, end));
  const shown = isService ? Math.max(...rated) : Math.min(...rated);
  const ratings = units.map((unit) => unit.normalPowerVa ?? Math.max(...unit.ends.map((end) => end.ratedPowerVa)));
  return known({
    kind: 'transformer',
    id: first.id,
    title: units.length > 1 ? (first.bank ?? first.name) : first.name,
    ...belongingOf(view, first),
    rating: known<ElementRating>({
      phaseV: shown / Math.sqrt(3),
      secondaryPhaseV: isService ? secondaryPhaseV(first) : undefined,
      ratedVa: sum(ratings),
      noLoadLossW: positive(sum(units.map((unit) => unit.noLoadLossPu * (unit.ends[0]?.ratedPowerVa ?? 0)))),
      loadLossW: positive(sum(units.map(loadLossW))),
    }),
  });
}

/** Of the resistance of all windings in its way: of a centre tap's two halves, which share the current, half of each counts. */
function loadLossW({ ends }: PowerTransformer): number {
  const [first, ...others] = ends;
  if (first === undefined || others.length === 0) return 0;
  const far = sum(others.map((end) => end.resistancePu)) / others.length;
  return (first.resistancePu + (others.length === 2 ? far / 2 : far)) * first.ratedPowerVa;
}

function switchElement(view: NetworkView, { terminals, ...branch }: Switch, voltage: Voltage): RatedElement {
  return known({
    kind: 'switch',
    id: branch.id,
    title: branch.name,
    ...belongingOf(view, { terminals, ...branch }),
    rating: known<ElementRating>({ phaseV: toGround(voltage(terminals[0]?.node)), ratedA: branch.ratedCurrentA }),
  });
}

/** Its voltage is what most of its nodes have, of those above 1 kV where there are any; its rating that of its strongest line. */
function segmentElement(
  view: NetworkView,
  { id, nodes }: { id: string; nodes: readonly string[] },
  voltage: Voltage,
): RatedElement {
  const counts = new Map<number, number>();
  for (const node of nodes) {
    const v = voltage(node);
    if (v !== undefined) counts.set(v, (counts.get(v) ?? 0) + (v > 1_000 ? 1_000_000 : 1));
  }
  const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
  const ratings = nodes.flatMap((node) =>
    view.topology
      .equipmentAt(node)
      .flatMap((equipment) => (equipment.kind === 'ACLineSegment' ? (equipment.ratedCurrentA ?? []) : [])),
  );
  return known({
    kind: 'segment',
    id,
    title: segmentTitle(view, id),
    ...belongingAt(view, nodes),
    rating: known<ElementRating>({
      phaseV: toGround(most?.[0]),
      ratedA: ratings.length === 0 ? undefined : ratings.reduce((one, other) => Math.max(one, other)),
    }),
  });
}

function segmentTitle({ network }: NetworkView, id: string): string {
  const [, kind, of = ''] = /^(after|source|unfed):(.*)$/.exec(id) ?? [];
  const name = network.equipment.get(of.replace(/#\d+$/, ''))?.name ?? of;
  return kind === 'after'
    ? `behind ${name}`
    : kind === 'source'
      ? `at ${name}`
      : kind === 'unfed'
        ? `around ${of}`
        : id;
}

function circuitElement(view: NetworkView, circuit: Circuit, voltage: Voltage): RatedElement {
  const head = view.network.equipment.get(circuit.head.equipment);
  const rated = head !== undefined && 'ratedCurrentA' in head ? head.ratedCurrentA : undefined;
  // What a transformer sends into a circuit leaves it by its other side.
  const node =
    head?.kind === 'PowerTransformer'
      ? head.terminals.find((_, index) => index !== circuit.head.terminal - 1)?.node
      : head?.terminals[circuit.head.terminal - 1]?.node;
  return known({
    kind: 'circuit',
    id: circuit.id,
    title: circuit.name,
    circuit: circuit.id,
    substation: substationOf(view.network, circuit),
    rating: known<ElementRating>({ phaseV: toGround(voltage(node)), ratedA: circuit.ratedCurrentA ?? rated }),
  });
}

/** Where it is fed from; where it is not, nowhere. */
function belongingOf(view: NetworkView, branch: Pick<Branch, 'id' | 'terminals'>): Known<TopologyElement> {
  const { structure, feedingEdge } = view.tracing;
  const nodes = branch.terminals.map(({ node }) => node);
  const fedThrough = nodes.flatMap((node) =>
    verticesOf(structure, node).filter(
      (vertex) => structure.branches[structure.edgeBranch[feedingEdge[vertex] ?? -1] ?? -1]?.id === branch.id,
    ),
  );
  return fedThrough.length > 0
    ? belongingAt(view, [nodeIdAt(structure, fedThrough[0] ?? 0)])
    : belongingAt(view, nodes);
}

function belongingAt(view: NetworkView, nodes: readonly string[]): Known<TopologyElement> {
  for (const node of nodes) {
    for (const vertex of verticesOf(view.tracing.structure, node)) {
      const circuit = view.labels.circuits[view.labels.circuit[vertex] ?? -1];
      if (circuit !== undefined) return { circuit: circuit.id, substation: substationOf(view.network, circuit) };
    }
  }
  return {};
}

const toGround = (betweenV: number | undefined): number | undefined =>
  betweenV === undefined ? undefined : betweenV / Math.sqrt(3);
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
const positive = (value: number): number | undefined => (value > 0 ? value : undefined);

function known<T extends object = RatedElement>(told: Known<T>): T {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as T;
}
