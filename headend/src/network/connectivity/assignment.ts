import type { Labels } from './labels.ts';
import { vertexAt } from './structure.ts';
import type { Topology } from './topology.ts';
import type { Tracing } from './tracing.ts';

/** Whom each service point has, by its index in the network's own order; -1: nobody, for it has no supply. */
export type Assignment = {
  readonly usagePoints: readonly string[];
  readonly transformers: readonly string[];
  readonly segments: readonly string[];
  readonly circuits: readonly string[];
  readonly transformer: Int32Array;
  /** The segment is where it stands, with supply or without. */
  readonly segment: Int32Array;
  readonly circuit: Int32Array;
};

export function assignmentOf(
  { network, structure, segments }: Topology,
  { depth }: Tracing,
  labels: Labels,
): Assignment {
  const points = [...network.usagePoints.values()];
  const transformers = new Map<number, number>();
  const assignment = {
    transformer: new Int32Array(points.length).fill(-1),
    segment: new Int32Array(points.length).fill(-1),
    circuit: new Int32Array(points.length).fill(-1),
  };
  for (const [index, { node, phases }] of points.entries()) {
    assignment.segment[index] = segments.ofNode[structure.nodeIndex.get(node) ?? -1] ?? -1;
    const phase = phases.find((each) => (depth[vertexAt(structure, node, each)] ?? -1) >= 0);
    if (phase === undefined) continue;
    const vertex = vertexAt(structure, node, phase);
    assignment.circuit[index] = labels.circuit[vertex] ?? -1;
    const branch = labels.transformer[vertex] ?? -1;
    if (branch === -1) continue;
    const known = transformers.get(branch) ?? transformers.size;
    transformers.set(branch, known);
    assignment.transformer[index] = known;
  }
  return {
    usagePoints: points.map(({ id }) => id),
    transformers: [...transformers.keys()].map((branch) => structure.branches[branch]?.id ?? ''),
    segments: segments.all.map(({ id }) => id),
    circuits: labels.circuits.map(({ id }) => id),
    ...assignment,
  };
}
