import { transformerRole } from './connectivity/labels.ts';
import type { NetworkView } from './connectivity/network-view.ts';
import type { Segment } from './connectivity/segments.ts';
import type { PowerTransformer, Switch } from './model/equipment.ts';
import { phaseCode } from './model/phase.ts';

export type CircuitSummary = {
  readonly id: string;
  readonly name: string;
  readonly substation?: string;
  readonly ratedCurrentA?: number;
  readonly segments: number;
  readonly transformers: number;
  readonly customers: number;
  /** Circuits that it is in parallel with now. */
  readonly joinedWith?: readonly string[];
};

export type NetworkSummary = {
  readonly name: string;
  readonly circuits: readonly CircuitSummary[];
  readonly counts: {
    readonly substations: number;
    readonly switches: number;
    readonly transformers: number;
    readonly usagePoints: number;
    readonly customers: number;
    /** Service points that have no supply now. */
    readonly withoutSupply: number;
  };
};

export type DiagramSegment = {
  readonly id: string;
  readonly title: string;
  readonly customers: number;
  readonly transformers: number;
  readonly lengthM: number;
  /** Another circuit feeds it, or none: it is shown for the tie that leads there. */
  readonly circuit?: string;
};

export type DiagramSwitch = {
  readonly id: string;
  readonly name: string;
  readonly type: Switch['type'];
  readonly state: 'open' | 'closed' | 'partly';
  readonly normalOpen: boolean;
  readonly ratedCurrentA?: number;
  /** Segments on its sides; the first is nearer to the source, where the switch carries supply. */
  readonly from: string;
  readonly to: string;
};

export type DiagramTransformer = {
  readonly id: string;
  readonly name: string;
  readonly segment: string;
  readonly phases: string;
  readonly ratedPowerVa?: number;
  readonly customers: number;
};

/** A circuit as a one-line diagram draws it: segments joined by switches, as they stand. */
export type CircuitDiagram = CircuitSummary & {
  /** The segment that the circuit begins with. */
  readonly root?: string;
  readonly segmentList: readonly DiagramSegment[];
  readonly switches: readonly DiagramSwitch[];
  readonly transformerList: readonly DiagramTransformer[];
};

/** What hangs where, counted once for all circuits of a view. */
type Tally = {
  /** Of each segment: the circuit that feeds it. */
  readonly circuitOf: ReadonlyMap<string, string>;
  readonly customersOf: ReadonlyMap<string, number>;
  readonly byTransformer: ReadonlyMap<string, number>;
  readonly transformers: readonly (DiagramTransformer & { readonly circuit?: string })[];
  readonly withoutSupply: number;
};

const tallies = new WeakMap<NetworkView, Tally>();

export function networkSummary(view: NetworkView): NetworkSummary {
  const { network } = view;
  const tally = tallyOf(view);
  const switches = [...network.equipment.values()].filter(({ kind }) => kind === 'Switch').length;
  return {
    name: network.header.name,
    circuits: [...network.circuits.keys()].flatMap((id) => summaryOf(view, tally, id) ?? []),
    counts: {
      substations: network.substations.size,
      switches,
      transformers: tally.transformers.length,
      usagePoints: network.usagePoints.size,
      customers: network.customers.size,
      withoutSupply: tally.withoutSupply,
    },
  };
}

/** Undefined: there is no such circuit. */
export function circuitDiagram(view: NetworkView, id: string): CircuitDiagram | undefined {
  const tally = tallyOf(view);
  const summary = summaryOf(view, tally, id);
  if (summary === undefined) return undefined;
  const root = rootOf(view, id);
  const own = new Set([...tally.circuitOf].flatMap(([segment, circuit]) => (circuit === id ? [segment] : [])));
  // A circuit whose breaker is open feeds nothing, and is drawn for what could be closed.
  if (root !== undefined) own.add(root);
  const switches = [...view.network.equipment.values()].flatMap((equipment) => {
    if (equipment.kind !== 'Switch') return [];
    const drawn = diagramSwitch(view, equipment);
    return drawn !== undefined && (own.has(drawn.from) || own.has(drawn.to)) ? [drawn] : [];
  });
  const shown = new Set([...own, ...switches.flatMap(({ from, to }) => [from, to])]);
  return {
    ...summary,
    ...(root === undefined ? {} : { root }),
    segmentList: [...shown].flatMap((segment) => {
      const found = view.topology.segments.byId.get(segment);
      return found === undefined ? [] : [diagramSegment(view, tally, found)];
    }),
    switches,
    transformerList: tally.transformers.filter(({ circuit }) => circuit === id),
  };
}

function summaryOf(view: NetworkView, tally: Tally, id: string): CircuitSummary | undefined {
  const circuit = view.network.circuits.get(id);
  if (circuit === undefined) return undefined;
  const segments = [...tally.circuitOf].flatMap(([segment, of]) => (of === id ? [segment] : []));
  const root = rootNodeOf(view, id);
  const joinedWith = root === undefined ? undefined : view.feedOfNode(root)?.joinedWith;
  return {
    id,
    name: circuit.name,
    ...(circuit.substation === undefined ? {} : { substation: circuit.substation }),
    ...(circuit.ratedCurrentA === undefined ? {} : { ratedCurrentA: circuit.ratedCurrentA }),
    segments: segments.length,
    transformers: tally.transformers.filter((each) => each.circuit === id).length,
    customers: segments.reduce((total, segment) => total + (tally.customersOf.get(segment) ?? 0), 0),
    ...(joinedWith === undefined || joinedWith.length === 0 ? {} : { joinedWith }),
  };
}

