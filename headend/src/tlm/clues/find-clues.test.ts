import { expect, test } from 'vitest';
import { aSwitch, networkOf, poleTransformer, source } from '../../network/connectivity/sample-network.fixture.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore } from '../worker/load-store.fixture.ts';
import { loadClues } from './clue-results.ts';

const transformers = ['t0', 't1', 't2', 't3'];
const perTransformer = 4;
/** Four homes behind each; the last home of t3 hangs at t0 in truth. */
const lane = networkOf(
  [source('s', 'bus'), aSwitch('b', 'bus', 'm'), ...transformers.map((id) => poleTransformer(id, 'm', 'A', `x-${id}`))],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'b', terminal: 1 } });
    for (const id of transformers)
      for (let home = 0; home < perTransformer; home += 1)
        draft.put({
          kind: 'UsagePoint',
          id: `${id}-${home}`,
          name: `${id}-${home}`,
          node: `x-${id}`,
          phases: ['s1', 's2'],
        });
  },
);
const dayS = Date.parse('2026-06-01T00:00:00Z') / 1_000;
const hours = 12 * 24;
const range = { fromS: dayS, toS: dayS + hours * 3_600 };

/** A number between 0 and 1, the same for the same. */
const chance = (...of: readonly number[]): number => {
  const mixed = Math.sin(of.reduce((sum, each) => sum * 31.7 + each * 12.9898, 7)) * 43_758.5453;
  return mixed - Math.floor(mixed);
};

async function loaded(stolen: number): Promise<LoadStore> {
  const store = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (range.toS + 7_200) * 1_000 });
  await store.tell(historyOf(drawn(lane)), 0, range.toS * 1_000);
  await store.number([{ name: 'head', multiplier: 10 }]);
  const rows = Array.from({ length: hours }, (_, hour) => {
    const startS = dayS + hour * 3_600;
    const wh = transformers.map((_unused, t) =>
      Array.from({ length: perTransformer }, (_none, home) => Math.round(200 + 3_000 * chance(hour, t, home) ** 3)),
    );
    const drop = wh.map((each) => each.reduce((sum, one) => sum + one, 0) / 5_000);
    const homes = transformers.flatMap((id, t) =>
      wh[t]!.map((own, home) => ({
        meter: `${id}-${home}`,
        startS,
        importWh: id === 't1' && home === 0 ? Math.round(own * (1 - stolen)) : own,
        exportWh: 0,
        voltageV: 243 - 2 * chance(hour) - drop[id === 't3' && home === 3 ? 0 : t]! - own / 10_000,
      })),
    );
    const through = wh[1]!.reduce((sum, one) => sum + one, 0);
    return [...homes, { meter: 'head', startS, importWh: Math.round(through / 10 + 5), exportWh: 0 }];
  });
  await store.land(rows.flat());
  await store.store.ask(runLoadEngine, { keepDays: 1_000 });
  return store;
}

const heads = [{ kind: 'transformer', id: 't1', meter: 'head' }] as const;

test('planted theft and a wrong map are told with what shows them; without theft there is none', async () => {
  const told = await (await loaded(0.8)).store.ask(loadClues, { circuit: 'c', ...range, heads });
  expect(told).toMatchObject({ customers: 16, customersWithVoltage: 16, heads: 1 });
  expect(told?.clues.map(({ kind }) => kind).toSorted()).toEqual(['loss', 'mapping']);
  expect(told?.clues.find(({ kind }) => kind === 'mapping')).toMatchObject({
    meter: 't3-3',
    transformer: 't3',
    likelyTransformer: 't0',
  });
  expect(told?.clues.find(({ kind }) => kind === 'loss')).toMatchObject({ at: heads[0], days: 12, daysAlike: 12 });
  const honest = await (await loaded(0)).store.ask(loadClues, { circuit: 'c', ...range, heads });
  expect(honest?.clues.map(({ kind }) => kind)).toEqual(['mapping']);
  expect(await (await LoadStore.start()).store.ask(loadClues, { circuit: 'c', ...range, heads })).toBeUndefined();
});
