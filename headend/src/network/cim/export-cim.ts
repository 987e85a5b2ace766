import type { Equipment, Terminal } from '../model/equipment.ts';
import type { ConnectivityNode, Customer, Network, PhaseImpedance, UsagePoint } from '../model/network.ts';
import { phaseCode } from '../model/phase.ts';
import { madeMrid, mridOf } from './identity.ts';
import { RdfWriter } from './rdf-writer.ts';
import type { PropertyValue } from './rdf-writer.ts';
import { writeEquipment } from './equipment-writer.ts';

/** What writers of the single kinds need: names of everything that they refer to. */
export class CimExport {
  readonly writer = new RdfWriter();
  readonly network: Network;
  readonly container: string;
  readonly #voltages = new Map<number, string>();
  readonly #written = new Set<string>();

  constructor(network: Network) {
    this.network = network;
    const [circuit] = network.circuits.values();
    this.container = circuit === undefined ? madeMrid('Container', network.header.name) : mridOf('Circuit', circuit.id);
  }

  /** Name and alias; the alias brings the id back when the file is read again. */
  named(kind: string, { id, name }: { id: string; name: string }): Record<string, PropertyValue> {
    return {
      'IdentifiedObject.name': name,
      'IdentifiedObject.aliasName': mridOf(kind, id) === id ? undefined : id,
    };
  }

  equipment(equipment: Equipment): Record<string, PropertyValue> {
    return {
      ...this.named(equipment.kind, equipment),
      'Equipment.EquipmentContainer': { ref: this.container },
      'Equipment.inService': equipment.inService === false ? false : undefined,
      'ConductingEquipment.BaseVoltage': this.baseVoltage(equipment.terminals[0]?.node),
      'PowerSystemResource.Location': this.#located(equipment.terminals)
        ? { ref: this.locationOf(equipment) }
        : undefined,
    };
  }

  #located(terminals: readonly Terminal[]): boolean {
    return terminals.every(({ node }) => this.network.nodes.get(node)?.position !== undefined);
  }

  locationOf = ({ kind, id }: Equipment): string => madeMrid('Location', `${kind} ${id}`);
  terminalOf = (kind: string, id: string, sequence: number): string =>
    madeMrid('Terminal', `${kind} ${id} ${sequence}`);

  baseVoltage(node: string | undefined): PropertyValue {
    const voltage = this.network.nodes.get(node ?? '')?.nominalVoltageV;
    return voltage === undefined ? undefined : { ref: this.voltage(voltage) };
  }

  voltage(volts: number): string {
    const known = this.#voltages.get(volts);
    if (known !== undefined) return known;
    const mrid = madeMrid('BaseVoltage', String(volts));
    this.#voltages.set(volts, mrid);
    this.writer.resource('BaseVoltage', mrid, {
      'IdentifiedObject.name': `${volts / 1_000} kV`,
      'BaseVoltage.nominalVoltage': volts,
    });
    return mrid;
  }

  /** Whether a resource that several share is still to be written. */
  first(mrid: string): boolean {
    const isFirst = !this.#written.has(mrid);
    this.#written.add(mrid);
    return isFirst;
  }

  /** Terminals with the place of their node, and the current limits that hold for all. */
  terminals(equipment: Equipment, owner = mridOf(equipment.kind, equipment.id)): void {
    const limits = this.#limits(equipment);
    for (const [index, { node, phases }] of equipment.terminals.entries()) {
      this.writer.resource('Terminal', this.terminalOf(equipment.kind, equipment.id, index + 1), {
        'IdentifiedObject.name': `${equipment.name}_T${index + 1}`,
        'ACDCTerminal.sequenceNumber': index + 1,
        'Terminal.ConductingEquipment': { ref: owner },
        'Terminal.ConnectivityNode': { ref: mridOf('ConnectivityNode', node) },
        // The code knows no order: where the order is another one, it is written as it is, which we read and others sort.
        'Terminal.phases': { choice: `PhaseCode.${phases.join('').replace('s1s2', 's12')}` },
        'ACDCTerminal.OperationalLimitSet': limits === undefined ? undefined : { ref: limits },
      });
    }
    this.#location(equipment);
  }

  #location(equipment: Equipment): void {
    if (!this.#located(equipment.terminals)) return;
    const location = this.locationOf(equipment);
    this.writer.resource('Location', location, {
      'Location.CoordinateSystem': { ref: madeMrid('CoordinateSystem', 'network') },
    });
    for (const [index, { node }] of equipment.terminals.entries())
      this.point(location, index + 1, this.network.nodes.get(node)?.position);
  }

  point(location: string, sequence: number, position: { x: number; y: number } | undefined): void {
    if (position === undefined) return;
    this.writer.resource('PositionPoint', madeMrid('PositionPoint', `${location} ${sequence}`), {
      'PositionPoint.Location': { ref: location },
      'PositionPoint.sequenceNumber': sequence,
      'PositionPoint.xPosition': position.x,
      'PositionPoint.yPosition': position.y,
    });
  }

  #limits(equipment: Equipment): string | undefined {
    if (!('ratedCurrentA' in equipment) || equipment.ratedCurrentA === undefined) return undefined;
    const set = madeMrid('OperationalLimitSet', `${equipment.kind} ${equipment.id}`);
    this.writer.resource('OperationalLimitSet', set, { 'IdentifiedObject.name': `${equipment.name}_limits` });
    for (const [type, value] of [
      ['normal', equipment.ratedCurrentA],
      ['emergency', equipment.emergencyCurrentA],
    ] as const) {
      if (value === undefined) continue;
      this.writer.resource('CurrentLimit', madeMrid('CurrentLimit', `${set} ${type}`), {
        'IdentifiedObject.name': `${equipment.name}_${type}`,
        'CurrentLimit.value': value,
        'OperationalLimit.OperationalLimitSet': { ref: set },
        'OperationalLimit.OperationalLimitType': { ref: madeMrid('OperationalLimitType', type) },
      });
    }
    return set;
  }
}

