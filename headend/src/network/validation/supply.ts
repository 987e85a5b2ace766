import type { Island } from '../connectivity/islands.ts';
import type { NetworkView } from '../connectivity/network-view.ts';
import { nodeIdAt, phaseAt, verticesOf } from '../connectivity/structure.ts';
import type { Finding } from '../model/finding.ts';
import { phaseCode } from '../model/phase.ts';
import type { Phase } from '../model/phase.ts';
import { listed, told } from './told.ts';

/** Whether supply reaches everything in the normal state, on every phase that is used, and by one way alone. */
export function checkSupply(normal: NetworkView, allClosed: NetworkView): Finding[] {
  const { network, tracing } = normal;
  if (tracing.structure.sourceVertices.length === 0)
    return [{ severity: 'error', code: 'no-source', say: 'the network has no source of supply in service' }];
  const findings = normal
    .islands()
    .filter((island) => wholly(normal, island))
    .map((island) => islandFinding(normal, allClosed, island));
  findings.push(...missingPhases(normal));
  for (const { closedBy, branches, circuits } of normal.loops()) {
    const element = network.equipment.get(closedBy);
    if (element === undefined) continue;
    const way = `with all switches in their normal position supply reaches it from both ends, by way of ${listed(branches.filter((id) => id !== closedBy))}`;
    const joins = circuits.length > 1 ? ` (circuits ${circuits.join(' and ')})` : '';
    findings.push(
      told('warning', 'loop', element, `${way}${joins}; should a switch between be normally open?`, branches),
    );
  }
  return findings;
}

/** A node that lacks one phase of several is told as such, not as an island. */
function wholly(view: NetworkView, { nodes }: Island): boolean {
  const { structure, depth } = view.tracing;
  return nodes.every((node) => verticesOf(structure, node).every((vertex) => (depth[vertex] ?? -1) < 0));
}

function islandFinding(normal: NetworkView, allClosed: NetworkView, island: Island): Finding {
  const [first = ''] = island.nodes;
  const node = normal.network.nodes.get(first) ?? { id: first };
  const size = `${island.nodes.length === 1 ? 'this node' : `it and ${island.nodes.length - 1} nodes with it`}`;
  const consumers = island.consumers.length === 0 ? '' : `, with ${island.consumers.length} loads`;
  const reachable = allClosed.feedOfNode(first)?.energised !== 'none';
  if (!reachable)
    return told(
      'error',
      'island',
      node,
      `no line or switch leads from a source to ${size}${consumers}`,
      island.nodes.slice(1),
    );
  const by = island.openSwitches.length === 0 ? 'switches beyond unfed parts' : listed(island.openSwitches);
  const severity = island.consumers.length === 0 ? 'warning' : 'error';
  return told(
    severity,
    'unfed',
    node,
    `in the normal state there is no supply for ${size}${consumers}: ${by} would have to be closed`,
    island.nodes.slice(1),
  );
}

/** Conductors without supply at nodes that have some: a phase that what leads there does not bring. */
function missingPhases({ network, tracing, topology }: NetworkView): Finding[] {
  const { structure, depth } = tracing;
  const missing = new Map<string, Phase[]>();
  for (let vertex = 0; vertex < depth.length; vertex += 1) {
    if ((depth[vertex] ?? -1) >= 0) continue;
    const node = nodeIdAt(structure, vertex);
    if (verticesOf(structure, node).every((each) => (depth[each] ?? -1) < 0)) continue;
    missing.set(node, [...(missing.get(node) ?? []), phaseAt(structure, vertex)]);
  }
  return [...missing].flatMap(([node, phases]) => {
    const users = topology
      .equipmentAt(node)
      .filter(({ terminals }) =>
        terminals.some((terminal) => terminal.node === node && terminal.phases.some((phase) => phases.includes(phase))),
      );
    const [culprit] = users;
    const element = culprit ?? network.nodes.get(node);
    if (element === undefined) return [];
    const say = `uses phase ${phaseCode(phases)} of ${node}, which nothing brings there in the normal state`;
    return [
      told(
        'error',
        'phases',
        element,
        say,
        users.slice(1).map(({ id }) => id),
      ),
    ];
  });
}
