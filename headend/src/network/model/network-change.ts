import { isDeepStrictEqual } from 'node:util';
import { elementGroups } from './network.ts';
import type { ElementGroup, Network, NetworkElement } from './network.ts';
import { NetworkDraft } from './network-draft.ts';

/** One step of an edit: the element as it is from then on, or its removal. */
export type ElementChange =
  | { readonly put: NetworkElement }
  | { readonly remove: { readonly group: ElementGroup; readonly id: string } };

/** The network after the changes; the one given stays as it is. */
export function changed(network: Network, changes: readonly ElementChange[]): Network {
  const draft = new NetworkDraft(network.header, network);
  for (const change of changes) {
    if ('put' in change) draft.put(change.put);
    else draft.remove(change.remove.group, change.remove.id);
  }
  return draft.network();
}

/** What turns `before` into `after`. Where something was said (`from`) is no change by itself. */
export function changesBetween(before: Network, after: Network): ElementChange[] {
  const changes: ElementChange[] = [];
  if (!isDeepStrictEqual(before.header, after.header)) changes.push({ put: after.header });
  for (const group of elementGroups) {
    const old: ReadonlyMap<string, NetworkElement> = before[group];
    for (const [id, element] of after[group] as ReadonlyMap<string, NetworkElement>) {
      const was = old.get(id);
      if (was === undefined || !isDeepStrictEqual(withoutPlace(was), withoutPlace(element)))
        changes.push({ put: element });
    }
    for (const id of old.keys()) if (!after[group].has(id)) changes.push({ remove: { group, id } });
  }
  return changes;
}

function withoutPlace(element: NetworkElement): object {
  if (!('from' in element)) return element;
  const { from: _from, ...rest } = element;
  return rest;
}
