import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Network } from '../model/network.ts';
import { changesBetween } from '../model/network-change.ts';
import { emptyNetwork } from '../model/network-draft.ts';
import { NetworkHistory } from './network-history.ts';
import type { NetworkEvent } from './network-history.ts';
import { aSwitch, arbitraryNetwork, line, networkOf, poleTransformer, source } from './sample-network.fixture.ts';

/**
 * Two circuits with a tie:  s1 -b1- a -line- m -w- n -tie(open)- z -b2- s2, customers behind transformers at m and n.
 */
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
    draft.put({ kind: 'Substation', id: 'North', name: 'North' });
    draft.put({ kind: 'Circuit', id: 'c1', name: 'c1', substation: 'North', head: { equipment: 'b1', terminal: 1 } });
    draft.put({ kind: 'Circuit', id: 'c2', name: 'c2', head: { equipment: 'b2', terminal: 1 } });
    for (const each of [1, 2]) {
      draft.put({
        kind: 'UsagePoint',
        id: `p${each}`,
        name: `p${each}`,
        node: `x${each}`,
        phases: ['s1', 's2'],
        customer: `k${each}`,
      });
      draft.put({ kind: 'Customer', id: `k${each}`, name: `k${each}` });
    }
  },
);

const put = (network: Network, atMs: number, before = emptyNetwork()): NetworkEvent => ({
  kind: 'edit',
  atMs,
  changes: changesBetween(before, network),
});
const operation = (atMs: number, switchId: string, open: boolean): NetworkEvent => ({
  kind: 'switched',
  atMs,
  switchId,
  open,
});

describe('questions as of an instant', () => {
  const history = new NetworkHistory([
    put(town, 0),
    operation(100, 'tie', false),
    operation(110, 'w', true),
    operation(200, 'b1', true),
  ]);

  test.each([
    { atMs: 50, p1: 'c1', p2: 'c1', joined: undefined },
    { atMs: 99, p1: 'c1', p2: 'c1', joined: undefined },
    { atMs: 100, p1: 'c1', p2: 'c2', joined: ['c2'] }, // in parallel for a moment; the way through the tie is the shorter one
    { atMs: 110, p1: 'c1', p2: 'c2', joined: undefined },
    { atMs: 200, p1: undefined, p2: 'c2', joined: undefined },
  ])('at $atMs the circuits are $p1 and $p2', ({ atMs, p1, p2, joined }) => {
    const view = history.at(atMs);
    expect([view.feedOf('p1')?.circuit, view.feedOf('p2')?.circuit]).toEqual([p1, p2]);
    expect(view.feedOf('p1')?.joinedWith).toEqual(joined);
  });

  test('all that is known of a customer', () => {
    expect(history.at(50).feedOf('p2')).toEqual({
      energised: 'all',
      phases: ['s1', 's2'],
      source: 's1',
      substation: 'North',
      circuit: 'c1',
      segment: 'after:w',
      transformer: 't2',
    });
    expect(history.at(200).feedOf('p1')).toEqual({ energised: 'none', phases: [], segment: 'after:b1' });
    expect(history.at(-1).feedOf('p1')).toBeUndefined();
    expect(history.at(50).wayToSource('x2')).toEqual(['t2', 'w', 'l1', 'b1']);
  });

  test('what is downstream of a switch then', () => {
    expect(history.at(50).downstreamOf('w')).toMatchObject({ usagePoints: ['p2'], customers: ['k2'] });
    expect(history.at(105).downstreamOf('w')?.usagePoints).toEqual([]); // fed from both sides
    expect(history.at(150).downstreamOf('tie')?.usagePoints).toEqual(['p2']);
    expect(history.at(50).downstreamOf('p1')).toBeUndefined();
  });

  test('segments are between switches, whatever their state', () => {
    const [before, after] = [history.at(50), history.at(200)];
    expect(before.topology.segments.all.map(({ id }) => id)).toEqual(after.topology.segments.all.map(({ id }) => id));
    expect(before.membersOfSegment('after:w')).toMatchObject({ nodes: ['n', 'x2'], usagePoints: ['p2'] });
    expect(before.topology.segments.byId.get('after:w')?.switches.toSorted()).toEqual(['tie', 'w']);
  });

  test('members of circuits and transformers, and the whole assignment', () => {
    expect(history.at(50).membersOfCircuit('c1')?.usagePoints.toSorted()).toEqual(['p1', 'p2']);
    expect(history.at(150).membersOfCircuit('c1')?.usagePoints).toEqual(['p1']);
    expect(history.at(150).membersOfTransformer('t2')?.customers).toEqual(['k2']);
    const { usagePoints, circuits, circuit, transformers, transformer } = history.at(150).assignment();
    const named = usagePoints.map((id, at) => [id, circuits[circuit[at] ?? -1], transformers[transformer[at] ?? -1]]);
    expect(named).toEqual([
      ['p1', 'c1', 't1'],
      ['p2', 'c2', 't2'],
    ]);
  });

  test('islands and loops', () => {
    expect(history.at(200).islands()).toMatchObject([{ nodes: ['a', 'm', 'x1'], openSwitches: ['b1', 'w'] }]);
    expect(history.at(50).loops()).toEqual([]);
    expect(history.at(105).loops()).toMatchObject([{ circuits: ['c1', 'c2'] }]);
  });

  test('a stretch of time falls into parts without change', () => {
    const parts = history
      .intervals(50, 150)
      .map(({ fromMs, toMs, view }) => [fromMs, toMs, view.feedOf('p2')?.circuit]);
    expect(parts).toEqual([
      [50, 100, 'c1'],
      [100, 110, 'c2'],
      [110, 150, 'c2'],
    ]);
  });

  test('a circuit that is fed backwards through its head is not that circuit', () => {
    const backwards = new NetworkHistory([
      put(town, 0),
      operation(1, 'tie', false),
      { kind: 'edit', atMs: 2, changes: [{ remove: { group: 'equipment', id: 's1' } }] },
    ]);
    expect(backwards.at(2).feedOfNode('bus1')?.circuit).toBe('c2');
  });
});

