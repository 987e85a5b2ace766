import { describe, expect, test } from 'vitest';
import { NetworkHistory } from '@tiepoint/headend/network/connectivity/network-history.ts';
import { changesBetween } from '@tiepoint/headend/network/model/network-change.ts';
import { emptyNetwork } from '@tiepoint/headend/network/model/network-draft.ts';
import { findingLine } from '@tiepoint/headend/network/model/finding.ts';
import type { Equipment } from '@tiepoint/headend/network/model/equipment.ts';
import { checkNetwork } from '@tiepoint/headend/network/validation/check-network.ts';
import { distanceM } from '@tiepoint/headend/network/validation/positions.ts';
import { demonstrationNetwork } from './demonstration-network.ts';

const network = demonstrationNetwork();
const view = new NetworkHistory([{ kind: 'edit', atMs: 0, changes: changesBetween(emptyNetwork(), network) }]).at(0);
const all = <K extends Equipment['kind']>(kind: K): Extract<Equipment, { kind: K }>[] =>
  [...network.equipment.values()].filter((each): each is Extract<Equipment, { kind: K }> => each.kind === kind);

describe('the demonstration network', () => {
  test.each([1, 2, 77])('of seed %i has nothing wrong with it', (seed) => {
    expect(checkNetwork(demonstrationNetwork(seed)).map(findingLine)).toEqual([]);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(changesBetween(network, demonstrationNetwork(1))).toEqual([]);
    expect(changesBetween(network, demonstrationNetwork(2)).length).toBeGreaterThan(1_000);
  });

  test('has the size of a small town', () => {
    expect(network.substations.size).toBe(2);
    expect(network.circuits.size).toBe(6);
    expect(network.customers.size).toBe(2_500);
    const kinds = Map.groupBy(network.customers.values(), ({ customerKind }) => customerKind === 'residential');
    expect(kinds.get(false)).toHaveLength(40);
    const serving = new Set([...network.usagePoints.keys()].map((id) => view.feedOf(id)?.transformer));
    expect(serving.size).toBe(300);
    expect(all('Switch').filter(({ normalOpen }) => normalOpen)).toHaveLength(7);
    const aas = all('PowerElectronicsConnection').filter(({ units }) =>
      units.some(({ kind }) => kind === 'BatteryUnit'),
    ).length;
    expect([all('SynchronousMachine').length, aas, all('PowerElectronicsConnection').length - aas]).toEqual([
      6, 39, 146,
    ]);
    expect([...network.customers.values()].filter(({ critical }) => critical === true).length).toBeGreaterThan(4);
  });

  test('every customer has a transformer and a circuit, and each circuit a fair share', () => {
    const assignment = view.assignment();
    expect([...assignment.circuit, ...assignment.transformer].every((each) => each >= 0)).toBe(true);
    for (const index of network.circuits.size === 6 ? [0, 1, 2, 3, 4, 5] : []) {
      const share = assignment.circuit.filter((each) => each === index).length;
      expect(share, assignment.circuits[index]).toBeGreaterThan(300);
    }
    // A phase that carried all homes would be no believable phase.
    const phases = all('PowerTransformer')
      .filter(({ phaseCount, bank }) => phaseCount === 1 && bank === undefined)
      .map(({ terminals }) => terminals[0]?.phases[0]);
    for (const phase of ['A', 'B', 'C'] as const)
      expect(phases.filter((each) => each === phase).length).toBeGreaterThan(60);
  });

  test('lines are as long as their way, or a little longer', () => {
    for (const { id, terminals, lengthM } of all('ACLineSegment')) {
      const [from, to] = terminals.map(({ node }) => network.nodes.get(node)?.position ?? { x: 0, y: 0 });
      const way = from === undefined || to === undefined ? NaN : distanceM(from, to);
      expect(lengthM, id).toBeGreaterThan(way * 0.97);
      expect(lengthM, id).toBeLessThan(Math.max(2, way * 1.1));
    }
  });

  test('nothing is loaded beyond its rating', () => {
    const powerBelow = (branch: string): number => {
      const members = view.downstreamOf(branch)?.equipment ?? [];
      return members.reduce((sum, id) => {
        const equipment = network.equipment.get(id);
        return equipment?.kind === 'EnergyConsumer'
          ? sum + Math.hypot(equipment.activePowerW, equipment.reactivePowerVar)
          : sum;
      }, 0);
    };
    for (const transformer of all('PowerTransformer').filter(({ bank }) => bank === undefined)) {
      const loading = powerBelow(transformer.id) / (transformer.normalPowerVa ?? 0);
      expect(loading, transformer.id).toBeLessThan(0.95);
      expect(loading, transformer.id).toBeGreaterThan(0.1);
    }
    for (const { id, head, ratedCurrentA } of network.circuits.values()) {
      const amperes = powerBelow(head.equipment) / (Math.sqrt(3) * 12_470);
      expect(amperes, id).toBeGreaterThan(40);
      expect(amperes, id).toBeLessThan((ratedCurrentA ?? 0) / 2);
    }
  });

  test.each(
    [...network.equipment.values()].filter((each) => each.kind === 'Switch' && each.normalOpen).map(({ id }) => id),
  )('%s joins two circuits, and carries one when its breaker is open', (tie) => {
    const [one, other] = (network.equipment.get(tie)?.terminals ?? []).map(
      ({ node }) => view.feedOfNode(node)?.circuit,
    );
    expect(one).not.toBe(other);
    expect(tie).toBe(`tie-${one ?? ''}-${other ?? ''}`);
    const history = new NetworkHistory([
      { kind: 'edit', atMs: 0, changes: changesBetween(emptyNetwork(), network) },
      { kind: 'switched', atMs: 1, switchId: `${one ?? ''}-breaker`, open: true },
      { kind: 'switched', atMs: 2, switchId: tie, open: false },
    ]);
    expect(
      history
        .at(1)
        .islands()
        .flatMap(({ consumers }) => consumers).length,
    ).toBeGreaterThan(300);
    expect(history.at(2).islands()).toEqual([]);
  });
});
