import { groupOf } from './network.ts';
import type { ElementGroup, Network, NetworkElement, NetworkHeader } from './network.ts';

type Groups = { -readonly [G in ElementGroup]: Map<string, NetworkElement> };

/** A network being put together or changed. `network()` gives what stands so far; the draft must not be used after it. */
export class NetworkDraft {
  #header: NetworkHeader;
  readonly #groups: Groups;

  constructor(header: NetworkHeader, from?: Network) {
    this.#header = header;
    this.#groups = {
      nodes: new Map(from?.nodes),
      impedances: new Map(from?.impedances),
      equipment: new Map(from?.equipment),
      substations: new Map(from?.substations),
      circuits: new Map(from?.circuits),
      usagePoints: new Map(from?.usagePoints),
      customers: new Map(from?.customers),
    };
  }

  put(element: NetworkElement): void {
    if (element.kind === 'Network') this.#header = element;
    else this.#groups[groupOf(element.kind)].set(element.id, element);
  }

  remove(group: ElementGroup, id: string): void {
    this.#groups[group].delete(id);
  }

  has(group: ElementGroup, id: string): boolean {
    return this.#groups[group].has(id);
  }

  network(): Network {
    // `put` keeps each kind in its own group.
    return { header: this.#header, ...(this.#groups as unknown as Omit<Network, 'header'>) };
  }
}

export function emptyNetwork(name = ''): Network {
  const header: NetworkHeader = { kind: 'Network', id: 'network', name, frequencyHz: 60, coordinates: 'none' };
  return new NetworkDraft(header).network();
}
