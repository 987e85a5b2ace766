import type { Equipment } from '../model/equipment.ts';
import { isBranch } from '../model/equipment.ts';
import { transformerRole } from '../connectivity/labels.ts';
import type { NetworkView } from '../connectivity/network-view.ts';
import type { Position } from '../model/network.ts';
import { phaseCode } from '../model/phase.ts';

type Geometry =
  | { readonly type: 'Point'; readonly coordinates: number[] }
  | { readonly type: 'LineString'; readonly coordinates: number[][] };

export type Feature = {
  readonly type: 'Feature';
  readonly id: string;
  readonly geometry: Geometry;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
};

/** RFC 7946. `schematic`: the coordinates are no longitude and latitude, and no map should take them for such. */
export type FeatureCollection = {
  readonly type: 'FeatureCollection';
  readonly schematic?: true;
  readonly features: readonly Feature[];
};

/** What has a place, as of the instant of the view: lines between their nodes, everything else where it stands. */
export function exportGeoJson(view: NetworkView): FeatureCollection {
  const { network } = view;
  const features: Feature[] = [];
  for (const equipment of network.equipment.values()) {
    const feature = equipmentFeature(view, equipment);
    if (feature !== undefined) features.push(feature);
  }
  for (const { id, name, position } of network.substations.values())
    if (position !== undefined)
      features.push({ type: 'Feature', id, geometry: point(position), properties: { kind: 'Substation', name } });
  for (const usagePoint of network.usagePoints.values()) {
    const position = usagePoint.position ?? network.nodes.get(usagePoint.node)?.position;
    if (position === undefined) continue;
    const { id, name, customer, phases } = usagePoint;
    const feed = view.feedOf(id);
    features.push({
      type: 'Feature',
      id,
      geometry: point(position),
      properties: {
        kind: 'UsagePoint',
        name,
        phases: phaseCode(phases),
        customer: customer ?? null,
        circuit: feed?.circuit ?? null,
        transformer: feed?.transformer ?? null,
        energised: feed?.energised ?? 'none',
      },
    });
  }
  return {
    type: 'FeatureCollection',
    ...(network.header.coordinates === 'geographic' ? {} : { schematic: true }),
    features,
  };
}

const point = ({ x, y }: Position): Geometry => ({ type: 'Point', coordinates: [x, y] });

function equipmentFeature(view: NetworkView, equipment: Equipment): Feature | undefined {
  const places = equipment.terminals.map(({ node }) => view.network.nodes.get(node)?.position);
  const [from, to] = places;
  if (from === undefined) return undefined;
  const isLine = isBranch(equipment) && equipment.kind !== 'PowerTransformer' && to !== undefined;
  const geometry: Geometry = isLine
    ? {
        type: 'LineString',
        coordinates: [
          [from.x, from.y],
          [to.x, to.y],
        ],
      }
    : point(from);
  return { type: 'Feature', id: equipment.id, geometry, properties: propertiesOf(view, equipment) };
}

function propertiesOf(view: NetworkView, equipment: Equipment): Feature['properties'] {
  const [first] = equipment.terminals;
  const last = equipment.terminals.at(-1);
  // A branch belongs to what it leads to: at a circuit's head that is the circuit.
  const feeds = [last, first].map((terminal) =>
    terminal === undefined ? undefined : view.feedOfNode(terminal.node, terminal.phases),
  );
  const feed = feeds.find((each) => each !== undefined && each.energised !== 'none') ?? feeds[0];
  return {
    kind: equipment.kind,
    name: equipment.name,
    phases: phaseCode(first?.phases ?? []),
    circuit: feed?.circuit ?? null,
    segment: feed?.segment ?? null,
    energised: feed?.energised ?? 'none',
    nominalVoltageV: view.network.nodes.get(first?.node ?? '')?.nominalVoltageV ?? null,
    ...ownProperties(view, equipment),
  };
}

function ownProperties(view: NetworkView, equipment: Equipment): Feature['properties'] {
  switch (equipment.kind) {
    case 'Switch':
      return {
        type: equipment.type,
        normalOpen: equipment.normalOpen,
        state: view.isClosed(equipment.id) ?? 'open',
        ratedCurrentA: equipment.ratedCurrentA ?? null,
      };
    case 'ACLineSegment':
      return { lengthM: equipment.lengthM, ratedCurrentA: equipment.ratedCurrentA ?? null };
    case 'PowerTransformer':
      return { role: transformerRole(equipment), ratedPowerVa: equipment.normalPowerVa ?? null };
    case 'EnergyConsumer':
    case 'SynchronousMachine':
    case 'PowerElectronicsConnection':
      return { activePowerW: equipment.activePowerW };
    case 'LinearShuntCompensator':
      return { reactivePowerVar: equipment.reactivePowerVar };
    case 'EnergySource':
    case 'SeriesCompensator':
      return {};
  }
}
