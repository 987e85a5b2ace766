import { expect, test } from 'vitest';
import { aSwitch, networkOf, poleTransformer, source } from '../../network/connectivity/sample-network.fixture.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore } from '../worker/load-store.fixture.ts';
import type { NamedRow } from '../worker/load-store.fixture.ts';

/** Four homes behind a transformer. */
const homes = ['h0', 'h1', 'h2', 'h3'];
const lane = networkOf([source('s', 'bus'), aSwitch('b', 'bus', 'm'), poleTransformer('t', 'm', 'A', 'x')], (draft) => {
  draft.put({ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'b', terminal: 1 } });
  for (const id of homes) draft.put({ kind: 'UsagePoint', id, name: id, node: 'x', phases: ['s1', 's2'] });
});
const dayS = Date.parse('2026-07-01T00:00:00Z') / 1_000;
const row = (meter: string, importWh: number, more: Partial<NamedRow> = {}): NamedRow => ({
  meter,
  startS: dayS,
  importWh,
  exportWh: 0,
  ...more,
});

async function started(): Promise<LoadStore> {
  const store = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (dayS + 90_000) * 1_000 });
  await store.tell(historyOf(drawn(lane)), 0, (dayS + 86_400) * 1_000);
  return store;
}

async function loadOf(store: LoadStore) {
  await store.store.ask(runLoadEngine, { keepDays: 1_000 });
  const [found] = await store.rows(`id = 't' AND hour_s = ${dayS}`);
  return found;
}

test('meters gone mad make no load, neither before validation nor after it; theirs is filled in', async () => {
  const store = await started();
  await store.land([row('h0', 1_000_000_000), row('h1', 1_000_000_000), row('h2', 1_000_000_000), row('h3', 2_000)]);
  const filled = { importWh: 2_000, activeW: 8_000, measured: 1, missing: 3 };
  expect(await loadOf(store)).toMatchObject(filled);
  await store.settle();
  await store.land([row('h3', 2_000, { readS: dayS + 80_000 })]);
  expect(await loadOf(store)).toMatchObject(filled);
});

test('what its multiplier makes too much stops no run', async () => {
  const store = await started();
  await store.number([{ name: 'h0', multiplier: 4_000 }]);
  await store.land([row('h0', 3_000_000), row('h1', 1_000)]);
  expect(await loadOf(store)).toMatchObject({ importWh: 1_000, measured: 1, missing: 3 });
});

test('an hour that is there in quarters, too, counts once when it is validated, also where it was computed before', async () => {
  const quarters = [0, 900, 1_800, 2_700].map((at) => row('h0', 250, { startS: dayS + at, lengthS: 900 }));
  const [before, after] = [await started(), await started()];
  for (const store of [before, after])
    await store.land([
      row('h0', 1_000),
      row('h1', 500),
      ...quarters.slice(1),
      row('h0', 1_000, { startS: dayS + 3_600 }),
    ]);
  await loadOf(before);
  for (const store of [before, after]) await store.settle();
  const load = await loadOf(after);
  expect(load).toMatchObject({ importWh: 1_500, measured: 2 });
  expect(await loadOf(before)).toEqual(load);
});
