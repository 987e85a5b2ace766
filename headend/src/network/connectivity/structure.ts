import type { Branch, Equipment, PowerTransformer } from '../model/equipment.ts';
import { isBranch } from '../model/equipment.ts';
import type { Network } from '../model/network.ts';
import { livePhases } from '../model/phase.ts';
import type { Phase } from '../model/phase.ts';

/**
 * The conductors of a network and what joins them, in arrays: a vertex is one phase of one node, an edge one conductor of a line, one
 * pole of a switch, or the way through a transformer's windings. Neutrals carry no supply and are left out. It holds whatever the
 * switches do; where they stand is in a Tracing.
 */
export type Structure = {
  readonly network: Network;
  readonly nodeIds: readonly string[];
  readonly nodeIndex: ReadonlyMap<string, number>;
  /** By node and phase (`vertexAt`); -1: the node has no such conductor. */
  readonly vertexOfNode: Int32Array;
  readonly vertexNode: Int32Array;
  readonly vertexPhase: Uint8Array;
  readonly branches: readonly Branch[];
  readonly edgeFrom: Int32Array;
  readonly edgeTo: Int32Array;
  readonly edgeBranch: Int32Array;
  /** Index into `poles` of a switch's pole; -1: the edge is no switch. */
  readonly edgePole: Int32Array;
  /** Edges at a vertex: `adjacent[firstAdjacent[v]] …`. */
  readonly firstAdjacent: Int32Array;
  readonly adjacent: Int32Array;
  readonly poles: readonly Pole[];
  readonly poleIndex: ReadonlyMap<string, readonly number[]>;
  /** Vertices of the sources in service, by ascending vertex. */
  readonly sourceVertices: Int32Array;
};

/** One conductor of a switch. `phase` is that of its first terminal. */
export type Pole = { readonly switchId: string; readonly phase: Phase; readonly edge: number };

const phases = livePhases.length;
const phaseSlot = new Map<Phase, number>(livePhases.map((phase, index) => [phase, index]));

export function vertexAt(structure: Structure, node: string, phase: Phase): number {
  const index = structure.nodeIndex.get(node);
  const slot = phaseSlot.get(phase);
  if (index === undefined || slot === undefined) return -1;
  return structure.vertexOfNode[index * phases + slot] ?? -1;
}

/** The conductors of a node, of all its phases or of those asked for. */
export function verticesOf(structure: Structure, node: string, asked: readonly Phase[] = livePhases): number[] {
  return asked.map((phase) => vertexAt(structure, node, phase)).filter((vertex) => vertex >= 0);
}

export function phaseAt(structure: Structure, vertex: number): Phase {
  return livePhases[structure.vertexPhase[vertex] ?? 0] ?? 'A';
}

export function nodeIdAt(structure: Structure, vertex: number): string {
  return structure.nodeIds[structure.vertexNode[vertex] ?? -1] ?? '';
}

export function structureOf(network: Network): Structure {
  const nodeIds = [...network.nodes.keys()];
  const nodeIndex = new Map(nodeIds.map((id, index) => [id, index]));
  const vertices = vertexTable(network, nodeIndex);
  const edges = new Edges(nodeIndex, vertices.ofNode);
  for (const equipment of network.equipment.values()) {
    if (isBranch(equipment) && equipment.inService !== false) edges.add(equipment);
  }
  const adjacency = adjacencyOf(edges.from, edges.to, vertices.node.length);
  return {
    network,
    nodeIds,
    nodeIndex,
    vertexOfNode: vertices.ofNode,
    vertexNode: vertices.node,
    vertexPhase: vertices.phase,
    branches: edges.branches,
    edgeFrom: Int32Array.from(edges.from),
    edgeTo: Int32Array.from(edges.to),
    edgeBranch: Int32Array.from(edges.branch),
    edgePole: Int32Array.from(edges.pole),
    ...adjacency,
    poles: edges.poles,
    poleIndex: edges.poleIndex,
    sourceVertices: sourcesOf(network, (node, phase) => edges.vertexAt(node, phase)),
  };
}

function vertexTable(
  network: Network,
  nodeIndex: ReadonlyMap<string, number>,
): { ofNode: Int32Array; node: Int32Array; phase: Uint8Array } {
  const ofNode = new Int32Array(nodeIndex.size * phases).fill(-1);
  const node: number[] = [];
  const phase: number[] = [];
  for (const equipment of network.equipment.values()) {
    for (const terminal of equipment.terminals) {
      const index = nodeIndex.get(terminal.node);
      if (index === undefined) continue;
      for (const each of terminal.phases) {
        const slot = phaseSlot.get(each);
        if (slot === undefined || (ofNode[index * phases + slot] ?? 0) >= 0) continue;
        ofNode[index * phases + slot] = node.length;
        node.push(index);
        phase.push(slot);
      }
    }
  }
  return { ofNode, node: Int32Array.from(node), phase: Uint8Array.from(phase) };
}