/** Beyond the head, on the circuit's side. */
function rootNodeOf({ network }: NetworkView, id: string): string | undefined {
  const head = network.circuits.get(id)?.head;
  const terminals = head === undefined ? undefined : network.equipment.get(head.equipment)?.terminals;
  if (terminals === undefined || head === undefined) return undefined;
  return (terminals.length === 1 ? terminals[0] : terminals[head.terminal === 1 ? 1 : 0])?.node;
}

function rootOf(view: NetworkView, id: string): string | undefined {
  const node = rootNodeOf(view, id);
  return node === undefined ? undefined : view.feedOfNode(node)?.segment;
}

function tallyOf(view: NetworkView): Tally {
  const known = tallies.get(view);
  if (known !== undefined) return known;
  const { circuits, circuit, transformer, transformers, segment, segments } = view.assignment();
  const customersOf = new Map<string, number>();
  const byTransformer = new Map<string, number>();
  let withoutSupply = 0;
  for (let point = 0; point < segment.length; point += 1) {
    count(customersOf, segments[segment[point] ?? -1]);
    count(byTransformer, transformers[transformer[point] ?? -1]);
    if ((circuit[point] ?? -1) === -1) withoutSupply += 1;
  }
  const tally: Tally = {
    circuitOf: circuitsOfSegments(view, circuits),
    customersOf,
    byTransformer,
    transformers: [...view.network.equipment.values()].flatMap((equipment) =>
      equipment.kind === 'PowerTransformer' && transformerRole(equipment) === 'service'
        ? [diagramTransformer(view, equipment, byTransformer)]
        : [],
    ),
    withoutSupply,
  };
  tallies.set(view, tally);
  return tally;
}

/** A segment is one circuit's if any of its conductors is fed by it. */
function circuitsOfSegments(view: NetworkView, circuits: readonly string[]): ReadonlyMap<string, string> {
  const { labels, tracing, topology } = view;
  const { structure } = tracing;
  const found = new Map<string, string>();
  for (const vertex of labels.order) {
    const id = circuits[labels.circuit[vertex] ?? -1];
    const segment = topology.segments.all[topology.segments.ofNode[structure.vertexNode[vertex] ?? -1] ?? -1];
    if (id !== undefined && segment !== undefined && !found.has(segment.id)) found.set(segment.id, id);
  }
  return found;
}

function diagramTransformer(
  view: NetworkView,
  { id, name, terminals, ends, normalPowerVa }: PowerTransformer,
  byTransformer: ReadonlyMap<string, number>,
): DiagramTransformer & { readonly circuit?: string } {
  const [primary] = terminals;
  const feed = primary === undefined ? undefined : view.feedOfNode(primary.node, primary.phases);
  const ratedPowerVa = normalPowerVa ?? ends[0]?.ratedPowerVa;
  return {
    id,
    name,
    segment: feed?.segment ?? '',
    phases: phaseCode(primary?.phases ?? []),
    ...(ratedPowerVa === undefined ? {} : { ratedPowerVa }),
    customers: byTransformer.get(id) ?? 0,
    ...(feed?.circuit === undefined ? {} : { circuit: feed.circuit }),
  };
}

function diagramSwitch(view: NetworkView, equipment: Switch): DiagramSwitch | undefined {
  const [first, second] = equipment.terminals.map(({ node }) => ({ node, segment: view.feedOfNode(node)?.segment }));
  if (first?.segment === undefined || second?.segment === undefined) return undefined;
  // Nearer to the source is the side that the other is fed through.
  const isReversed = view.wayToSource(first.node)[0] === equipment.id;
  const { id, name, type, normalOpen, ratedCurrentA } = equipment;
  return {
    id,
    name,
    type,
    normalOpen,
    state: view.isClosed(id) ?? 'open',
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
    from: isReversed ? second.segment : first.segment,
    to: isReversed ? first.segment : second.segment,
  };
}

function diagramSegment(view: NetworkView, tally: Tally, segment: Segment): DiagramSegment {
  const nodes = new Set(segment.nodes);
  const lines = new Set(
    segment.nodes.flatMap((node) =>
      view.topology
        .equipmentAt(node)
        .filter(({ kind, terminals }) => kind === 'ACLineSegment' && terminals.every((each) => nodes.has(each.node))),
    ),
  );
  let lengthM = 0;
  for (const line of lines) if (line.kind === 'ACLineSegment') lengthM += line.lengthM;
  const circuit = tally.circuitOf.get(segment.id);
  return {
    id: segment.id,
    title: titleOf(view, segment.id),
    customers: tally.customersOf.get(segment.id) ?? 0,
    transformers: tally.transformers.filter((each) => each.segment === segment.id).length,
    lengthM: Math.round(lengthM),
    ...(circuit === undefined ? {} : { circuit }),
  };
}

/** A segment is called after what feeds it in the normal state; people know that by its name. */
function titleOf({ network }: NetworkView, id: string): string {
  const [, how = '', name = ''] = /^(after|source|unfed):(.*)$/.exec(id) ?? [];
  const known = network.equipment.get(name.replace(/#\d+$/, ''))?.name ?? name;
  return how === 'after' ? `after ${known}` : how === 'source' ? `at ${known}` : `unfed at ${known}`;
}

function count(counts: Map<string, number>, key: string | undefined): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
}
