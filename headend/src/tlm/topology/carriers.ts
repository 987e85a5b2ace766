import type { NetworkView } from '../../network/connectivity/network-view.ts';
import { isRegulator } from '../../network/connectivity/labels.ts';
import type { PowerTransformer } from '../../network/model/equipment.ts';
import { feederOf } from '../../network/connectivity/tracing.ts';

/** Of every conductor, and of every carrier: which carrier all its power goes through. Carriers are named by their branch; -1: the source. */
export type Carriers = {
  /** By vertex; -1 as well where there is no supply. */
  readonly ofVertex: Int32Array;
  /** By branch that carries somebody. */
  readonly above: ReadonlyMap<number, number>;
};

/** Units of one bank are one transformer; regulators only lift and lower, and carry nothing of their own. */
export function carrierBranches({ tracing }: NetworkView): Int32Array {
  const { branches, poleIndex } = tracing.structure;
  const carrier = new Int32Array(branches.length).fill(-1);
  const banks = new Map<string, number>();
  for (const [index, branch] of branches.entries()) {
    if (branch.kind === 'Switch' && (poleIndex.get(branch.id)?.length ?? 0) > 0) carrier[index] = index;
    if (branch.kind !== 'PowerTransformer' || isRegulator(branch)) continue;
    const first = branch.bank === undefined ? index : (banks.get(branch.bank) ?? index);
    if (branch.bank !== undefined) banks.set(branch.bank, first);
    carrier[index] = first;
  }
  return carrier;
}

/**
 * Of phases that come by different ways, the shortest way says where a carrier hangs: then each hangs nearer to a source than what hangs
 * at it, and a tree comes of it, whatever is open.
 */
export function carriersOf(view: NetworkView, carrierOf: Int32Array): Carriers {
  const { tracing, labels } = view;
  const { structure, feedingEdge } = tracing;
  const ofVertex = new Int32Array(structure.vertexNode.length).fill(-1);
  const above = new Map<number, number>();
  for (const vertex of labels.order) {
    const from = feederOf(tracing, vertex);
    if (from === -1) continue;
    const upstream = ofVertex[from] ?? -1;
    const carrier = carrierOf[structure.edgeBranch[feedingEdge[vertex] ?? -1] ?? -1] ?? -1;
    ofVertex[vertex] = carrier === -1 ? upstream : carrier;
    if (carrier !== -1 && upstream !== carrier && !above.has(carrier)) above.set(carrier, upstream);
  }
  return { ofVertex, above };
}

/** The units of each bank of several, by the first. */
export function banksOf(view: NetworkView, carrierOf: Int32Array): ReadonlyMap<number, readonly PowerTransformer[]> {
  const units = new Map<number, PowerTransformer[]>();
  for (const [index, branch] of view.tracing.structure.branches.entries()) {
    if (branch.kind !== 'PowerTransformer') continue;
    const first = carrierOf[index] ?? -1;
    if (first !== -1) units.set(first, [...(units.get(first) ?? []), branch]);
  }
  return units;
}