class Edges {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly branch: number[] = [];
  readonly pole: number[] = [];
  readonly branches: Branch[] = [];
  readonly poles: Pole[] = [];
  readonly poleIndex = new Map<string, number[]>();
  readonly #nodeIndex: ReadonlyMap<string, number>;
  readonly #vertexOfNode: Int32Array;

  constructor(nodeIndex: ReadonlyMap<string, number>, vertexOfNode: Int32Array) {
    this.#nodeIndex = nodeIndex;
    this.#vertexOfNode = vertexOfNode;
  }

  vertexAt(node: string, phase: Phase): number {
    const index = this.#nodeIndex.get(node);
    const slot = phaseSlot.get(phase);
    return index === undefined || slot === undefined ? -1 : (this.#vertexOfNode[index * phases + slot] ?? -1);
  }

  add(branch: Branch): void {
    const index = this.branches.push(branch) - 1;
    if (branch.kind === 'Switch') this.poleIndex.set(branch.id, []);
    if (branch.kind === 'PowerTransformer') this.#addWindings(branch, index);
    else this.#addConductors(branch, index);
  }

  #addConductors(branch: Exclude<Branch, PowerTransformer>, index: number): void {
    const [first, second] = branch.terminals;
    if (first === undefined || second === undefined) return;
    for (const [conductor, phase] of first.phases.entries()) {
      const other = second.phases[conductor];
      if (phase === 'N' || other === undefined || other === 'N') continue;
      const edge = this.#join(this.vertexAt(first.node, phase), this.vertexAt(second.node, other), index);
      if (edge === undefined || branch.kind !== 'Switch') continue;
      const pole = this.poles.push({ switchId: branch.id, phase, edge }) - 1;
      this.pole[edge] = pole;
      this.poleIndex.get(branch.id)?.push(pole);
    }
  }

  /** Supply passes from every conductor of a winding to every conductor of the windings on the same leg. */
  #addWindings(transformer: PowerTransformer, index: number): void {
    for (let leg = 0; leg < transformer.phaseCount; leg += 1) {
      const windings = transformer.terminals.map((_, end) => this.#windingVertices(transformer, end, leg));
      for (const [end, primary] of windings.entries()) {
        const others = windings.slice(end + 1).flat();
        for (const from of primary) for (const to of others) this.#join(from, to, index);
      }
    }
  }

  #windingVertices(transformer: PowerTransformer, end: number, leg: number): number[] {
    const terminal = transformer.terminals[end];
    if (terminal === undefined) return [];
    const across =
      transformer.phaseCount === 1
        ? terminal.phases
        : transformer.ends[end]?.connection === 'delta'
          ? [terminal.phases[leg], terminal.phases[(leg + 1) % terminal.phases.length]]
          : [terminal.phases[leg]];
    return [...new Set(across)]
      .map((phase) => (phase === undefined ? -1 : this.vertexAt(terminal.node, phase)))
      .filter((vertex) => vertex >= 0);
  }

  #join(from: number, to: number, branch: number): number | undefined {
    if (from < 0 || to < 0 || from === to) return undefined;
    this.from.push(from);
    this.to.push(to);
    this.branch.push(branch);
    return this.pole.push(-1) - 1;
  }
}

function adjacencyOf(
  from: readonly number[],
  to: readonly number[],
  vertexCount: number,
): { firstAdjacent: Int32Array; adjacent: Int32Array } {
  const firstAdjacent = new Int32Array(vertexCount + 1);
  for (const ends of [from, to])
    for (const vertex of ends) firstAdjacent[vertex + 1] = (firstAdjacent[vertex + 1] ?? 0) + 1;
  for (let vertex = 0; vertex < vertexCount; vertex += 1)
    firstAdjacent[vertex + 1] = (firstAdjacent[vertex + 1] ?? 0) + (firstAdjacent[vertex] ?? 0);
  const next = firstAdjacent.slice();
  const adjacent = new Int32Array(from.length * 2);
  for (let edge = 0; edge < from.length; edge += 1) {
    for (const vertex of [from[edge] ?? 0, to[edge] ?? 0]) {
      adjacent[next[vertex] ?? 0] = edge;
      next[vertex] = (next[vertex] ?? 0) + 1;
    }
  }
  return { firstAdjacent, adjacent };
}

function sourcesOf(network: Network, vertexOf: (node: string, phase: Phase) => number): Int32Array {
  const found = new Set<number>();
  for (const equipment of network.equipment.values()) {
    if (!isSource(equipment)) continue;
    const [terminal] = equipment.terminals;
    for (const phase of terminal?.phases ?? []) {
      const vertex = vertexOf(terminal?.node ?? '', phase);
      if (vertex >= 0) found.add(vertex);
    }
  }
  return Int32Array.from(found).sort();
}

const isSource = ({ kind, inService }: Equipment): boolean => kind === 'EnergySource' && inService !== false;
