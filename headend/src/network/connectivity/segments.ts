import type { Structure } from './structure.ts';
import { feederOf, normalPoles, trace } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** Nodes that no switch can part: what lies between switches, whatever their state. */
export type Segment = {
  /** `after:<switch>` or `source:<source>` by what feeds it in the normal state; `unfed:<node>` where nothing does. */
  readonly id: string;
  readonly nodes: readonly string[];
  /** The switches at its rim, and any within. */
  readonly switches: readonly string[];
};

export type Segments = {
  readonly all: readonly Segment[];
  readonly byId: ReadonlyMap<string, Segment>;
  /** By index of the node in the structure. */
  readonly ofNode: Int32Array;
};

/** Holds as long as the structure does; operations change who feeds a segment, never what it is. */
export function segmentsOf(structure: Structure): Segments {
  const root = joinedNodes(structure);
  const normal = trace(structure, normalPoles(structure));
  const members = new Map<number, number[]>();
  for (let node = 0; node < structure.nodeIds.length; node += 1) {
    const at = root(node);
    const list = members.get(at);
    if (list === undefined) members.set(at, [node]);
    else list.push(node);
  }
  const switches = switchesByRoot(structure, root);
  const entries = feedsByRoot(normal, root);
  const ofNode = new Int32Array(structure.nodeIds.length);
  const taken = new Map<string, number>();
  const all = [...members].map(([at, nodes], index): Segment => {
    for (const node of nodes) ofNode[node] = index;
    const ids = nodes.map((node) => structure.nodeIds[node] ?? '');
    const name = entries.get(at)?.id ?? `unfed:${ids[0] ?? ''}`;
    const times = taken.get(name) ?? 0;
    taken.set(name, times + 1);
    return { id: times === 0 ? name : `${name}#${times + 1}`, nodes: ids, switches: [...(switches.get(at) ?? [])] };
  });
  return { all, byId: new Map(all.map((segment) => [segment.id, segment])), ofNode };
}

function joinedNodes(structure: Structure): (node: number) => number {
  const parent = Int32Array.from(structure.nodeIds, (_, index) => index);
  const root = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? 0] ?? 0;
      at = parent[at] ?? 0;
    }
    return at;
  };
  for (let edge = 0; edge < structure.edgeFrom.length; edge += 1) {
    if (structure.edgePole[edge] !== -1) continue;
    const [from, to] = nodesOfEdge(structure, edge);
    parent[root(from)] = root(to);
  }
  return root;
}

function nodesOfEdge(structure: Structure, edge: number): [number, number] {
  return [
    structure.vertexNode[structure.edgeFrom[edge] ?? 0] ?? 0,
    structure.vertexNode[structure.edgeTo[edge] ?? 0] ?? 0,
  ];
}

function switchesByRoot(structure: Structure, root: (node: number) => number): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const { switchId, edge } of structure.poles) {
    for (const node of nodesOfEdge(structure, edge)) {
      const at = root(node);
      const set = found.get(at) ?? new Set();
      found.set(at, set.add(switchId));
    }
  }
  return found;
}

/** What lets supply into each segment in the normal state; of several the one nearest to the source, then the first by name. */
function feedsByRoot(normal: Tracing, root: (node: number) => number): Map<number, { id: string; depth: number }> {
  const { structure, depth, feedingEdge } = normal;
  const found = new Map<number, { id: string; depth: number }>();
  const offer = (at: number, id: string, level: number): void => {
    const known = found.get(at);
    if (known === undefined || level < known.depth || (level === known.depth && id < known.id))
      found.set(at, { id, depth: level });
  };
  for (let vertex = 0; vertex < depth.length; vertex += 1) {
    const pole = structure.edgePole[feedingEdge[vertex] ?? -1] ?? -1;
    if (pole === -1 || feederOf(normal, vertex) === -1) continue;
    offer(
      root(structure.vertexNode[vertex] ?? 0),
      `after:${structure.poles[pole]?.switchId ?? ''}`,
      depth[vertex] ?? 0,
    );
  }
  for (const equipment of structure.network.equipment.values()) {
    if (equipment.kind !== 'EnergySource' || equipment.inService === false) continue;
    const node = structure.nodeIndex.get(equipment.terminals[0]?.node ?? '');
    if (node !== undefined) offer(root(node), `source:${equipment.id}`, 0);
  }
  return found;
}
