import { expect, test } from 'vitest';
import { circuitDiagram, networkSummary } from './circuit-diagram.ts';
import { NetworkHistory } from './connectivity/network-history.ts';
import { aSwitch, line, networkOf, poleTransformer, source } from './connectivity/sample-network.fixture.ts';
import { changesBetween } from './model/network-change.ts';
import { emptyNetwork } from './model/network-draft.ts';
import type { Circuit } from './model/network.ts';

const circuit = (id: string, head: string): Circuit => ({
  kind: 'Circuit',
  id,
  name: `Circuit ${id}`,
  head: { equipment: head, terminal: 1 },
  ratedCurrentA: 400,
});

/** Two circuits from one bus, with a tie between their ends; two homes at the first one's pole. */
const town = networkOf(
  [
    source('s', 'bus'),
    aSwitch('b1', 'bus', 'p0'),
    line('l1', 'p0', 'p1'),
    aSwitch('w1', 'p1', 'p2'),
    poleTransformer('t1', 'p2', 'A', 'house'),
    aSwitch('b2', 'bus', 'q0'),
    line('l2', 'q0', 'q1'),
    aSwitch('tie', 'p2', 'q1', true),
  ],
  (draft) => {
    draft.put(circuit('c1', 'b1'));
    draft.put(circuit('c2', 'b2'));
    for (const id of ['h1', 'h2']) draft.put({ kind: 'UsagePoint', id, name: id, node: 'house', phases: ['s1', 's2'] });
  },
);
const history = new NetworkHistory([
  { kind: 'edit', atMs: 0, changes: changesBetween(emptyNetwork(), town) },
  { kind: 'switched', atMs: 10, switchId: 'tie', open: false },
  { kind: 'switched', atMs: 20, switchId: 'w1', open: true },
  { kind: 'switched', atMs: 30, switchId: 'tie', open: true },
]);

test('circuits with what they feed', () => {
  expect(networkSummary(history.at(0))).toMatchObject({
    circuits: [
      { id: 'c1', name: 'Circuit c1', ratedCurrentA: 400, segments: 2, transformers: 1, customers: 2 },
      { id: 'c2', segments: 1, transformers: 0, customers: 0 },
    ],
    counts: { switches: 4, transformers: 1, usagePoints: 2, withoutSupply: 0 },
  });
});

test('load that is switched over belongs to the other circuit from then on', () => {
  const at = (atMs: number) => networkSummary(history.at(atMs)).circuits.map(({ customers }) => customers);
  expect([at(0), at(20)]).toEqual([
    [2, 0],
    [0, 2],
  ]);
});

test('with the tie closed both are told to be in parallel', () => {
  expect(networkSummary(history.at(10)).circuits.map(({ joinedWith }) => joinedWith)).toEqual([['c2'], ['c1']]);
});

test('what lost its supply is counted, and belongs to no circuit', () => {
  const summary = networkSummary(history.at(30));
  expect(summary.counts.withoutSupply).toBe(2);
  expect(summary.circuits.map(({ customers }) => customers)).toEqual([0, 0]);
});

test('a diagram: from the source on, switches as they stand, and where ties lead', () => {
  const diagram = circuitDiagram(history.at(0), 'c1');
  expect(diagram?.root).toBe('after:b1');
  expect(diagram?.segmentList.map(({ id, customers, circuit: of }) => [id, customers, of])).toEqual(
    expect.arrayContaining([
      ['after:b1', 0, 'c1'],
      ['after:w1', 2, 'c1'],
      ['after:b2', 0, 'c2'],
    ]),
  );
  expect(diagram?.switches.map(({ id, state, from, to }) => [id, state, from, to])).toEqual([
    ['b1', 'closed', 'source:s', 'after:b1'],
    ['w1', 'closed', 'after:b1', 'after:w1'],
    ['tie', 'open', 'after:w1', 'after:b2'],
  ]);
  expect(diagram?.transformerList).toMatchObject([{ id: 't1', segment: 'after:w1', customers: 2, circuit: 'c1' }]);
});

test('fed from the other end, a switch is drawn the other way round', () => {
  const drawn = circuitDiagram(history.at(20), 'c2')?.switches.find(({ id }) => id === 'tie');
  expect(drawn).toMatchObject({ state: 'closed', from: 'after:b2', to: 'after:w1' });
});

test('a circuit that is not there has no diagram', () => {
  expect(circuitDiagram(history.at(0), 'nowhere')).toBeUndefined();
});
