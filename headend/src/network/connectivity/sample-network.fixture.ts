import fc from 'fast-check';
import type { ACLineSegment, EnergySource, Equipment, PowerTransformer, Switch } from '../model/equipment.ts';
import { NetworkDraft } from '../model/network-draft.ts';
import type { Network } from '../model/network.ts';
import type { Phase } from '../model/phase.ts';

const terminal = (node: string, phases: readonly Phase[]) => ({ node, phases });

export function source(id: string, node: string): EnergySource {
  const impedance = { r1Ohm: 0.1, x1Ohm: 1, r0Ohm: 0.1, x0Ohm: 1 };
  const voltage = { nominalVoltageV: 12_470, voltagePu: 1, angleDeg: 0 };
  return { kind: 'EnergySource', id, name: id, terminals: [terminal(node, ['A', 'B', 'C'])], ...voltage, ...impedance };
}

export function line(id: string, from: string, to: string, phases: readonly Phase[] = ['A', 'B', 'C']): ACLineSegment {
  const terminals = [terminal(from, phases), terminal(to, phases)];
  return {
    kind: 'ACLineSegment',
    id,
    name: id,
    terminals,
    lengthM: 100,
    impedance: `wire${phases.length}`,
    ratedCurrentA: 400,
  };
}

export function aSwitch(
  id: string,
  from: string,
  to: string,
  open = false,
  phases: readonly Phase[] = ['A', 'B', 'C'],
): Switch {
  const terminals = [terminal(from, phases), terminal(to, phases)];
  const state = { normalOpen: open, openPhases: open ? phases : [] };
  return { kind: 'Switch', type: 'LoadBreakSwitch', id, name: id, terminals, ratedCurrentA: 400, ...state };
}

/** From a phase at 7.2 kV to two live wires of 120 V. */
export function poleTransformer(id: string, from: string, phase: Phase, to: string): PowerTransformer {
  const end = { connection: 'wye', grounded: true, ratedPowerVa: 25_000, resistancePu: 0.006 } as const;
  return {
    kind: 'PowerTransformer',
    id,
    name: id,
    terminals: [terminal(from, [phase]), terminal(to, ['s1']), terminal(to, ['N', 's2'])],
    phaseCount: 1,
    ends: [
      { ...end, ratedVoltageV: 7_200 },
      { ...end, ratedVoltageV: 120 },
      { ...end, ratedVoltageV: 120 },
    ],
    reactancePu: [0.0204, 0.0204, 0.0136],
    noLoadLossPu: 0.002,
    magnetisingPu: 0.005,
    normalPowerVa: 25_000,
  };
}

/** Nodes are made as equipment names them. */
export function networkOf(
  equipment: readonly Equipment[],
  more: (draft: NetworkDraft) => void = () => undefined,
): Network {
  const draft = new NetworkDraft({
    kind: 'Network',
    id: 'network',
    name: 'sample',
    frequencyHz: 60,
    coordinates: 'none',
  });
  for (const one of equipment) {
    draft.put(one);
    for (const { node } of one.terminals) draft.put({ kind: 'ConnectivityNode', id: node, name: node });
  }
  for (const size of [1, 2, 3]) draft.put(impedanceOf(size));
  more(draft);
  return draft.network();
}

function impedanceOf(size: number) {
  const matrix = (self: number, mutual: number) =>
    Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (_, column) => (row === column ? self : mutual)),
    );
  const id = `wire${size}`;
  const values = { rOhmPerM: matrix(3e-4, 1e-4), xOhmPerM: matrix(7e-4, 3e-4), bSiemensPerM: matrix(4e-9, -1e-9) };
  return { kind: 'PhaseImpedance', id, name: id, ...values } as const;
}

/** Arbitrary networks, meshed and in pieces, with switches of one to three phases, transformers, and sources. */
export const arbitraryNetwork: fc.Arbitrary<Network> = fc
  .integer({ min: 2, max: 14 })
  .chain((size) => {
    const node = fc.integer({ min: 0, max: size - 1 });
    const phases = fc.constantFrom<readonly Phase[]>(['A', 'B', 'C'], ['A', 'B', 'C'], ['A'], ['B', 'C'], ['C']);
    const branch = fc.record({
      kind: fc.constantFrom('line', 'switch', 'switch', 'pole'),
      from: node,
      to: node,
      phases,
    });
    const branches = fc.array(branch, { minLength: size - 1, maxLength: size * 2 });
    return fc.record({ branches, sources: fc.uniqueArray(node, { maxLength: 3 }) });
  })
  .map(({ branches, sources }) => {
    const equipment = branches.flatMap(({ kind, from, to, phases }, index): Equipment[] => {
      if (from === to) return [];
      if (kind === 'line') return [line(`line${index}`, `n${from}`, `n${to}`, phases)];
      if (kind === 'switch') return [aSwitch(`switch${index}`, `n${from}`, `n${to}`, index % 3 === 0, phases)];
      return [poleTransformer(`pole${index}`, `n${from}`, phases[0] ?? 'A', `n${to}`)];
    });
    return networkOf([...sources.map((at) => source(`source${at}`, `n${at}`)), ...equipment]);
  });
