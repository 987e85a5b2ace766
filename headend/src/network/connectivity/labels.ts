import type { PowerTransformer } from '../model/equipment.ts';
import type { Circuit, Network } from '../model/network.ts';
import type { Structure } from './structure.ts';
import { feederOf } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** Of every vertex with supply: whence. -1 where there is none. */
export type Labels = {
  readonly circuits: readonly Circuit[];
  /** Index into `circuits`. */
  readonly circuit: Int32Array;
  /** Index into the structure's branches: the nearest transformer on the way to the source that changes the voltage. */
  readonly transformer: Int32Array;
  /** Fed vertices, sources first, each after the one that feeds it. */
  readonly order: Int32Array;
};

export function labelsOf(tracing: Tracing): Labels {
  const { structure } = tracing;
  const circuits = [...structure.network.circuits.values()];
  const heads = headsOf(structure, circuits);
  const order = byDepth(tracing);
  const circuit = new Int32Array(tracing.depth.length).fill(-1);
  const transformer = new Int32Array(tracing.depth.length).fill(-1);
  const changesVoltage = structure.branches.map((branch) => branch.kind === 'PowerTransformer' && !isRegulator(branch));
  for (const vertex of order) {
    const from = feederOf(tracing, vertex);
    if (from === -1) {
      circuit[vertex] = heads.ofSource.get(vertex) ?? -1;
      continue;
    }
    const branch = structure.edgeBranch[tracing.feedingEdge[vertex] ?? -1] ?? -1;
    const entered = heads.ofBranch.get(branch)?.find((head) => head.node === structure.vertexNode[from]);
    circuit[vertex] = entered?.circuit ?? circuit[from] ?? -1;
    transformer[vertex] = changesVoltage[branch] === true ? branch : (transformer[from] ?? -1);
  }
  return { circuits, circuit, transformer, order };
}

/** A transformer that only lifts or lowers by steps: all ends rated alike. */
export function isRegulator({ ends }: PowerTransformer): boolean {
  const rated = ends.map(({ ratedVoltageV }) => ratedVoltageV);
  const highest = Math.max(...rated);
  return ends.length === 2 && highest - Math.min(...rated) < 0.02 * highest;
}

type Head = { readonly circuit: number; readonly node: number };
type Heads = { readonly ofBranch: ReadonlyMap<number, Head[]>; readonly ofSource: ReadonlyMap<number, number> };

function headsOf(structure: Structure, circuits: readonly Circuit[]): Heads {
  const branchIndex = new Map(structure.branches.map((branch, index) => [branch.id, index]));
  const ofBranch = new Map<number, Head[]>();
  const ofSource = new Map<number, number>();
  for (const [index, { head }] of circuits.entries()) {
    const equipment = structure.network.equipment.get(head.equipment);
    const node = structure.nodeIndex.get(equipment?.terminals[head.terminal - 1]?.node ?? '') ?? -1;
    const branch = branchIndex.get(head.equipment);
    if (branch !== undefined) ofBranch.set(branch, [...(ofBranch.get(branch) ?? []), { circuit: index, node }]);
    else if (equipment?.kind === 'EnergySource') {
      for (const vertex of structure.sourceVertices)
        if (structure.vertexNode[vertex] === node) ofSource.set(vertex, index);
    }
  }
  return { ofBranch, ofSource };
}

function byDepth({ depth }: Tracing): Int32Array {
  let deepest = -1;
  let fed = 0;
  for (const level of depth) {
    if (level >= 0) fed += 1;
    if (level > deepest) deepest = level;
  }
  const next = new Int32Array(deepest + 2);
  for (const level of depth) if (level >= 0) next[level + 1] = (next[level + 1] ?? 0) + 1;
  for (let level = 0; level <= deepest; level += 1) next[level + 1] = (next[level + 1] ?? 0) + (next[level] ?? 0);
  const order = new Int32Array(fed);
  for (let vertex = 0; vertex < depth.length; vertex += 1) {
    const level = depth[vertex] ?? -1;
    if (level < 0) continue;
    order[next[level] ?? 0] = vertex;
    next[level] = (next[level] ?? 0) + 1;
  }
  return order;
}

/** What a transformer is for, by what it joins. */
export function transformerRole(transformer: PowerTransformer): 'regulator' | 'substation' | 'service' {
  if (isRegulator(transformer)) return 'regulator';
  const lowest = Math.min(...transformer.ends.map(({ ratedVoltageV }) => ratedVoltageV));
  return lowest >= 1_000 ? 'substation' : 'service';
}

export function substationOf(network: Network, circuit: Circuit): string | undefined {
  if (circuit.substation !== undefined) return circuit.substation;
  const equipment = network.equipment.get(circuit.head.equipment);
  return network.nodes.get(equipment?.terminals[circuit.head.terminal - 1]?.node ?? '')?.substation;
}
