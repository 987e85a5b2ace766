import type { Equipment } from '../model/equipment.ts';
import { edgesAt } from './retracing.ts';
import { nodeIdAt, vertexAt, verticesOf } from './structure.ts';
import type { Topology } from './topology.ts';
import { conducts, otherEnd } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** A connected part without a source of the utility. */
export type Island = {
  readonly nodes: readonly string[];
  /** What could carry it: machines, inverters and batteries in service. */
  readonly generators: readonly string[];
  readonly consumers: readonly string[];
  /** Open switches that part it from what has supply. */
  readonly openSwitches: readonly string[];
};

/** Largest first. */
export function unfedIslands(topology: Topology, tracing: Tracing): Island[] {
  const seen = new Uint8Array(tracing.depth.length);
  const islands: Island[] = [];
  for (let vertex = 0; vertex < seen.length; vertex += 1) {
    if (seen[vertex] === 1 || (tracing.depth[vertex] ?? -1) >= 0) continue;
    islands.push(islandAround(topology, tracing, vertex, seen));
  }
  return islands.toSorted((one, other) => other.nodes.length - one.nodes.length);
}

function islandAround(topology: Topology, tracing: Tracing, start: number, seen: Uint8Array): Island {
  const { structure } = tracing;
  const vertices = [start];
  const rim = new Set<string>();
  seen[start] = 1;
  const take = (vertex: number): void => {
    if (seen[vertex] === 1 || (tracing.depth[vertex] ?? -1) >= 0) return;
    seen[vertex] = 1;
    vertices.push(vertex);
  };
  for (const vertex of vertices) {
    // The phases of a node belong together, whether a winding joins them or not.
    for (const phase of verticesOf(structure, nodeIdAt(structure, vertex))) take(phase);
    for (const edge of edgesAt(structure, vertex)) {
      const other = otherEnd(structure, edge, vertex);
      if (conducts(tracing, edge)) take(other);
      else if ((tracing.depth[other] ?? -1) >= 0)
        rim.add(structure.poles[structure.edgePole[edge] ?? -1]?.switchId ?? '');
    }
  }
  const inside = new Set(vertices);
  const nodes = [...new Set(vertices.map((vertex) => nodeIdAt(structure, vertex)))];
  const shunts = nodes.flatMap((node) =>
    topology.equipmentAt(node).filter((equipment) =>
      // A node may be without supply on one phase alone.
      equipment.terminals.some(({ phases }) => phases.some((phase) => inside.has(vertexAt(structure, node, phase)))),
    ),
  );
  return {
    nodes,
    generators: shunts.filter(generates).map(({ id }) => id),
    consumers: shunts.filter(({ kind }) => kind === 'EnergyConsumer').map(({ id }) => id),
    openSwitches: [...rim].toSorted(),
  };
}

function generates({ kind, inService }: Equipment): boolean {
  return (kind === 'SynchronousMachine' || kind === 'PowerElectronicsConnection') && inService !== false;
}
