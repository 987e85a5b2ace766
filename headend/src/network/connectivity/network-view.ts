import { isBranch } from '../model/equipment.ts';
import type { Network } from '../model/network.ts';
import type { Phase } from '../model/phase.ts';
import { assignmentOf } from './assignment.ts';
import type { Assignment } from './assignment.ts';
import { downstreamVertices } from './downstream.ts';
import { unfedIslands } from './islands.ts';
import type { Island } from './islands.ts';
import { joinedCircuits, loopsOf } from './loops.ts';
import type { Loop } from './loops.ts';
import { labelsOf, substationOf } from './labels.ts';
import type { Labels } from './labels.ts';
import { nodeIdAt, phaseAt, vertexAt, verticesOf } from './structure.ts';
import type { Topology } from './topology.ts';
import { feederOf } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** Who feeds a place. Without supply, only `segment` is known. */
export type Feed = {
  readonly energised: 'all' | 'some' | 'none';
  readonly source?: string;
  readonly substation?: string;
  readonly circuit?: string;
  /** Circuits that are in parallel with it at this instant, by closed ties. */
  readonly joinedWith?: readonly string[];
  readonly segment?: string;
  /** The nearest transformer that changes the voltage; regulators do not count. */
  readonly transformer?: string;
  /** Its phases of supply at the place. */
  readonly phases: readonly Phase[];
};

/** What hangs at a place or beyond: ids. */
export type Members = {
  readonly nodes: readonly string[];
  readonly equipment: readonly string[];
  readonly usagePoints: readonly string[];
  readonly customers: readonly string[];
};

