import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import {
  aSwitch,
  line,
  networkOf,
  poleTransformer,
  source,
} from '../../network/connectivity/sample-network.fixture.ts';
import { drawn, historyOf, LoadStore, switched } from '../worker/load-store.fixture.ts';
import type { NamedRow } from '../worker/load-store.fixture.ts';
import { DayLoads } from './day-loads.ts';
import type { Feeding } from './feeding.ts';
import { PointSums } from './point-sums.ts';
import { summedRows } from './read-hour.ts';
import { SumThreads } from './sum-threads.ts';

const dayS = 1_774_915_200;
const hourS = 3_600;
const poles = 12;

/** s1 -b1- 0 … 5 -w- 6 … 11 -tie(open)- z -b2- s2; a transformer at each, with two homes, at each third with a shop as well. */
const street = networkOf(
  [
    source('s1', 'bus1'),
    source('s2', 'bus2'),
    aSwitch('b1', 'bus1', 'n0'),
    aSwitch('b2', 'bus2', 'z'),
    ...Array.from({ length: poles - 1 }, (_, at) =>
      at === 5 ? aSwitch('w', 'n5', 'n6') : line(`l${at}`, `n${at}`, `n${at + 1}`),
    ),
    aSwitch('tie', `n${poles - 1}`, 'z', true),
    ...Array.from({ length: poles }, (_, at) =>
      poleTransformer(`t${at}`, `n${at}`, (['A', 'B', 'C'] as const)[at % 3] ?? 'A', `x${at}`),
    ),
  ],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c1', name: 'c1', head: { equipment: 'b1', terminal: 1 } });
    draft.put({ kind: 'Circuit', id: 'c2', name: 'c2', head: { equipment: 'b2', terminal: 1 } });
    for (const kind of ['residential', 'commercial'] as const)
      draft.put({ kind: 'Customer', id: kind, name: kind, customerKind: kind });
    for (const id of meters())
      draft.put({
        kind: 'UsagePoint',
        id,
        name: id,
        node: `x${id.split('-')[1]}`,
        phases: ['s1', 's2'],
        customer: id.startsWith('shop') ? 'commercial' : 'residential',
      });
  },
);

function meters(): string[] {
  return Array.from({ length: poles }, (_, at) => [
    `home-${at}-1`,
    `home-${at}-2`,
    ...(at % 3 === 0 ? [`shop-${at}`] : []),
  ]).flat();
}

/** Everybody's hours, with holes, export, and reactive energy here and there; each value is another. */
function hours(): NamedRow[] {
  return meters().flatMap((meter, index) =>
    Array.from({ length: 24 }, (_, hour) => hour)
      .filter((hour) => (index * 7 + hour) % 11 !== 0)
      .map((hour) => ({
        meter,
        startS: dayS + hour * hourS,
        importWh: 100 + ((index * 131 + hour * 17) % 900),
        exportWh: index % 5 === 0 ? (hour * 13) % 200 : 0,
        ...(index % 2 === 0 ? { reactiveVarh: (index * 19 + hour * 7) % 90 } : {}),
        voltageV: 236 + ((index + hour) % 9),
        ...(index % 4 === 3 ? { source: 'estimate' as const } : {}),
      })),
  );
}

// At a full hour, amid one, twice in one, and back.
const operations = [
  switched(dayS + 5 * hourS, 'w', true),
  switched(dayS + 7 * hourS + 1_234, 'tie', false),
  switched(dayS + 13 * hourS + 600, 'tie', true),
  switched(dayS + 13 * hourS + 1_900, 'w', false),
];

test('threads come to what one thread comes to, also where the topology changes', async () => {
  const store = await LoadStore.start();
  await store.tell(historyOf(drawn(street), ...operations), 0, (dayS + 86_400) * 1_000);
  await store.land(hours());
  await store.compute(dayS + 86_400 - 1, Infinity);
  const alone = await store.rows();
  await store.compute(dayS + 86_400 - 1, 0);
  expect(await store.rows()).toEqual(alone);
  expect(alone.filter(({ kind }) => kind === 'transformer').length).toBeGreaterThan(poles * 20);
  expect(new Set(alone.filter(({ id }) => id === 't8').map(({ activeW }) => activeW)).size).toBeGreaterThan(10);
});

test('a thread that fails is told, whatever waits for it', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  // Enough to sum by load point, and nothing of what the threads need.
  const feeding = { pointOfMeter: new Uint32Array(2), metersOfPoint: new Uint32Array(2) } as Feeding;
  const threads = new SumThreads(feeding, new PointSums(feeding));
  onTestFinished(async () => {
    await threads.stop();
    connection.closeSync();
    instance.closeSync();
  });
  const columns = `1::UINTEGER AS meter, 1 AS import_wh, 0 AS export_wh, 0 AS reactive_varh, 2400::USMALLINT AS voltage_dv, 3600::USMALLINT AS length_s,
    0::UTINYINT AS source, 0::UINTEGER AS flags`;
  const result = await connection.run(summedRows(`(SELECT ${columns})`, false, false));
  const told = (async () => {
    for (let hour = 0; hour < 24; hour += 1) await threads.sum(result, new DayLoads(2, dayS).hour(hour));
    await threads.idle();
  })();
  await expect(told).rejects.toThrow(/undefined/);
});