/** The network as CIM100 RDF/XML. What CIM has no name for goes along in an extension of our own. */
export function exportCim(network: Network): string {
  return [...cimPieces(network)].join('');
}

/** The same piece by piece: a whole town is tens of megabytes, and who sends it has other things to do meanwhile. */
export function* cimPieces(network: Network): Generator<string> {
  const out = new CimExport(network);
  const { writer } = out;
  writer.resource('IEC61970CIMVersion', madeMrid('Version', 'CIM100'), {
    'IEC61970CIMVersion.version': 'IEC61970CIM100',
    'IEC61970CIMVersion.date': '2019-04-01',
  });
  const isGeographic = network.header.coordinates === 'geographic';
  writer.resource(
    'CoordinateSystem',
    madeMrid('CoordinateSystem', 'network'),
    {
      'IdentifiedObject.name': network.header.name,
      'CoordinateSystem.crsUrn': isGeographic ? 'urn:ogc:def:crs:EPSG::4326' : 'schematic',
    },
    { name: network.header.name, frequencyHz: network.header.frequencyHz, coordinates: network.header.coordinates },
  );
  for (const [type, durationS] of [
    ['normal', 5e9],
    ['emergency', 86_400],
  ] as const) {
    writer.resource('OperationalLimitType', madeMrid('OperationalLimitType', type), {
      'IdentifiedObject.name': type,
      'OperationalLimitType.acceptableDuration': durationS,
      'OperationalLimitType.direction': { choice: 'OperationalLimitDirectionKind.absoluteValue' },
    });
  }
  writeContainers(out);
  yield* inPieces(out, network.nodes, writeNode);
  yield* inPieces(out, network.impedances, writeImpedance);
  yield* inPieces(out, network.equipment, writeEquipment);
  yield* inPieces(out, network.customers, writeCustomer);
  yield* inPieces(out, network.usagePoints, writeUsagePoint);
  yield writer.end();
}

function* inPieces<T>(
  out: CimExport,
  elements: ReadonlyMap<string, T>,
  write: (out: CimExport, element: T) => void,
): Generator<string> {
  for (const element of elements.values()) {
    write(out, element);
    if (out.writer.isLong) yield out.writer.take();
  }
}

