import type { Labels } from './labels.ts';
import { conducts, feederOf } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** A closed way that a radial network does not have: the branch that closes it, and all that lie around it. */
export type Loop = {
  readonly closedBy: string;
  readonly branches: readonly string[];
  /** More than one: circuits in parallel. None: above all circuits. */
  readonly circuits: readonly string[];
};

/** One for each branch that supply reaches from both ends. Windings of one transformer make no loop. */
export function loopsOf(tracing: Tracing, labels: Labels): Loop[] {
  const { structure } = tracing;
  const loops = new Map<string, Loop>();
  for (const edge of chords(tracing)) {
    const closedBy = structure.branches[structure.edgeBranch[edge] ?? -1]?.id ?? '';
    if (loops.has(closedBy)) continue;
    const ends = [structure.edgeFrom[edge] ?? 0, structure.edgeTo[edge] ?? 0];
    const branches = around(tracing, ends);
    // Through the windings of one transformer and back is no way around.
    if (branches.length === 0 || (branches.length === 1 && branches[0] === closedBy)) continue;
    const circuits = ends.flatMap((vertex) => labels.circuits[labels.circuit[vertex] ?? -1]?.id ?? []);
    loops.set(closedBy, {
      closedBy,
      branches: [...new Set([closedBy, ...branches])],
      circuits: [...new Set(circuits)],
    });
  }
  return [...loops.values()];
}

/** Conducting edges that are not part of the tree, with supply at both ends. */
function chords(tracing: Tracing): number[] {
  const { structure, depth, feedingEdge } = tracing;
  const found: number[] = [];
  for (let edge = 0; edge < structure.edgeFrom.length; edge += 1) {
    const [from, to] = [structure.edgeFrom[edge] ?? 0, structure.edgeTo[edge] ?? 0];
    if (feedingEdge[from] === edge || feedingEdge[to] === edge) continue;
    if (!conducts(tracing, edge) || (depth[from] ?? -1) < 0) continue;
    const branch = structure.branches[structure.edgeBranch[edge] ?? -1];
    if (branch?.kind === 'PowerTransformer' && sameTransformer(tracing, edge)) continue;
    found.push(edge);
  }
  return found;
}

/** Delta windings and centre taps join each conductor to several: those edges say nothing of a second way. */
function sameTransformer({ structure, feedingEdge }: Tracing, edge: number): boolean {
  const branch = structure.edgeBranch[edge];
  return [structure.edgeFrom[edge] ?? 0, structure.edgeTo[edge] ?? 0].some(
    (vertex) => structure.edgeBranch[feedingEdge[vertex] ?? -1] === branch,
  );
}

/** Branches on the two ways up to where they meet; where they do not, down to both sources. */
function around(tracing: Tracing, [one = 0, other = 0]: readonly number[]): string[] {
  const ways = [wayUp(tracing, one), wayUp(tracing, other)] as const;
  const onFirst = new Set(ways[0]);
  const meeting = ways[1].find((vertex) => onFirst.has(vertex));
  const parts = ways.map((way) => (meeting === undefined ? way : way.slice(0, way.indexOf(meeting))));
  const { structure, feedingEdge } = tracing;
  return [
    ...new Set(
      parts.flat().flatMap((vertex) => {
        const branch = structure.branches[structure.edgeBranch[feedingEdge[vertex] ?? -1] ?? -1];
        return branch === undefined ? [] : [branch.id];
      }),
    ),
  ];
}

function wayUp(tracing: Tracing, vertex: number): number[] {
  const way: number[] = [];
  for (let at = vertex; at !== -1; at = feederOf(tracing, at)) way.push(at);
  return way;
}

/** For each circuit in parallel with others at this instant: with which. */
export function joinedCircuits(tracing: Tracing, labels: Labels): Map<string, string[]> {
  const joined = new Map<string, Set<string>>();
  for (const { circuits } of loopsOf(tracing, labels)) {
    if (circuits.length < 2) continue;
    const group = new Set(circuits.flatMap((id) => [id, ...(joined.get(id) ?? [])]));
    for (const id of group) joined.set(id, group);
  }
  return new Map([...joined].map(([id, group]) => [id, [...group].filter((other) => other !== id)]));
}
