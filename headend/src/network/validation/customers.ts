import type { NetworkView } from '../connectivity/network-view.ts';
import { verticesOf } from '../connectivity/structure.ts';
import type { Finding } from '../model/finding.ts';
import type { UsagePoint } from '../model/network.ts';
import { told } from './told.ts';

/** Whether every customer has a place, and a transformer of their own voltage level above it. */
export function checkCustomers(allClosed: NetworkView): Finding[] {
  const { network, tracing } = allClosed;
  const findings: Finding[] = [];
  const served = new Set<string>();
  const meters = new Map<string, string>();
  for (const point of network.usagePoints.values()) {
    const { node, phases, customer, meter } = point;
    if (customer !== undefined) served.add(customer);
    if (customer !== undefined && !network.customers.has(customer))
      findings.push(
        told('error', 'missing-element', point, `its customer ${customer} is not in the network`, [customer]),
      );
    if (meter !== undefined) {
      const other = meters.get(meter);
      if (other !== undefined)
        findings.push(told('error', 'duplicate-name', point, `has meter ${meter}, which is at ${other} too`, [other]));
      meters.set(meter, point.id);
    }
    if (!network.nodes.has(node))
      findings.push(told('error', 'missing-element', point, `is at ${node}, which is not in the network`, [node]));
    else if (verticesOf(tracing.structure, node, phases).length < phases.filter((phase) => phase !== 'N').length)
      findings.push(
        told(
          'error',
          'phases',
          point,
          `is served by phases ${phases.join('')}, and nothing at ${node} has all of them`,
        ),
      );
    else findings.push(...withoutTransformer(allClosed, point));
  }
  for (const customer of network.customers.values())
    if (!served.has(customer.id))
      findings.push(told('error', 'no-service-point', customer, 'is a customer without a service point'));
  return findings;
}

/** Whatever the switches do, what is served below 1 kV hangs at a transformer. Who has no supply at all is told as an island. */
function withoutTransformer({ network, tracing, labels }: NetworkView, point: UsagePoint): Finding[] {
  const voltage = network.nodes.get(point.node)?.nominalVoltageV;
  if (voltage !== undefined && voltage >= 1_000) return [];
  const [vertex] = verticesOf(tracing.structure, point.node, point.phases).filter(
    (each) => (tracing.depth[each] ?? -1) >= 0,
  );
  if (vertex === undefined || labels.transformer[vertex] !== -1) return [];
  return [told('error', 'no-transformer', point, 'is served without a transformer between it and the source')];
}
