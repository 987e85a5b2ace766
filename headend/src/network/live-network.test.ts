import { expect, test } from 'vitest';
import type { NetworkChangeRecord, NetworkStore, StoredNetworkChange } from '../store/network-store.ts';
import type { AuditEntry } from '../store/store.ts';
import { aSwitch, line, networkOf, source } from './connectivity/sample-network.fixture.ts';
import { LiveNetwork } from './live-network.ts';
import { changesBetween } from './model/network-change.ts';
import { emptyNetwork } from './model/network-draft.ts';
import { editRecord } from './network-register.ts';

const recording = { recordedAtMs: 9, who: 'ada', cause: 'switching order 7' };
const audit: AuditEntry = { atMs: 9, who: 'ada', identity: 'system', action: 'switch-recorded', say: 'opened' };

function storeWith(changes: StoredNetworkChange[]): NetworkStore {
  return {
    changes: (afterSeq = 0) => changes.filter(({ seq }) => seq > afterSeq),
    append: (change: NetworkChangeRecord) => {
      if (change.cause === 'full') return { ok: false, reason: 'not-recorded', say: 'The disk is full.' };
      changes.push({ ...change, seq: changes.length + 1 });
      return { ok: true, value: undefined };
    },
  };
}

const network = networkOf([source('s', 'a'), line('l', 'a', 'b'), aSwitch('w', 'b', 'c')]);
const switchId = 'w';
const drawing = editRecord(changesBetween(emptyNetwork(), network), 1_000, recording);

test('it has what the store holds, and takes in what was imported meanwhile', () => {
  const changes: StoredNetworkChange[] = [];
  const told: number[] = [];
  const live = new LiveNetwork(storeWith(changes));
  live.onChange((fromMs) => told.push(fromMs));
  live.refresh();
  expect(live.at(2_000).network.nodes.size).toBe(0);
  changes.push({ ...drawing, seq: 1 });
  live.refresh();
  expect(live.at(2_000).network.nodes.size).toBe(network.nodes.size);
  expect(live.at(999).network.nodes.size).toBe(0);
  expect(told).toEqual([1_000]);
  expect(live.revision).toBe(1);
});

test('a switch that is recorded stands so from its instant on; one that is not recorded did not move', () => {
  const live = new LiveNetwork(storeWith([{ ...drawing, seq: 1 }]));
  live.refresh();
  const before = live.at(5_000).isClosed(switchId);
  const operation = { kind: 'switched', atMs: 5_000, switchId, open: before === 'closed' } as const;
  expect(live.recordOperation(operation, { ...recording, cause: 'full' }, audit)).toMatchObject({ ok: false });
  expect(live.at(5_000).isClosed(switchId)).toBe(before);
  expect(live.recordOperation(operation, recording, audit)).toMatchObject({ ok: true });
  expect(live.at(4_999).isClosed(switchId)).toBe(before);
  expect(live.at(5_000).isClosed(switchId)).toBe(before === 'closed' ? 'open' : 'closed');
});