describe('edits', () => {
  const drawnAnew = networkOf(
    [...town.equipment.values()].map((each) =>
      each.id === 'w' ? { ...aSwitch('w', 'm', 'n'), ratedCurrentA: 600 } : each,
    ),
  );

  test('a corrected drawing moves no switch', () => {
    const history = new NetworkHistory([put(town, 0), operation(10, 'w', true), put(drawnAnew, 20, town)]);
    expect(history.at(20).isClosed('w')).toBe('open');
    expect(history.at(20).network.equipment.get('w')).toMatchObject({ ratedCurrentA: 600 });
    expect(history.at(15).network.equipment.get('w')).toMatchObject({ ratedCurrentA: 400 });
  });

  test('one that is removed and put again stands as it is put', () => {
    const gone: NetworkEvent = { kind: 'edit', atMs: 20, changes: [{ remove: { group: 'equipment', id: 'w' } }] };
    const back: NetworkEvent = { kind: 'edit', atMs: 30, changes: [{ put: aSwitch('w', 'm', 'n') }] };
    const history = new NetworkHistory([put(town, 0), operation(10, 'w', true), gone, back]);
    expect([15, 25, 30].map((at) => history.at(at).isClosed('w'))).toEqual(['open', undefined, 'closed']);
  });

  test('one phase of a switch', () => {
    const history = new NetworkHistory([
      put(town, 0),
      { kind: 'switched', atMs: 5, switchId: 'w', phases: ['B'], open: true },
    ]);
    expect(history.at(5).isClosed('w')).toBe('partly');
    expect(history.at(5).feedOf('p2')?.energised).toBe('none');
    expect(history.at(5).feedOfNode('n')).toMatchObject({ energised: 'some', phases: ['A', 'C'] });
  });
});

test('told late and in any order, events give what they give in order', () => {
  const event = fc.record({ atMs: fc.integer({ min: 1, max: 9 }), pole: fc.nat(), open: fc.boolean() });
  fc.assert(
    fc.property(
      arbitraryNetwork,
      fc.array(event, { maxLength: 10 }),
      fc.array(fc.integer({ min: 0, max: 10 })),
      (network, told, asked) => {
        const switches = [...network.equipment.values()].filter(({ kind }) => kind === 'Switch').map(({ id }) => id);
        fc.pre(switches.length > 0);
        // One operation an instant: of one instant the later told counts, which a different order of telling changes.
        const events = [...new Map(told.map((each) => [each.atMs, each])).values()].map(({ atMs, pole, open }) =>
          operation(atMs, switches[pole % switches.length] ?? '', open),
        );
        const late = new NetworkHistory([put(network, 0)]);
        for (const each of events) {
          late.record(each);
          for (const atMs of asked) late.at(atMs);
        }
        for (let atMs = 0; atMs <= 10; atMs += 1) {
          const anew = new NetworkHistory([put(network, 0), ...events]);
          expect(late.at(atMs).tracing.depth).toEqual(anew.at(atMs).tracing.depth);
          expect(late.at(atMs).assignment()).toEqual(anew.at(atMs).assignment());
        }
      },
    ),
    { numRuns: 200 },
  );
});
