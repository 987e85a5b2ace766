import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NetworkChangeRecord } from './network-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { AuditEntry } from './store.ts';

let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'network-'));
  store = opened();
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

function opened(): SqliteStore {
  const fresh = new SqliteStore(folder);
  fresh.start();
  return fresh;
}

const common = { recordedAtMs: 9, who: 'ada', cause: 'feeder.dss' };
const edit: NetworkChangeRecord = {
  ...common,
  atMs: 5,
  elements: [
    { part: 'equipment', id: 'Line.é', body: { kind: 'ACLineSegment', lengthM: 1.5 } },
    { part: 'nodes', id: 'n', body: undefined },
  ],
};
const operation: NetworkChangeRecord = { ...common, atMs: 3, switched: { switchId: 'w', phases: ['A'], open: true } };
const audit: AuditEntry = { atMs: 9, who: 'ada', identity: 'system', action: 'network-edited', say: 'imported' };

test('changes are kept over a start, in the order in which they were told, each with its audit', () => {
  expect(store.network.append(edit, audit)).toEqual({ ok: true, value: undefined });
  store.network.append(operation, { ...audit, action: 'switch-recorded' });
  store.stop();
  store = opened();
  const changes = [...store.network.changes()];
  expect(changes).toEqual([
    { seq: 1, ...edit },
    { seq: 2, ...operation },
  ]);
  expect([...store.network.changes(1)].map(({ seq }) => seq)).toEqual([2]);
  expect(store.operations.audit({ limit: 9 }).map(({ action }) => action)).toEqual([
    'switch-recorded',
    'network-edited',
  ]);
});

test('a change that cannot be kept whole is not kept at all', () => {
  const [first] = 'elements' in edit ? edit.elements : [];
  const twice = { ...edit, elements: first === undefined ? [] : [first, first] };
  expect(store.network.append(twice, audit)).toMatchObject({ ok: false, reason: 'not-recorded' });
  expect([...store.network.changes()]).toEqual([]);
  expect(store.operations.audit({ limit: 9 })).toEqual([]);
});
