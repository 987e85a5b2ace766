import type { Finding } from '../model/finding.ts';
import type { Network, NetworkHeader } from '../model/network.ts';
import { NetworkDraft } from '../model/network-draft.ts';
import { nominalVoltages } from '../model/nominal-voltages.ts';
import { putServicePoints } from '../model/service-points.ts';
import { CimGraph } from './cim-graph.ts';
import { coordinatesOf, importContainers, importNodes, importUsagePoints } from './containers.ts';
import { importImpedances, importLineSegments, importSeries, importSwitches } from './line-segments.ts';
import { readRdf } from './rdf.ts';
import { importCompensators, importConsumers, importInverters, importMachines, importSources } from './shunts.ts';
import { extensionOf } from './extension.ts';
import { importTransformers } from './transformers.ts';

/**
 * Reads a network from CIM RDF/XML (IEC 61968-13, CIM100 and its forerunners). Power of machines and inverters is taken as generation
 * positive, as the distribution profiles write it, not by the load sign of IEC 61970-301.
 */
export function importCim(file: string, chunks: Iterable<string>): { network: Network; findings: readonly Finding[] } {
  const read = readRdf(chunks);
  const none = new NetworkDraft({ kind: 'Network', id: 'network', name: '', frequencyHz: 60, coordinates: 'none' });
  if (!read.ok) {
    const place = { file, line: read.line };
    return {
      network: none.network(),
      findings: [{ severity: 'error', code: 'unreadable-file', say: `is no CIM RDF/XML: ${read.say}`, place }],
    };
  }
  const graph = new CimGraph(file, read.objects);
  for (const each of graph.ofClass('OperationalLimitSet'))
    each.ignore('OperationalLimitSet.ConnectivityNode', 'OperationalLimitSet.Terminal');
  for (const each of graph.ofClass('CurrentLimit')) each.ignore('OperationalLimit.OperationalLimitSet');
  for (const kind of [
    'OperationalLimitType',
    'Location',
    'PositionPoint',
    'BaseVoltage',
    'LoadResponseCharacteristic',
    'PhaseImpedanceData',
    'TransformerTankInfo',
  ])
    graph.ofClass(kind);
  const draft = none;
  importImpedances(graph, draft);
  importContainers(graph, draft);
  importNodes(graph, draft);
  importSources(graph, draft);
  importLineSegments(graph, draft);
  importSwitches(graph, draft);
  importSeries(graph, draft);
  importTransformers(graph, draft);
  importCompensators(graph, draft);
  importConsumers(graph, draft);
  importMachines(graph, draft);
  importInverters(graph, draft);
  importUsagePoints(graph, draft);
  for (const object of ignoredOfEquipment.flatMap((kind) => graph.ofClass(kind)))
    object.ignore('ConductingEquipment.BaseVoltage', 'PowerSystemResource.Location');
  if (draft.network().usagePoints.size === 0) putServicePoints(draft);
  finish(graph, draft);
  graph.close();
  return { network: draft.network(), findings: graph.findings };
}

const ignoredOfEquipment = [
  'ACLineSegment',
  'EnergySource',
  'EnergyConsumer',
  'LinearShuntCompensator',
  'PowerTransformer',
  'TransformerTank',
  'PowerElectronicsConnection',
  'SynchronousMachine',
  'Breaker',
  'Fuse',
  'LoadBreakSwitch',
  'Recloser',
  'Sectionaliser',
  'Disconnector',
  'Jumper',
  'Switch',
  'SeriesCompensator',
];

function finish(graph: CimGraph, draft: NetworkDraft): void {
  const bases = graph.ofClass('BaseVoltage').map((each) => each.number('BaseVoltage.nominalVoltage') ?? 0);
  const [feeder] = graph.ofClass('Feeder');
  const [system] = graph.ofClass('CoordinateSystem');
  const network = draft.network();
  const hasPositions = [...network.nodes.values()].some(({ position }) => position !== undefined);
  const voltages = nominalVoltages(network, bases);
  for (const node of network.nodes.values()) {
    const nominalVoltageV = voltages.get(node.id);
    if (nominalVoltageV !== undefined && node.nominalVoltageV === undefined) draft.put({ ...node, nominalVoltageV });
  }
  const header = network.header;
  const extension = system === undefined ? {} : extensionOf<NetworkHeader>(system);
  draft.put({
    ...header,
    name: feeder?.name ?? header.name,
    coordinates: coordinatesOf(graph, hasPositions),
    ...extension,
  });
}