function writeNode(out: CimExport, node: ConnectivityNode): void {
  const container = node.substation === undefined ? out.container : mridOf('Substation', node.substation);
  out.writer.resource(
    'ConnectivityNode',
    mridOf('ConnectivityNode', node.id),
    { ...out.named('ConnectivityNode', node), 'ConnectivityNode.ConnectivityNodeContainer': { ref: container } },
    { nominalVoltageV: node.nominalVoltageV, position: node.position },
  );
}

function writeContainers(out: CimExport): void {
  const { network, writer } = out;
  for (const substation of network.substations.values()) {
    const mrid = mridOf('Substation', substation.id);
    const location = madeMrid('Location', `Substation ${substation.id}`);
    const { position } = substation;
    writer.resource('Substation', mrid, {
      ...out.named('Substation', substation),
      'PowerSystemResource.Location': position === undefined ? undefined : { ref: location },
    });
    if (position === undefined) continue;
    writer.resource('Location', location, {
      'Location.CoordinateSystem': { ref: madeMrid('CoordinateSystem', 'network') },
    });
    out.point(location, 1, position);
  }
  for (const circuit of network.circuits.values()) {
    const head = network.equipment.get(circuit.head.equipment);
    writer.resource(
      'Feeder',
      mridOf('Circuit', circuit.id),
      {
        ...out.named('Circuit', circuit),
        'Feeder.NormalEnergizingSubstation':
          circuit.substation === undefined ? undefined : { ref: mridOf('Substation', circuit.substation) },
        'Feeder.NormalHeadTerminal':
          head === undefined ? undefined : { ref: out.terminalOf(head.kind, head.id, circuit.head.terminal) },
      },
      { ratedCurrentA: circuit.ratedCurrentA },
    );
  }
}

function writeImpedance(out: CimExport, impedance: PhaseImpedance): void {
  const mrid = mridOf('PhaseImpedance', impedance.id);
  const order = impedance.rOhmPerM.length;
  out.writer.resource('PerLengthPhaseImpedance', mrid, {
    ...out.named('PhaseImpedance', impedance),
    'PerLengthPhaseImpedance.conductorCount': order,
  });
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      out.writer.resource('PhaseImpedanceData', madeMrid('PhaseImpedanceData', `${mrid} ${row} ${column}`), {
        'PhaseImpedanceData.PhaseImpedance': { ref: mrid },
        'PhaseImpedanceData.row': row + 1,
        'PhaseImpedanceData.column': column + 1,
        'PhaseImpedanceData.r': impedance.rOhmPerM[row]?.[column],
        'PhaseImpedanceData.x': impedance.xOhmPerM[row]?.[column],
        'PhaseImpedanceData.b': impedance.bSiemensPerM[row]?.[column],
      });
    }
  }
}

function writeCustomer(out: CimExport, customer: Customer): void {
  const kind = customer.customerKind === undefined ? undefined : { choice: `CustomerKind.${customer.customerKind}` };
  out.writer.resource(
    'Customer',
    mridOf('Customer', customer.id),
    { ...out.named('Customer', customer), 'Customer.kind': kind },
    { critical: customer.critical, customerKind: customer.customerKind },
  );
}

function writeUsagePoint(out: CimExport, point: UsagePoint): void {
  const mrid = mridOf('UsagePoint', point.id);
  const agreement = madeMrid('CustomerAgreement', point.id);
  if (point.customer !== undefined)
    out.writer.resource('CustomerAgreement', agreement, {
      'CustomerAgreement.Customer': { ref: mridOf('Customer', point.customer) },
    });
  out.writer.resource(
    'UsagePoint',
    mrid,
    {
      ...out.named('UsagePoint', point),
      'UsagePoint.phaseCode': { choice: `PhaseCode.${phaseCode(point.phases).replace('s1s2', 's12')}` },
      'UsagePoint.ratedCurrent': point.ratedCurrentA,
      'UsagePoint.CustomerAgreement': point.customer === undefined ? undefined : { ref: agreement },
    },
    { node: point.node, phases: point.phases, position: point.position },
  );
  if (point.meter !== undefined)
    out.writer.resource('Meter', madeMrid('Meter', point.meter), {
      'IdentifiedObject.name': point.meter,
      'EndDevice.UsagePoint': { ref: mrid },
    });
}