/** The network as it was at an instant. All answers are of that instant. */
export class NetworkView {
  readonly topology: Topology;
  readonly tracing: Tracing;
  #labels: Labels | undefined;
  #joined: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(topology: Topology, tracing: Tracing) {
    this.topology = topology;
    this.tracing = tracing;
  }

  get network(): Network {
    return this.tracing.structure.network;
  }

  get labels(): Labels {
    this.#labels ??= labelsOf(this.tracing);
    return this.#labels;
  }

  isClosed(switchId: string): 'closed' | 'open' | 'partly' | undefined {
    const poles = this.tracing.structure.poleIndex.get(switchId);
    if (poles === undefined || poles.length === 0) return undefined;
    const closed = poles.filter((pole) => this.tracing.closed[pole] === 1).length;
    if (closed === 0) return 'open';
    return closed === poles.length ? 'closed' : 'partly';
  }

  /** Of a node, or of those of its conductors. Undefined: there is no such node. */
  feedOfNode(node: string, phases?: readonly Phase[]): Feed | undefined {
    const { structure, depth } = this.tracing;
    const index = structure.nodeIndex.get(node);
    if (index === undefined) return undefined;
    const vertices = verticesOf(structure, node, phases);
    const fed = vertices.filter((vertex) => (depth[vertex] ?? -1) >= 0);
    const [first] = fed;
    const segment = this.topology.segments.all[this.topology.segments.ofNode[index] ?? -1]?.id;
    const energised = fed.length === 0 ? 'none' : fed.length === vertices.length ? 'all' : 'some';
    const known = { energised, ...(segment === undefined ? {} : { segment }) } as const;
    if (first === undefined) return { ...known, phases: [] };
    return { ...known, phases: fed.map((vertex) => phaseAt(structure, vertex)), ...this.#whence(first) };
  }

  #whence(vertex: number): Partial<Feed> {
    const { structure } = this.tracing;
    const circuit = this.labels.circuits[this.labels.circuit[vertex] ?? -1];
    const transformer = structure.branches[this.labels.transformer[vertex] ?? -1]?.id;
    const source = this.#sourceAt(this.upstreamOf(vertex).at(-1) ?? vertex);
    const substation = circuit === undefined ? undefined : substationOf(this.network, circuit);
    const joinedWith = circuit === undefined ? undefined : this.#joinedCircuits().get(circuit.id);
    return {
      ...(source === undefined ? {} : { source }),
      ...(substation === undefined ? {} : { substation }),
      ...(circuit === undefined ? {} : { circuit: circuit.id }),
      ...(joinedWith === undefined ? {} : { joinedWith }),
      ...(transformer === undefined ? {} : { transformer }),
    };
  }

  #joinedCircuits(): ReadonlyMap<string, readonly string[]> {
    this.#joined ??= joinedCircuits(this.tracing, this.labels);
    return this.#joined;
  }

  #sourceAt(vertex: number): string | undefined {
    const node = nodeIdAt(this.tracing.structure, vertex);
    return this.topology.equipmentAt(node).find(({ kind, inService }) => kind === 'EnergySource' && inService !== false)
      ?.id;
  }

  feedOf(usagePoint: string): Feed | undefined {
    const point = this.network.usagePoints.get(usagePoint);
    return point === undefined ? undefined : this.feedOfNode(point.node, point.phases);
  }

  /** The vertex itself and those on its way to the source. */
  upstreamOf(vertex: number): number[] {
    const way: number[] = [];
    for (let at = vertex; at !== -1; at = feederOf(this.tracing, at)) way.push(at);
    return way;
  }

  /** Branches between a node and its source, nearest first. Empty: no supply, or the source's own node. */
  wayToSource(node: string): string[] {
    const { structure, depth, feedingEdge } = this.tracing;
    const start = verticesOf(structure, node).find((vertex) => (depth[vertex] ?? -1) >= 0);
    if (start === undefined) return [];
    const edges = this.upstreamOf(start).map((vertex) => feedingEdge[vertex] ?? -1);
    const ids = edges.flatMap((edge) => structure.branches[structure.edgeBranch[edge] ?? -1]?.id ?? []);
    return ids.filter((id, index) => id !== ids[index - 1]);
  }

  /** What would lose supply if this branch were opened or taken out now. Undefined: there is no such branch. */
  downstreamOf(branch: string): Members | undefined {
    const equipment = this.network.equipment.get(branch);
    if (equipment === undefined || !isBranch(equipment)) return undefined;
    return this.#membersOf(downstreamVertices(this.tracing, branch));
  }

  membersOfSegment(segment: string): Members | undefined {
    const found = this.topology.segments.byId.get(segment);
    if (found === undefined) return undefined;
    return this.#membersOf(found.nodes.flatMap((node) => verticesOf(this.tracing.structure, node)));
  }

  membersOfCircuit(circuit: string): Members | undefined {
    const index = this.labels.circuits.findIndex(({ id }) => id === circuit);
    return index === -1 ? undefined : this.#membersOf(this.#labelled(this.labels.circuit, index));
  }

  /** What a transformer is the nearest for. */
  membersOfTransformer(transformer: string): Members | undefined {
    const index = this.tracing.structure.branches.findIndex(({ id }) => id === transformer);
    if (index === -1) return undefined;
    return this.#membersOf(this.#labelled(this.labels.transformer, index));
  }

  #labelled(labels: Int32Array, wanted: number): number[] {
    return [...this.labels.order].filter((vertex) => labels[vertex] === wanted);
  }

  #membersOf(vertices: readonly number[]): Members {
    const { structure } = this.tracing;
    const inside = new Set(vertices);
    const nodes = new Set(vertices.map((vertex) => nodeIdAt(structure, vertex)));
    const touches = (node: string, phases: readonly Phase[]): boolean =>
      phases.some((phase) => inside.has(vertexAt(structure, node, phase)));
    const equipment = new Set<string>();
    const usagePoints: string[] = [];
    const customers = new Set<string>();
    for (const node of nodes) {
      for (const { id, terminals } of this.topology.equipmentAt(node)) {
        if (terminals.some((terminal) => terminal.node === node && touches(node, terminal.phases))) equipment.add(id);
      }
      for (const { id, phases, customer } of this.topology.usagePointsAt(node)) {
        if (!touches(node, phases)) continue;
        usagePoints.push(id);
        if (customer !== undefined) customers.add(customer);
      }
    }
    return { nodes: [...nodes], equipment: [...equipment], usagePoints, customers: [...customers] };
  }

  /** Whom each service point has as its transformer, segment and circuit, for aggregation. */
  assignment(): Assignment {
    return assignmentOf(this.topology, this.tracing, this.labels);
  }

  /** What has no supply, in connected parts, with the generation that could carry each. */
  islands(): readonly Island[] {
    return unfedIslands(this.topology, this.tracing);
  }

  loops(): readonly Loop[] {
    return loopsOf(this.tracing, this.labels);
  }
}
