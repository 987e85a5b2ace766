import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetworkHistory } from '../../network/connectivity/network-history.ts';
import type { NetworkEvent } from '../../network/connectivity/network-history.ts';
import type { NetworkView } from '../../network/connectivity/network-view.ts';
import {
  aSwitch,
  arbitraryNetwork,
  line,
  networkOf,
  poleTransformer,
  source,
} from '../../network/connectivity/sample-network.fixture.ts';
import { vertexAt } from '../../network/connectivity/structure.ts';
import { feedersMissing, feederPath } from '../../network/feeders.fixture.ts';
import { emptyNetwork, NetworkDraft } from '../../network/model/network-draft.ts';
import { changesBetween } from '../../network/model/network-change.ts';
import type { Network } from '../../network/model/network.ts';
import { importOpenDss } from '../../network/opendss/import-opendss.ts';
import { diskFiles } from '../../network/opendss/script-files.ts';
import type { ElementRating, TopologyElement, TopologyUpdate } from './load-topology.ts';
import { meterName, networkTopology } from './network-topology.ts';

/** Two circuits with a tie:  s1 -b1- a -line- m -w- n -tie(open)- z -b2- s2, customers behind transformers at m and n. */
const town = networkOf(
  [
    source('s1', 'bus1'),
    source('s2', 'bus2'),
    aSwitch('b1', 'bus1', 'a'),
    aSwitch('b2', 'bus2', 'z'),
    line('l1', 'a', 'm'),
    aSwitch('w', 'm', 'n'),
    aSwitch('tie', 'n', 'z', true),
    poleTransformer('t1', 'm', 'A', 'x1'),
    poleTransformer('t2', 'n', 'B', 'x2'),
  ],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c1', name: 'c1', head: { equipment: 'b1', terminal: 1 } });
    draft.put({ kind: 'Circuit', id: 'c2', name: 'c2', head: { equipment: 'b2', terminal: 1 } });
    for (const each of ['x1', 'x2']) {
      const point = { kind: 'UsagePoint', name: each, node: each, phases: ['s1', 's2'] } as const;
      draft.put({ ...point, id: `p-${each}`, meter: `m-${each}` });
      draft.put({ ...point, id: `q-${each}`, customer: 'shop' });
    }
    draft.put({ kind: 'Customer', id: 'shop', name: 'shop', customerKind: 'commercial' });
  },
);

const drawn = (network: Network): NetworkEvent => ({
  kind: 'edit',
  atMs: 0,
  changes: changesBetween(emptyNetwork(), network),
});
const operation = (atS: number, switchId: string, open: boolean): NetworkEvent => ({
  kind: 'switched',
  atMs: atS * 1_000,
  switchId,
  open,
});

/** By meter, from the customer to the source: what carries it, and its circuit. */
function ways(update: TopologyUpdate, stretch: number): Record<string, string> {
  const { elements, meters, stretches } = update;
  const { pointOfMeter, circuitOfPoint, carrierOfPoint, carrierAbove } = stretches[stretch]!;
  const told = meters.map((name, meter): [string, string] => {
    const point = pointOfMeter[meter] ?? -1;
    if (point === -1) return [name, 'none'];
    const way: string[] = [];
    for (let at = carrierOfPoint[point] ?? -1; at !== -1; at = carrierAbove[at] ?? -1) {
      expect(at).toBeGreaterThanOrEqual(0);
      expect(way.length).toBeLessThan(elements.length);
      way.push(elements[at]?.id ?? '?');
    }
    return [name, [...way, elements[circuitOfPoint[point] ?? -1]?.id ?? '-'].join(' ')];
  });
  return Object.fromEntries(told);
}

/** An element with its rating in a stretch. */
function known(
  { elements, ratings, stretches }: TopologyUpdate,
  kind: string,
  id: string,
  stretch = 0,
): Partial<TopologyElement & ElementRating> {
  const at = elements.findIndex((each) => each.kind === kind && each.id === id);
  return { ...elements[at], ...ratings[stretches[stretch]?.ratingOfElement[at] ?? -1] };
}

