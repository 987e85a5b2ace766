import { descendants, edgesAt } from './retracing.ts';
import { conducts, otherEnd } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** The conductors that would lose supply if a branch were taken out: what hangs at it and nowhere else. */
export function downstreamVertices(tracing: Tracing, branchId: string): number[] {
  const { structure, depth, feedingEdge } = tracing;
  const branch = structure.branches.findIndex(({ id }) => id === branchId);
  if (branch === -1) return [];
  const roots: number[] = [];
  for (let vertex = 0; vertex < depth.length; vertex += 1) {
    if (structure.edgeBranch[feedingEdge[vertex] ?? -1] === branch) roots.push(vertex);
  }
  const hanging = new Set(roots.flatMap((root) => descendants(tracing, root)));
  const kept = new Set<number>();
  const waiting: number[] = [];
  const keep = (vertex: number): void => {
    if (kept.has(vertex)) return;
    kept.add(vertex);
    waiting.push(vertex);
  };
  const ways = (vertex: number): number[] =>
    [...edgesAt(structure, vertex)]
      .filter((edge) => structure.edgeBranch[edge] !== branch && conducts(tracing, edge))
      .map((edge) => otherEnd(structure, edge, vertex));
  for (const vertex of hanging) {
    if (ways(vertex).some((other) => !hanging.has(other) && (depth[other] ?? -1) >= 0)) keep(vertex);
  }
  for (const vertex of waiting) for (const other of ways(vertex)) if (hanging.has(other)) keep(other);
  return [...hanging].filter((vertex) => !kept.has(vertex));
}
