import { conducts, otherEnd } from './tracing.ts';
import type { Tracing } from './tracing.ts';
import type { Structure } from './structure.ts';

/**
 * The tracing after some poles moved, touching only what they touch; the one given stays as it is. It equals `trace` with the same
 * poles, edge by edge.
 */
export function retrace(before: Tracing, closed: Uint8Array): Tracing {
  const tracing: Tracing = {
    structure: before.structure,
    closed: before.closed.slice(),
    depth: before.depth.slice(),
    feedingEdge: before.feedingEdge.slice(),
  };
  const moved = before.structure.poles.flatMap(({ edge }, pole) => {
    return before.closed[pole] === closed[pole] ? [] : [{ pole, edge }];
  });
  for (const { pole, edge } of moved.filter((each) => closed[each.pole] === 0)) {
    tracing.closed[pole] = 0;
    opened(tracing, edge);
  }
  for (const { pole, edge } of moved.filter((each) => closed[each.pole] === 1)) {
    tracing.closed[pole] = 1;
    shortened(tracing, [tracing.structure.edgeFrom[edge] ?? 0, tracing.structure.edgeTo[edge] ?? 0]);
  }
  return tracing;
}

/** What hung at this edge is cut off, and hangs anew where another way reaches it. */
function opened(tracing: Tracing, edge: number): void {
  const { structure, depth, feedingEdge } = tracing;
  const below = [structure.edgeFrom[edge] ?? 0, structure.edgeTo[edge] ?? 0].find((each) => feedingEdge[each] === edge);
  if (below === undefined) return;
  const cutOff = descendants(tracing, below);
  for (const vertex of cutOff) {
    depth[vertex] = -1;
    feedingEdge[vertex] = -1;
  }
  const rim = new Set<number>();
  for (const vertex of cutOff) {
    for (const other of neighbours(tracing, vertex)) if ((depth[other] ?? -1) >= 0) rim.add(other);
  }
  shortened(tracing, rim);
}

/** Everything that is fed through a vertex, itself included. */
export function descendants({ structure, feedingEdge }: Tracing, root: number): number[] {
  const found = [root];
  for (const vertex of found) {
    for (const edge of edgesAt(structure, vertex)) {
      const other = otherEnd(structure, edge, vertex);
      if (feedingEdge[other] === edge && feedingEdge[vertex] !== edge) found.push(other);
    }
  }
  return found;
}

/** Supply spreads from these vertices wherever that is shorter; then the edges of what changed and its neighbours are chosen anew. */
function shortened(tracing: Tracing, from: Iterable<number>): void {
  const { depth } = tracing;
  const changed = new Set<number>();
  // By depth, so that each vertex gets its shortest way at once.
  const waiting = new Map<number, number[]>();
  let lowest = Infinity;
  let highest = -1;
  const wait = (vertex: number, level: number): void => {
    const row = waiting.get(level);
    if (row === undefined) waiting.set(level, [vertex]);
    else row.push(vertex);
    lowest = Math.min(lowest, level);
    highest = Math.max(highest, level);
  };
  for (const vertex of from) {
    changed.add(vertex);
    const level = depth[vertex] ?? -1;
    if (level >= 0) wait(vertex, level);
  }
  for (let level = lowest; level <= highest; level += 1) {
    for (const vertex of waiting.get(level) ?? []) {
      if (depth[vertex] !== level) continue;
      for (const other of neighbours(tracing, vertex)) {
        const known = depth[other] ?? -1;
        if (known !== -1 && known <= level + 1) continue;
        depth[other] = level + 1;
        changed.add(other);
        wait(other, level + 1);
      }
    }
  }
  for (const vertex of changed) {
    chooseEdge(tracing, vertex);
    for (const other of neighbours(tracing, vertex)) chooseEdge(tracing, other);
  }
}

function chooseEdge(tracing: Tracing, vertex: number): void {
  const { structure, depth, feedingEdge } = tracing;
  const level = depth[vertex] ?? -1;
  let lowest = -1;
  if (level > 0) {
    for (const edge of edgesAt(structure, vertex)) {
      if (!conducts(tracing, edge) || depth[otherEnd(structure, edge, vertex)] !== level - 1) continue;
      if (lowest === -1 || edge < lowest) lowest = edge;
    }
  }
  feedingEdge[vertex] = lowest;
}

export function edgesAt(structure: Structure, vertex: number): Int32Array {
  return structure.adjacent.subarray(structure.firstAdjacent[vertex], structure.firstAdjacent[vertex + 1]);
}

function neighbours(tracing: Tracing, vertex: number): number[] {
  const found: number[] = [];
  for (const edge of edgesAt(tracing.structure, vertex)) {
    if (conducts(tracing, edge)) found.push(otherEnd(tracing.structure, edge, vertex));
  }
  return found;
}
