import type { Finding } from '../model/finding.ts';
import { elementGroups } from '../model/network.ts';
import type { Network, NetworkElement } from '../model/network.ts';
import { told } from './told.ts';

type Named = Exclude<NetworkElement, { kind: 'Network' }>;

/** Two of one kind by the same name cannot be told apart by people, whatever their ids. */
export function checkNames(network: Network): Finding[] {
  const findings: Finding[] = [];
  for (const group of elementGroups) {
    const known = new Map<string, Named>();
    // Customers are told apart by their numbers: many have the same name.
    if (group === 'customers' || group === 'impedances') continue;
    for (const element of network[group].values() as Iterable<Named>) {
      const key = `${element.kind} ${element.name.toLowerCase()}`;
      const other = known.get(key);
      if (element.name.trim() === '') findings.push(told('warning', 'no-name', element, 'has no name'));
      else if (other !== undefined)
        findings.push(
          told('warning', 'duplicate-name', element, `has the name ${element.name}, as has ${other.id}`, [other.id]),
        );
      else known.set(key, element);
    }
  }
  return findings;
}
