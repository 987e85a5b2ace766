import type { Phase } from '@tiepoint/headend/network/model/phase.ts';
import { distanceM } from './town.ts';
import type { Spot, Town } from './town.ts';
import { lineType } from './conductors.ts';
import type { LineTypeName } from './conductors.ts';
import { NetworkDraft } from '@tiepoint/headend/network/model/network-draft.ts';
import type { PowerTransformer, SwitchType, Terminal } from '@tiepoint/headend/network/model/equipment.ts';

export const threePhases = ['A', 'B', 'C'] as const satisfies readonly Phase[];
export const mediumV = 12_470;

/** Nodes with their places, and the equipment between them; what every part of the generator builds with. */
export class SitePlan {
  readonly town: Town;
  readonly draft: NetworkDraft;
  readonly #spots = new Map<string, Spot>();

  constructor(town: Town) {
    this.town = town;
    this.draft = new NetworkDraft({
      kind: 'Network',
      id: 'network',
      name: town.name,
      frequencyHz: 60,
      coordinates: 'geographic',
    });
  }

  node(id: string, spot: Spot, nominalVoltageV = mediumV, more: { substation?: string } = {}): string {
    this.#spots.set(id, spot);
    this.draft.put({
      kind: 'ConnectivityNode',
      id,
      name: id,
      nominalVoltageV,
      position: this.town.position(spot),
      ...more,
    });
    return id;
  }

  spot(id: string): Spot {
    const spot = this.#spots.get(id);
    if (spot === undefined) throw new Error(`there is no node ${id}`);
    return spot;
  }

  /** A line sags and bends: a few per cent longer than the way. */
  line(id: string, type: LineTypeName, from: string, to: string, phases: readonly Phase[] = threePhases): void {
    const { id: impedance, ratedCurrentA } = lineType(type);
    const lengthM = Math.max(1, Math.round(distanceM(this.spot(from), this.spot(to)) * 10.3) / 10);
    const emergencyCurrentA = Math.round(ratedCurrentA * 1.25);
    this.draft.put({
      kind: 'ACLineSegment',
      id,
      name: id,
      terminals: terminals(phases, from, to),
      lengthM,
      impedance,
      ratedCurrentA,
      emergencyCurrentA,
    });
  }

  /** From a node to one beside it, which it makes. */
  switch(
    id: string,
    type: SwitchType,
    from: string,
    to: string,
    more: { open?: true; ratedCurrentA?: number; phases?: readonly Phase[] } = {},
  ): void {
    const { open, ratedCurrentA = 600, phases = threePhases } = more;
    const state = { normalOpen: open === true, openPhases: open === true ? phases : [] };
    this.draft.put({
      kind: 'Switch',
      type,
      id,
      name: id,
      terminals: terminals(phases, from, to),
      ...state,
      ratedCurrentA,
    });
  }

  transformer(transformer: Omit<PowerTransformer, 'kind' | 'name' | 'noLoadLossPu' | 'magnetisingPu'>): void {
    this.draft.put({
      kind: 'PowerTransformer',
      name: transformer.id,
      noLoadLossPu: 0.002,
      magnetisingPu: 0.005,
      ...transformer,
    });
  }
}

const terminals = (phases: readonly Phase[], ...nodes: readonly string[]): Terminal[] =>
  nodes.map((node) => ({ node, phases }));

/** A little away, so that two things on one pole can be told apart on a map. */
export const beside = ({ east, north }: Spot, eastM: number, northM = 0): Spot => ({
  east: east + eastM,
  north: north + northM,
});
