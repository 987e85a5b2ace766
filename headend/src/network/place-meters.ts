import type { Members, NetworkView } from './connectivity/network-view.ts';
import type { UsagePoint } from './model/network.ts';

export type PlaceKind = 'circuit' | 'segment' | 'transformer' | 'switch';

/** Who is served at a place, or beyond a switch, and at what voltage the place itself is. */
export type PlaceMeters = {
  readonly title: string;
  readonly usagePoints: readonly UsagePoint[];
  readonly supply?: { readonly nominalVoltageV: number; readonly phases: 1 | 3 };
};

/** As of the view's instant. Undefined: there is no such place. */
export function metersOfPlace(view: NetworkView, kind: PlaceKind, id: string): PlaceMeters | undefined {
  const members = membersOf(view, kind, id);
  if (members === undefined) return undefined;
  const usagePoints = members.usagePoints.flatMap((each) => view.network.usagePoints.get(each) ?? []);
  const supply = supplyOf(view, kind, id, members);
  return { title: titleOf(view, kind, id), usagePoints, ...(supply === undefined ? {} : { supply }) };
}

function membersOf(view: NetworkView, kind: PlaceKind, id: string): Members | undefined {
  switch (kind) {
    case 'circuit':
      return view.membersOfCircuit(id);
    case 'segment':
      return view.membersOfSegment(id);
    case 'transformer':
      return view.network.equipment.get(id)?.kind === 'PowerTransformer' ? view.membersOfTransformer(id) : undefined;
    case 'switch':
      return view.network.equipment.get(id)?.kind === 'Switch' ? view.downstreamOf(id) : undefined;
  }
}

function titleOf({ network }: NetworkView, kind: PlaceKind, id: string): string {
  if (kind === 'circuit') return network.circuits.get(id)?.name ?? id;
  return kind === 'segment' ? id : (network.equipment.get(id)?.name ?? id);
}

/** Where the place takes its current in: the primary side of a transformer, the head of a circuit, the most frequent voltage of a segment. */
function supplyOf(view: NetworkView, kind: PlaceKind, id: string, members: Members): PlaceMeters['supply'] {
  const { network } = view;
  const head = kind === 'circuit' ? network.circuits.get(id)?.head : { equipment: id, terminal: 1 };
  const equipment = head === undefined ? undefined : network.equipment.get(head.equipment);
  const terminal = equipment?.terminals[(head?.terminal ?? 1) - 1];
  if (kind !== 'segment' && terminal !== undefined) {
    const live = terminal.phases.filter((phase) => phase !== 'N').length;
    return suppliedAt(network.nodes.get(terminal.node)?.nominalVoltageV, live);
  }
  const counts = new Map<number, number>();
  for (const node of members.nodes) {
    const nominal = network.nodes.get(node)?.nominalVoltageV;
    // Below 1 kV it is what stands behind the transformers.
    if (nominal !== undefined && nominal > 1_000) counts.set(nominal, (counts.get(nominal) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
  return suppliedAt(most?.[0], 3);
}

/** What has one or two phases carries the power of one between phase and ground, or of two between them. */
function suppliedAt(nominalVoltageV: number | undefined, livePhases: number): PlaceMeters['supply'] {
  if (nominalVoltageV === undefined || livePhases === 0) return undefined;
  if (livePhases >= 3) return { nominalVoltageV, phases: 3 };
  return { nominalVoltageV: livePhases === 1 ? nominalVoltageV / Math.sqrt(3) : nominalVoltageV, phases: 1 };
}
