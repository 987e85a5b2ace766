import { expect, test, vi } from 'vitest';
import type { CommandView, FleetRow, StreamFrame } from '../../../src/api/contract.ts';
import { FleetStore } from './fleet-store.ts';

const row = (id: string, activePowerW: number): FleetRow =>
  ({ id, title: id, liveness: 'live', stale: false, activePowerW }) as FleetRow;
const snapshot = (rows: readonly FleetRow[]): StreamFrame => ({
  type: 'snapshot',
  atMs: 1_000,
  rows,
  gateways: [],
  commands: [],
  events: [],
  approvals: [],
  broker: 'up',
});
const delta = (
  rows: Extract<StreamFrame, { type: 'delta' }>['rows'],
  removed: readonly string[] = [],
): StreamFrame => ({
  type: 'delta',
  atMs: 2_000,
  rows,
  removed,
  gateways: [],
  events: [],
  eventsLeftOut: 0,
  broker: 'up',
});

function storeWith(...rows: readonly FleetRow[]): FleetStore {
  const store = new FleetStore();
  store.apply(snapshot(rows), 0);
  return store;
}

test('a delta wakes the listeners of its rows alone', () => {
  const store = storeWith(row('a', 1), row('b', 2));
  const [heardA, heardB, heardIds, heardRows] = [
    vi.fn<() => void>(),
    vi.fn<() => void>(),
    vi.fn<() => void>(),
    vi.fn<() => void>(),
  ];
  store.subscribeRow('a', heardA);
  store.subscribeRow('b', heardB);
  store.subscribe('ids', heardIds);
  store.subscribe('rows', heardRows);
  store.apply(
    delta([
      { id: 'a', activePowerW: 5 },
      { id: 'b', activePowerW: 2 },
    ]),
    1_000,
  );
  expect([heardA, heardB, heardIds, heardRows].map((heard) => heard.mock.calls.length)).toEqual([1, 0, 0, 1]);
  expect(store.row('a')?.activePowerW).toBe(5);
});

test('a new device joins, and after a snapshot without it a device is gone', () => {
  const store = storeWith(row('a', 1));
  const heardGone = vi.fn<() => void>();
  store.apply(delta([row('b', 2)]), 1_000);
  expect(store.ids()).toEqual(['a', 'b']);
  store.subscribeRow('a', heardGone);
  store.apply(snapshot([row('b', 3)]), 2_000);
  expect(store.ids()).toEqual(['b']);
  expect(store.row('a')).toBeUndefined();
  expect(heardGone).toHaveBeenCalledOnce();
});

test('a device that left the fleet is gone, others are not drawn again', () => {
  const store = storeWith(row('a', 1), row('b', 2));
  const [heardA, heardB, heardIds] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
  store.subscribeRow('a', heardA);
  store.subscribeRow('b', heardB);
  store.subscribe('ids', heardIds);
  for (const removed of [['a', 'c'], ['a']]) store.apply(delta([], removed), 1_000);
  expect([store.ids(), store.row('a')]).toEqual([['b'], undefined]);
  expect([heardA, heardB, heardIds].map((heard) => heard.mock.calls.length)).toEqual([1, 0, 1]);
});

test('who stopped listening is not called', () => {
  const store = storeWith(row('a', 1));
  const heard = vi.fn<() => void>();
  store.subscribeRow('a', heard)();
  store.apply(delta([{ id: 'a', activePowerW: 9 }]), 1_000);
  expect(heard).not.toHaveBeenCalled();
});

test('a tick is told once a second of the head-end’s time', () => {
  const store = storeWith();
  const heard = vi.fn<() => void>();
  store.subscribe('tick', heard);
  for (const steadyMs of [10, 250, 990, 1_010, 1_500]) store.tick(steadyMs, 77_000);
  expect(heard).toHaveBeenCalledTimes(2);
  expect(store.second()).toBe(2_000);
});

test('of too many commands the oldest finished ones are forgotten, those under way never', () => {
  const store = storeWith();
  const view = (n: number, final: boolean): CommandView =>
    ({ id: `c${n}`, state: final ? 'confirmed' : 'sent', final, requestedAtMs: n, updatedAtMs: n }) as CommandView;
  store.learnCommand(view(0, false));
  for (let n = 1; n <= 600; n += 1) store.learnCommand(view(n, true));
  expect(store.commands().size).toBe(500);
  expect(store.commands().has('c0')).toBe(true);
  expect(store.commands().has('c1')).toBe(false);
  expect(store.commands().has('c600')).toBe(true);
});

test('what one person saw is not there for the next', () => {
  const store = storeWith(row('a', 1));
  store.setLink({ state: 'up' });
  store.forget();
  expect([store.ids(), store.row('a'), store.commands().size, store.link().state]).toEqual([
    [],
    undefined,
    0,
    'connecting',
  ]);
});
