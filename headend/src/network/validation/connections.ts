import { isBranch } from '../model/equipment.ts';
import type { Equipment } from '../model/equipment.ts';
import type { Finding } from '../model/finding.ts';
import type { Network } from '../model/network.ts';
import { told } from './told.ts';

/** Whether everything that is named exists, and fits what names it. */
export function checkConnections(network: Network): Finding[] {
  const findings = [...network.equipment.values()].flatMap((equipment) => [
    ...checkTerminals(network, equipment),
    ...checkImpedance(network, equipment),
    ...checkControls(network, equipment),
  ]);
  const used = new Set([...network.equipment.values()].flatMap(({ terminals }) => terminals.map(({ node }) => node)));
  for (const node of network.nodes.values())
    if (!used.has(node.id)) findings.push(told('warning', 'unused-node', node, 'nothing is connected to this node'));
  for (const circuit of network.circuits.values()) {
    const { head, substation } = circuit;
    if (!network.equipment.has(head.equipment))
      findings.push(told('error', 'missing-element', circuit, `its head ${head.equipment} is not in the network`));
    if (substation !== undefined && !network.substations.has(substation))
      findings.push(told('error', 'missing-element', circuit, `its substation ${substation} is not in the network`));
  }
  return findings;
}

const terminalCount = (equipment: Equipment): number =>
  equipment.kind === 'PowerTransformer' ? equipment.ends.length : isBranch(equipment) ? 2 : 1;

function checkTerminals(network: Network, equipment: Equipment): Finding[] {
  const { terminals } = equipment;
  const findings: Finding[] = [];
  if (terminals.length !== terminalCount(equipment))
    findings.push(
      told('error', 'terminals', equipment, `has ${terminals.length} terminals, not ${terminalCount(equipment)}`),
    );
  for (const { node, phases } of terminals) {
    if (!network.nodes.has(node))
      findings.push(
        told('error', 'missing-element', equipment, `is connected to ${node}, which is not in the network`, [node]),
      );
    if (new Set(phases).size !== phases.length)
      findings.push(
        told('error', 'phases', equipment, `is connected to one phase of ${node} twice (${phases.join('')})`),
      );
    if (phases.length === 0) findings.push(told('error', 'phases', equipment, `is connected to no phase of ${node}`));
  }
  if (!isBranch(equipment) || equipment.kind === 'PowerTransformer') return findings;
  const [one, other] = terminals;
  if (one?.node === other?.node)
    findings.push(told('error', 'both-ends', equipment, `begins and ends at ${one?.node ?? 'nothing'}`));
  if (one?.phases.length !== other?.phases.length)
    findings.push(
      told(
        'error',
        'phases',
        equipment,
        `has phases ${one?.phases.join('') ?? ''} at one end and ${other?.phases.join('') ?? ''} at the other`,
      ),
    );
  return findings;
}

function checkImpedance(network: Network, equipment: Equipment): Finding[] {
  if (equipment.kind !== 'ACLineSegment' && equipment.kind !== 'Switch') return [];
  if (equipment.impedance === undefined) return [];
  const impedance = network.impedances.get(equipment.impedance);
  if (impedance === undefined)
    return [told('error', 'missing-element', equipment, `its impedance ${equipment.impedance} is not in the network`)];
  const [order, phases] = [impedance.rOhmPerM.length, equipment.terminals[0]?.phases.length ?? 0];
  if (order === phases) return [];
  return [
    told(
      'error',
      'phases',
      equipment,
      `has ${phases} phases, and its impedance ${impedance.id} is of ${order} conductors`,
      [impedance.id],
    ),
  ];
}

function checkControls(network: Network, equipment: Equipment): Finding[] {
  if (equipment.kind === 'PowerTransformer') {
    return equipment.ends.flatMap(({ tapChanger }) => {
      const node = tapChanger?.control?.remoteNode;
      if (node === undefined || network.nodes.has(node)) return [];
      return [
        told('error', 'missing-element', equipment, `its control measures at ${node}, which is not in the network`),
      ];
    });
  }
  if (equipment.kind !== 'LinearShuntCompensator') return [];
  const monitored = equipment.control?.monitored;
  if (monitored === undefined) return [];
  const other = network.equipment.get(monitored.equipment);
  if (other?.terminals[monitored.terminal - 1] !== undefined) return [];
  return [
    told(
      'error',
      'missing-element',
      equipment,
      `its control watches terminal ${monitored.terminal} of ${monitored.equipment}, which is not in the network`,
    ),
  ];
}
