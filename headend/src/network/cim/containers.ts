import type { Circuit, ConnectivityNode, Customer, CustomerKind, Position, UsagePoint } from '../model/network.ts';
import type { NetworkDraft } from '../model/network-draft.ts';
import { phasesOf } from '../model/phase.ts';
import type { CimGraph, CimObject } from './cim-graph.ts';
import { extensionOf } from './extension.ts';
import { idOf } from './identity.ts';
import { live, sequence, terminalsOf } from './terminals.ts';

export function importContainers(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('Substation')) {
    object.ignore('Substation.Region', 'Substation.SchedulingArea');
    const position = positionsOf(object)[0];
    draft.put({
      kind: 'Substation',
      id: idOf('Substation', object),
      name: object.name,
      ...(position === undefined ? {} : { position }),
      from: object.from,
    });
  }
  for (const object of graph.ofClass('Feeder')) {
    object.ignore('Feeder.DistributionArea', 'Feeder.FeederArea');
    const substation = object.follow('Feeder.NormalEnergizingSubstation');
    const head = headOf(graph, object);
    object.ignore('PowerSystemResource.Location');
    if (head === undefined)
      object.tell('warning', 'missing-element', 'says no head terminal and has no source: it is left out');
    else
      draft.put({
        kind: 'Circuit',
        id: idOf('Circuit', object),
        name: object.name,
        ...(substation === undefined ? {} : { substation: idOf('Substation', substation) }),
        head,
        ...extensionOf<Circuit>(object),
        from: object.from,
      });
  }
}

/** The kind under which equipment of a class is in the network. */
const kindOfClass = (name: string): string =>
  /^(Breaker|Recloser|Sectionaliser|LoadBreakSwitch|Disconnector|Fuse|Jumper|Cut|Switch)$/.test(name)
    ? 'Switch'
    : name === 'TransformerTank'
      ? 'PowerTransformer'
      : name;

function headOf(graph: CimGraph, feeder: CimObject): { equipment: string; terminal: number } | undefined {
  const terminal =
    feeder.follow('Feeder.NormalHeadTerminal') ?? graph.referring('Terminal.NormalHeadFeeder', feeder.rdfId)[0];
  const equipment = terminal?.follow('Terminal.ConductingEquipment');
  if (terminal !== undefined && equipment !== undefined)
    return { equipment: idOf(kindOfClass(equipment.class), equipment), terminal: sequence(terminal) };
  const source = graph
    .ofClass('EnergySource')
    .find((each) => each.ref('Equipment.EquipmentContainer') === feeder.rdfId);
  return source === undefined ? undefined : { equipment: idOf('EnergySource', source), terminal: 1 };
}

export function importNodes(graph: CimGraph, draft: NetworkDraft): void {
  const positions = nodePositions(graph);
  for (const object of graph.ofClass('ConnectivityNode')) {
    object.ignore('ConnectivityNode.OperationalLimitSet', 'ConnectivityNode.TopologicalNode');
    const container = object.follow('ConnectivityNode.ConnectivityNodeContainer');
    const substation = container?.class === 'Substation' ? idOf('Substation', container) : undefined;
    const position = positions.get(object.rdfId);
    draft.put({
      kind: 'ConnectivityNode',
      id: idOf('ConnectivityNode', object),
      name: object.name,
      ...(position === undefined ? {} : { position }),
      ...(substation === undefined ? {} : { substation }),
      ...extensionOf<ConnectivityNode>(object),
      from: object.from,
    });
  }
}

/** Equipment is drawn with a point for each of its terminals: there the nodes are. */
function nodePositions(graph: CimGraph): Map<string, Position> {
  const found = new Map<string, Position>();
  for (const terminal of graph.ofClass('Terminal')) {
    const node = terminal.ref('Terminal.ConnectivityNode');
    const equipment = terminal.follow('Terminal.ConductingEquipment');
    if (node === undefined || equipment === undefined || found.has(node)) continue;
    const points = positionsOf(equipment);
    const point = points[sequence(terminal) - 1];
    if (point !== undefined && points.length >= terminalsOf(equipment).length) found.set(node, point);
    terminal.ignore('Terminal.BoundedSchedulingArea');
  }
  return found;
}

function positionsOf(object: CimObject): Position[] {
  const location = object.follow('PowerSystemResource.Location');
  location?.ignore('Location.CoordinateSystem');
  const points = location === undefined ? [] : object.graph.referring('PositionPoint.Location', location.rdfId);
  const value = (point: CimObject, property: string): number => point.number(`PositionPoint.${property}`) ?? 0;
  return points
    .toSorted((one, other) => value(one, 'sequenceNumber') - value(other, 'sequenceNumber'))
    .map((point) => ({ x: value(point, 'xPosition'), y: value(point, 'yPosition') }));
}

/** Geographic where a coordinate system by its name is one of longitude and latitude. */
export function coordinatesOf(graph: CimGraph, hasPositions: boolean): 'geographic' | 'schematic' | 'none' {
  const urns = graph.ofClass('CoordinateSystem').map((object) => object.text('CoordinateSystem.crsUrn') ?? '');
  if (!hasPositions) return 'none';
  return urns.some((urn) => /4326|wgs ?84|latlong/i.test(urn)) ? 'geographic' : 'schematic';
}

const customerKinds: readonly CustomerKind[] = ['residential', 'commercial', 'industrial', 'agricultural', 'public'];

/** IEC 61968-9 and -11: service points with their meters, customers by their agreements. */
export function importUsagePoints(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('Customer')) {
    const kind = customerKinds.find((each) => object.choice('Customer.kind')?.toLowerCase().startsWith(each) === true);
    draft.put({
      kind: 'Customer',
      id: idOf('Customer', object),
      name: object.name,
      ...(kind === undefined ? {} : { customerKind: kind }),
      ...extensionOf<Customer>(object),
      from: object.from,
    });
  }
  for (const object of graph.ofClass('UsagePoint')) {
    const equipment = object.refs('UsagePoint.Equipments').map((each) => graph.find(each));
    const extension = extensionOf<UsagePoint>(object);
    const terminal = equipment[0] === undefined ? undefined : terminalsOf(equipment[0])[0];
    const node = extension.node ?? nodeName(terminal?.follow('Terminal.ConnectivityNode'));
    const customer = object.follow('UsagePoint.CustomerAgreement')?.follow('CustomerAgreement.Customer');
    const meter = graph.referring('EndDevice.UsagePoint', object.rdfId)[0];
    if (node === undefined) {
      object.tell('error', 'missing-element', 'names no equipment that is connected: it is left out');
      continue;
    }
    const rated = object.number('UsagePoint.ratedCurrent');
    draft.put({
      kind: 'UsagePoint',
      id: idOf('UsagePoint', object),
      name: object.name,
      node,
      phases: live(phasesOf(object.choice('UsagePoint.phaseCode') ?? '') ?? []),
      ...(customer === undefined ? {} : { customer: idOf('Customer', customer) }),
      ...(meter === undefined ? {} : { meter: meter.name }),
      ...(rated === undefined ? {} : { ratedCurrentA: rated }),
      ...extension,
      from: object.from,
    });
  }
  for (const unused of ['CustomerAgreement', 'Meter', 'EndDevice']) graph.ofClass(unused);
}

const nodeName = (node: CimObject | undefined): string | undefined =>
  node === undefined ? undefined : idOf('ConnectivityNode', node);
