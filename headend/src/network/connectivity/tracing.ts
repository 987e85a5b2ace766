import type { Structure } from './structure.ts';

/**
 * Where supply reaches with the switches as they stand. Each fed vertex hangs at the source by a shortest way; of several equally
 * short ones the edge with the lowest number counts, so that the same switches give the same tree, however one came to it.
 */
export type Tracing = {
  readonly structure: Structure;
  /** By pole: 1 closed. */
  readonly closed: Uint8Array;
  /** Edges to the nearest source; -1: no supply. */
  readonly depth: Int32Array;
  /** The edge through which supply comes; -1 at sources and where there is none. */
  readonly feedingEdge: Int32Array;
};

/** From nothing: a breadth-first search from all sources. */
export function trace(structure: Structure, closed: Uint8Array): Tracing {
  const depth = new Int32Array(structure.vertexNode.length).fill(-1);
  const feedingEdge = new Int32Array(structure.vertexNode.length).fill(-1);
  const queue = new Int32Array(structure.vertexNode.length);
  let end = 0;
  for (const vertex of structure.sourceVertices) {
    depth[vertex] = 0;
    queue[end] = vertex;
    end += 1;
  }
  const tracing: Tracing = { structure, closed, depth, feedingEdge };
  for (let next = 0; next < end; next += 1) {
    const vertex = queue[next] ?? 0;
    const last = structure.firstAdjacent[vertex + 1] ?? 0;
    for (let slot = structure.firstAdjacent[vertex] ?? 0; slot < last; slot += 1) {
      const edge = structure.adjacent[slot] ?? 0;
      if (!conducts(tracing, edge)) continue;
      const other = otherEnd(structure, edge, vertex);
      if (depth[other] === -1) {
        depth[other] = (depth[vertex] ?? 0) + 1;
        queue[end] = other;
        end += 1;
      }
      const lowest = feedingEdge[other] ?? -1;
      if (depth[other] === (depth[vertex] ?? 0) + 1 && (lowest === -1 || edge < lowest)) feedingEdge[other] = edge;
    }
  }
  return tracing;
}

export function otherEnd(structure: Structure, edge: number, vertex: number): number {
  const from = structure.edgeFrom[edge] ?? 0;
  return from === vertex ? (structure.edgeTo[edge] ?? 0) : from;
}

export function conducts({ structure, closed }: Tracing, edge: number): boolean {
  const pole = structure.edgePole[edge] ?? -1;
  return pole === -1 || closed[pole] === 1;
}

/** The vertex from which supply comes, or -1. */
export function feederOf(tracing: Tracing, vertex: number): number {
  const edge = tracing.feedingEdge[vertex] ?? -1;
  return edge === -1 ? -1 : otherEnd(tracing.structure, edge, vertex);
}

/** Poles as the network's own records have them. */
export function recordedPoles(structure: Structure): Uint8Array {
  return polesWhere(structure, (switchId, phase) => {
    const equipment = structure.network.equipment.get(switchId);
    return equipment?.kind === 'Switch' && !equipment.openPhases.includes(phase);
  });
}

/** Every switch in its normal position. */
export function normalPoles(structure: Structure): Uint8Array {
  return polesWhere(structure, (switchId) => {
    const equipment = structure.network.equipment.get(switchId);
    return equipment?.kind === 'Switch' && !equipment.normalOpen;
  });
}

function polesWhere(
  structure: Structure,
  isClosed: (switchId: string, phase: Structure['poles'][number]['phase']) => boolean,
): Uint8Array {
  return Uint8Array.from(structure.poles, ({ switchId, phase }) => (isClosed(switchId, phase) ? 1 : 0));
}
