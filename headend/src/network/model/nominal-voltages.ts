import type { Equipment, PowerTransformer } from './equipment.ts';
import type { Network } from './network.ts';

/**
 * The nominal voltage of every node that lines and switches join to a source or to a transformer's winding: what the source says, else
 * what most windings there are rated for. Where `bases` are given, the nearest of them, unless none is near.
 */
export function nominalVoltages(network: Network, bases: readonly number[] = []): Map<string, number> {
  const zoneOf = voltageZones(network);
  const rated = new Map<string, Map<number, number>>();
  const vote = (node: string, voltageV: number, weight: number): void => {
    const zone = zoneOf(node);
    const votes = rated.get(zone) ?? new Map<number, number>();
    const near = [...votes.keys()].find((each) => Math.abs(each - voltageV) < 0.01 * each) ?? voltageV;
    rated.set(zone, votes.set(near, (votes.get(near) ?? 0) + weight));
  };
  for (const equipment of network.equipment.values()) {
    if (equipment.kind === 'EnergySource') vote(equipment.terminals[0]?.node ?? '', sourceVoltage(equipment), Infinity);
    if (equipment.kind !== 'PowerTransformer') continue;
    for (const [index, terminal] of equipment.terminals.entries())
      vote(terminal.node, windingVoltage(equipment, index), 1);
  }
  const ofZone = new Map([...rated].map(([zone, votes]) => [zone, snapped(mostVoted(votes), bases)]));
  const found = new Map<string, number>();
  for (const node of network.nodes.keys()) {
    const voltage = ofZone.get(zoneOf(node));
    if (voltage !== undefined) found.set(node, voltage);
  }
  return found;
}

/** Between phases; of a centre tap's half, the whole between its two wires. */
export function windingVoltage(transformer: PowerTransformer, index: number): number {
  const [end, terminal] = [transformer.ends[index], transformer.terminals[index]];
  if (end === undefined || terminal === undefined) return NaN;
  const live = terminal.phases.filter((phase) => phase !== 'N');
  if (live.length === 1 && (live[0] === 's1' || live[0] === 's2')) return 2 * end.ratedVoltageV;
  const isPhaseToGround = transformer.phaseCount === 1 && end.connection === 'wye' && live.length === 1;
  return isPhaseToGround ? Math.sqrt(3) * end.ratedVoltageV : end.ratedVoltageV;
}

function sourceVoltage(equipment: Extract<Equipment, { kind: 'EnergySource' }>): number {
  const isSingle = equipment.terminals[0]?.phases.length === 1;
  return isSingle ? Math.sqrt(3) * equipment.nominalVoltageV : equipment.nominalVoltageV;
}

function mostVoted(votes: ReadonlyMap<number, number>): number {
  let [best, most] = [NaN, 0];
  for (const [voltage, count] of votes) if (count > most) [best, most] = [voltage, count];
  return best;
}

function snapped(voltage: number, bases: readonly number[]): number {
  const near = bases.toSorted((one, other) => Math.abs(one - voltage) - Math.abs(other - voltage))[0];
  return near !== undefined && Math.abs(near - voltage) < 0.05 * voltage ? near : voltage;
}

/** Nodes that share a voltage: whatever lines, switches and reactors in series join, open or not. Gives one node for each such part. */
export function voltageZones(network: Network): (node: string) => string {
  const parent = new Map<string, string>();
  const root = (node: string): string => {
    let at = node;
    for (let next = parent.get(at); next !== undefined; next = parent.get(at)) at = next;
    for (let step = node; step !== at;) {
      const next = parent.get(step) ?? at;
      parent.set(step, at);
      step = next;
    }
    return at;
  };
  for (const equipment of network.equipment.values()) {
    if (equipment.kind !== 'ACLineSegment' && equipment.kind !== 'Switch' && equipment.kind !== 'SeriesCompensator')
      continue;
    const [one, other] = equipment.terminals.map(({ node }) => root(node));
    if (one !== undefined && other !== undefined && one !== other) parent.set(one, other);
  }
  return root;
}
