import type { NetworkDraft } from './network-draft.ts';
import { phaseOrder } from './phase.ts';
import type { Phase } from './phase.ts';

/** For files that know loads and no customers: where loads hang, customers are served, one service point a node. */
export function putServicePoints(draft: NetworkDraft): void {
  const phasesAt = new Map<string, Set<Phase>>();
  const { equipment: all, nodes } = draft.network();
  for (const equipment of all.values()) {
    if (equipment.kind !== 'EnergyConsumer') continue;
    for (const { node, phases } of equipment.terminals) {
      const known = phasesAt.get(node) ?? new Set();
      phasesAt.set(node, known);
      for (const phase of phases) if (phase !== 'N') known.add(phase);
    }
  }
  for (const [node, known] of phasesAt) {
    const phases = phaseOrder.filter((phase) => known.has(phase));
    draft.put({ kind: 'UsagePoint', id: `at:${node}`, name: nodes.get(node)?.name ?? node, node, phases });
  }
}