describe('who is fed by whom', () => {
  const events = [
    drawn(town),
    operation(100, 'tie', false),
    operation(110, 'w', true),
    operation(200, 'b1', true),
    operation(300, 't1-is-no-switch', true),
  ];
  const update = networkTopology(new NetworkHistory(events).intervals(0, 400_000));

  test.each([
    { stretch: 0, fromS: 0, x1: 't1 b1 c1', x2: 't2 w b1 c1' },
    // In parallel for a moment: the way through the tie is the shorter one.
    { stretch: 1, fromS: 100, x1: 't1 b1 c1', x2: 't2 tie b2 c2' },
    { stretch: 2, fromS: 110, x1: 't1 b1 c1', x2: 't2 tie b2 c2' },
    { stretch: 3, fromS: 200, x1: 'none', x2: 't2 tie b2 c2' },
  ])('from $fromS s on', ({ stretch, fromS, x1, x2 }) => {
    expect(update.stretches[stretch]?.fromS).toBe(fromS);
    expect(ways(update, stretch)).toEqual({ 'm-x1': x1, 'q-x1': x1, 'm-x2': x2, 'q-x2': x2 });
  });

  test('customers of two kinds behind one transformer are two load points', () => {
    expect(
      update.points.map(({ transformer, segment, customerKind }) => [
        update.elements[transformer]?.id,
        update.elements[segment]?.id,
        customerKind,
      ]),
    ).toEqual([
      ['t1', 'after:b1', 0],
      ['t1', 'after:b1', 2],
      ['t2', 'after:w', 0],
      ['t2', 'after:w', 2],
    ]);
  });

  test('what is known of elements', () => {
    expect(known(update, 'transformer', 't1')).toMatchObject({ ratedVa: 25_000, secondaryPhaseV: 120, circuit: 'c1' });
    expect(known(update, 'transformer', 't1').phaseV).toBeCloseTo(7_200, 6);
    expect(known(update, 'transformer', 't1').noLoadLossW).toBeCloseTo(50, 6);
    expect(known(update, 'switch', 'w')).toMatchObject({ ratedA: 400 });
    expect(known(update, 'switch', 'w').phaseV).toBeCloseTo(7_199.6, 1);
    expect(known(update, 'circuit', 'c2')).toMatchObject({ title: 'c2' });
    expect(known(update, 'segment', 'after:b1')).toMatchObject({ title: 'behind b1', ratedA: 400 });
  });

  test('ratings are those of their time; what is not there has none', () => {
    const larger = { ...poleTransformer('t1', 'm', 'A', 'x1'), normalPowerVa: 50_000 };
    const gone = { remove: { group: 'equipment', id: 't2' } } as const;
    const edits = [
      { kind: 'edit', atMs: 50_000, changes: [{ put: larger }] },
      { kind: 'edit', atMs: 60_000, changes: [gone] },
    ] as const;
    const told = networkTopology(new NetworkHistory([drawn(town), ...edits]).intervals(0, 70_000));
    const ratedVa = (id: string) => [0, 1, 2].map((stretch) => known(told, 'transformer', id, stretch).ratedVa);
    expect(ratedVa('t1')).toEqual([25_000, 50_000, 50_000]);
    expect(ratedVa('t2')).toEqual([25_000, 25_000, undefined]);
    expect(known(told, 'circuit', 'c1')).toMatchObject({ title: 'c1' });
  });
});

test('of what changes within a second, the end counts', () => {
  const events = [drawn(town), operation(100.2, 'w', true), operation(100.7, 'tie', false)];
  const { stretches } = networkTopology(new NetworkHistory(events).intervals(0, 400_000));
  expect(stretches.map(({ fromS }) => fromS)).toEqual([0, 100]);
});

const withCustomers = (network: Network): Network => {
  const draft = new NetworkDraft(network.header, network);
  for (const { id, terminals } of network.equipment.values()) {
    const [, last] = terminals;
    if (last !== undefined)
      draft.put({ kind: 'UsagePoint', id: `at-${id}`, name: id, node: last.node, phases: last.phases });
  }
  return draft.network();
};

/** Branch by branch up to the source, from the first phase with supply. */
function walked(view: NetworkView, id: string): string | undefined {
  const point = view.network.usagePoints.get(id);
  const { structure, depth, feedingEdge } = view.tracing;
  const start = point?.phases
    .map((phase) => vertexAt(structure, point.node, phase))
    .find((vertex) => (depth[vertex] ?? -1) >= 0);
  if (start === undefined) return undefined;
  const branches = view.upstreamOf(start).flatMap((vertex) => {
    const branch = structure.branches[structure.edgeBranch[feedingEdge[vertex] ?? -1] ?? -1];
    return branch?.kind === 'Switch' || branch?.kind === 'PowerTransformer' ? [branch.id] : [];
  });
  return branches.filter((each, index) => each !== branches[index - 1]).join(' ');
}

test('whatever the network, carriers form a tree and everybody with supply is somewhere in it', () => {
  fc.assert(
    fc.property(arbitraryNetwork, (network) => {
      const events = [drawn(withCustomers(network)), operation(10, 'switch1', true), operation(20, 'switch1', false)];
      const history = new NetworkHistory(events);
      const update = networkTopology(history.intervals(0, 30_000));
      for (const [stretch, { view }] of history.intervals(0, 30_000).entries()) {
        const told = ways(update, stretch);
        for (const point of view.network.usagePoints.values())
          expect(told[meterName(point)] === 'none').toBe(walked(view, point.id) === undefined);
      }
    }),
    { numRuns: 300 },
  );
});

test.skipIf(feedersMissing)('on a feeder with ties each way is the one that a walk to the source finds', () => {
  const { network } = importOpenDss(feederPath('ieee123/IEEE123Master.dss'), diskFiles);
  const switches = [...network.equipment.values()].filter(({ kind }) => kind === 'Switch').map(({ id }) => id);
  expect(switches.length).toBeGreaterThan(5);
  const events = [drawn(network), ...switches.map((id, index) => operation(10 + index, id, index % 2 === 0))];
  const history = new NetworkHistory(events);
  const intervals = history.intervals(0, 60_000);
  const update = networkTopology(intervals);
  let compared = 0;
  for (const [stretch, { view }] of intervals.entries()) {
    const told = ways(update, stretch);
    for (const point of view.network.usagePoints.values()) {
      const walk = walked(view, point.id);
      const way = told[meterName(point)];
      const carriers = walk?.split(' ').filter((id) => id !== '' && !/reg/i.test(id));
      expect(way === 'none' ? undefined : way?.split(' ').slice(0, -1)).toEqual(carriers);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(500);
});
