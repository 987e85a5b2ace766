import type { Equipment } from '../model/equipment.ts';
import type { Network, UsagePoint } from '../model/network.ts';
import { segmentsOf } from './segments.ts';
import type { Segments } from './segments.ts';
import { structureOf } from './structure.ts';
import type { Structure } from './structure.ts';

/** What holds of a network between two edits, however its switches move; made when first asked for. */
export class Topology {
  readonly structure: Structure;
  #segments: Segments | undefined;
  #equipment: ReadonlyMap<string, readonly Equipment[]> | undefined;
  #usagePoints: ReadonlyMap<string, readonly UsagePoint[]> | undefined;

  constructor(network: Network) {
    this.structure = structureOf(network);
  }

  get network(): Network {
    return this.structure.network;
  }

  get segments(): Segments {
    this.#segments ??= segmentsOf(this.structure);
    return this.#segments;
  }

  equipmentAt(node: string): readonly Equipment[] {
    this.#equipment ??= grouped(this.network.equipment.values(), ({ terminals }) => terminals.map((each) => each.node));
    return this.#equipment.get(node) ?? [];
  }

  usagePointsAt(node: string): readonly UsagePoint[] {
    this.#usagePoints ??= grouped(this.network.usagePoints.values(), (point) => [point.node]);
    return this.#usagePoints.get(node) ?? [];
  }
}

function grouped<T>(all: Iterable<T>, nodesOf: (one: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    for (const node of new Set(nodesOf(one))) {
      const group = groups.get(node);
      if (group === undefined) groups.set(node, [one]);
      else group.push(one);
    }
  }
  return groups;
}
