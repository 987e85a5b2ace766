import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Network } from '../model/network.ts';
import { downstreamVertices } from './downstream.ts';
import { retrace } from './retracing.ts';
import { aSwitch, arbitraryNetwork, line, networkOf, poleTransformer, source } from './sample-network.fixture.ts';
import { nodeIdAt, phaseAt, structureOf } from './structure.ts';
import type { Structure } from './structure.ts';
import { recordedPoles, trace } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** By walking from each source through whatever conducts, without arrays and without order. */
function naivelyFed(network: Network, isOpen: (switchId: string, phase: string) => boolean, without = ''): Set<string> {
  const joins = new Map<string, Set<string>>();
  const join = (one: string, other: string): void => {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const)
      joins.set(from, (joins.get(from) ?? new Set()).add(to));
  };
  const fed = new Set<string>();
  for (const equipment of network.equipment.values()) {
    const [first, second, third] = equipment.terminals;
    if (first === undefined || equipment.id === without) continue;
    if (equipment.kind === 'EnergySource') for (const phase of first.phases) fed.add(`${first.node} ${phase}`);
    if (second === undefined) continue;
    for (const [index, phase] of first.phases.entries()) {
      if (equipment.kind === 'Switch' && isOpen(equipment.id, phase)) continue;
      if (third === undefined) join(`${first.node} ${phase}`, `${second.node} ${second.phases[index] ?? ''}`);
      else {
        join(`${first.node} ${phase}`, `${second.node} s1`);
        join(`${first.node} ${phase}`, `${third.node} s2`);
      }
    }
  }
  for (const at of fed) for (const next of joins.get(at) ?? []) fed.add(next);
  return fed;
}

const conductor = (structure: Structure, vertex: number): string =>
  `${nodeIdAt(structure, vertex)} ${phaseAt(structure, vertex)}`;

function fedConductors({ structure, depth }: Tracing): Set<string> {
  return new Set(
    [...depth.keys()].filter((vertex) => (depth[vertex] ?? -1) >= 0).map((vertex) => conductor(structure, vertex)),
  );
}

const moves = fc.array(fc.record({ pole: fc.nat(), closed: fc.boolean() }), { maxLength: 12 });

describe('tracing', () => {
  test('finds what a naive walk finds, and the incremental one the same tree', () => {
    fc.assert(
      fc.property(arbitraryNetwork, moves, (network, steps) => {
        const structure = structureOf(network);
        let tracing = trace(structure, recordedPoles(structure));
        for (const { pole, closed } of steps) {
          if (structure.poles.length === 0) break;
          const poles = tracing.closed.slice();
          poles[pole % structure.poles.length] = closed ? 1 : 0;
          tracing = retrace(tracing, poles);
          const anew = trace(structure, poles);
          expect(tracing.depth).toEqual(anew.depth);
          expect(tracing.feedingEdge).toEqual(anew.feedingEdge);
          expect(tracing.closed).toEqual(poles);
        }
        const open = new Set(
          structure.poles.filter((_, at) => tracing.closed[at] === 0).map((each) => `${each.switchId} ${each.phase}`),
        );
        expect(fedConductors(tracing)).toEqual(naivelyFed(network, (id, phase) => open.has(`${id} ${phase}`)));
      }),
      { numRuns: 500 },
    );
  });

  test('several poles at once are as one after the other', () => {
    fc.assert(
      fc.property(arbitraryNetwork, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (network, states) => {
        const structure = structureOf(network);
        const before = trace(structure, recordedPoles(structure));
        const poles = Uint8Array.from(before.closed, (_, index) => (states[index % 60] === true ? 1 : 0));
        const anew = trace(structure, poles);
        expect(retrace(before, poles)).toEqual(anew);
      }),
      { numRuns: 500 },
    );
  });

  test('downstream of a branch is what loses supply without it', () => {
    fc.assert(
      fc.property(arbitraryNetwork, (network) => {
        const structure = structureOf(network);
        const tracing = trace(structure, recordedPoles(structure));
        const recorded = (id: string): boolean => {
          const equipment = network.equipment.get(id);
          return equipment?.kind === 'Switch' && equipment.openPhases.length > 0;
        };
        const before = naivelyFed(network, recorded);
        for (const { id } of structure.branches) {
          const after = naivelyFed(network, recorded, id);
          const lost = downstreamVertices(tracing, id).map((vertex) => conductor(structure, vertex));
          expect(new Set(lost)).toEqual(new Set([...before].filter((each) => !after.has(each))));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what is out of service feeds nothing', () => {
    const network = networkOf([source('s', 'a'), { ...line('l', 'a', 'b'), inService: false }, aSwitch('w', 'b', 'c')]);
    const structure = structureOf(network);
    expect(fedConductors(trace(structure, recordedPoles(structure)))).toEqual(new Set(['a A', 'a B', 'a C']));
  });

  test('lines may change the order of phases, and a centre tap makes two wires of one', () => {
    const crossed = {
      ...line('l', 'a', 'b', ['A', 'B']),
      terminals: [
        { node: 'a', phases: ['A', 'B'] as const },
        { node: 'b', phases: ['B', 'A'] as const },
      ],
    };
    const network = networkOf([
      source('s', 'a'),
      aSwitch('w', 'a', 'a2', true, ['A']),
      crossed,
      poleTransformer('t', 'b', 'B', 'x'),
    ]);
    const structure = structureOf(network);
    const fed = fedConductors(trace(structure, recordedPoles(structure)));
    expect(fed).toEqual(new Set(['a A', 'a B', 'a C', 'b A', 'b B', 'x s1', 'x s2']));
  });
});
