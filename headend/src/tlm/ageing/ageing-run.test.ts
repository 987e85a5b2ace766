import { expect, test } from 'vitest';
import { aSwitch, networkOf, poleTransformer, source } from '../../network/connectivity/sample-network.fixture.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore } from '../worker/load-store.fixture.ts';
import { ageingList, runTransformerAgeing, tellAmbient, transformerAgeing } from './ageing-results.ts';

/** Two transformers of 25 kVA with a shop each, without losses in the drawing, and one without a rating. */
const lane = networkOf(
  [
    source('s', 'bus'),
    aSwitch('b', 'bus', 'm'),
    ...['t1', 't2'].map((id) => ({ ...poleTransformer(id, 'm', 'A', `x-${id}`), noLoadLossPu: 0 })),
    { ...poleTransformer('t3', 'm', 'A', 'x-t3'), ...unrated(poleTransformer('t3', 'm', 'A', 'x-t3')) },
  ],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'b', terminal: 1 } });
    for (const id of ['t1', 't2', 't3'])
      draft.put({ kind: 'UsagePoint', id: `h-${id}`, name: `h-${id}`, node: `x-${id}`, phases: ['s1', 's2'] });
  },
);

function unrated({ normalPowerVa: _, ends, ...transformer }: ReturnType<typeof poleTransformer>) {
  return { ...transformer, normalPowerVa: 0, ends };
}

const dayS = Date.parse('2026-07-01T00:00:00Z') / 1_000;
const rows = (meter: string, hours: number, wh: number, fromS = dayS) =>
  Array.from({ length: hours }, (_, hour) => ({
    meter,
    startS: fromS + hour * 3_600,
    importWh: wh,
    exportWh: 0,
    reactiveVarh: 0,
  }));
const range = { fromS: dayS, toS: dayS + 2 * 86_400 };

async function loaded(history = historyOf(drawn(lane))): Promise<LoadStore> {
  const store = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (dayS + 50 * 3_600) * 1_000 });
  await store.tell(history, 0, (dayS + 48 * 3_600) * 1_000);
  await store.land([
    ...rows('h-t1', 48, 25_000),
    ...rows('h-t2', 24, 10_000),
    ...rows('h-t2', 24, 35_000, dayS + 86_400),
  ]);
  await store.store.ask(runLoadEngine, { keepDays: 1_000 });
  await store.store.ask(runTransformerAgeing, {});
  return store;
}

test('at its rating and 30 °C a transformer loses a normal life, and it says what is assumed', async () => {
  const { store } = await loaded();
  const told = await store.ask(transformerAgeing, { id: 't1', ...range });
  expect(told).toMatchObject({
    element: { id: 't1', ratedVa: 25_000 },
    isLossRatioAssumed: true,
    ambient: { otherwiseC: 30, otherwise: 'assumed', toldH: 0 },
    dayS: [dayS, dayS + 86_400],
    knownH: [24, 24],
    total: { knownH: 48 },
  });
  expect(told?.total.factor).toBeCloseTo(1, 4);
  expect(told?.total.lossOfLifePct).toBeCloseTo((100 * 48) / 180_000, 6);
  expect(told?.hottestC[0]).toBeCloseTo(110, 3);
  expect(await store.ask(transformerAgeing, { id: 'none', ...range })).toBeUndefined();
});

test('a setting and a table of temperatures age all days anew; a hotter circuit comes first', async () => {
  const { store } = await loaded();
  expect(await store.ask(runTransformerAgeing, { ambientC: 20 })).toEqual({ days: 2, transformers: 4 });
  const cool = await store.ask(ageingList, { ...range, limit: 10 });
  expect(cool).toMatchObject({ ambient: { otherwiseC: 20, otherwise: 'set' }, total: 3, unrated: 1 });
  expect(cool.transformers.map(({ element }) => element.id)).toEqual(['t2', 't1']);
  expect(cool.transformers[1]?.factor).toBeLessThan(0.5);
  await store.ask(
    tellAmbient,
    rows('', 24, 0).map(({ startS: hourS }) => ({ hourS, ambientC: 36.95 })),
  );
  expect(await store.ask(runTransformerAgeing, { ambientC: 20 })).toEqual({ days: 2, transformers: 4 });
  const told = await store.ask(transformerAgeing, { id: 't1', ...range });
  expect(told?.ambient).toEqual({ otherwiseC: 20, otherwise: 'set', toldH: 24 });
  expect(told?.agedH[0]).toBeCloseTo(48, 0);
  expect(told?.agedH[1]).toBeLessThan(12);
  expect(await store.ask(runTransformerAgeing, { ambientC: 20 })).toEqual({ days: 0, transformers: 0 });
});

test('a late value ages its own day and the day after, of what it touches', async () => {
  const { store } = await loaded();
  const late = await loaded();
  await late.land([{ ...rows('h-t1', 1, 40_000, dayS + 23 * 3_600)[0]!, readS: dayS + 49 * 3_600 }]);
  await late.store.ask(runLoadEngine, { keepDays: 1_000 });
  expect((await late.store.ask(runTransformerAgeing, {})).days).toBe(2);
  const [before, after] = [
    await store.ask(transformerAgeing, { id: 't1', ...range }),
    await late.store.ask(transformerAgeing, { id: 't1', ...range }),
  ];
  expect(after!.agedH[0]).toBeGreaterThan(before!.agedH[0]! + 1);
  expect(after!.agedH[1]).toBeGreaterThan(before!.agedH[1]! + 0.1);
});

const exchangedAt = (atS: number) =>
  historyOf(drawn(lane), {
    kind: 'edit',
    atMs: atS * 1_000,
    changes: [{ put: { ...poleTransformer('t1', 'm', 'A', 'x-t1'), noLoadLossPu: 0, normalPowerVa: 50_000 } }],
  });
const agedDays = async ({ store }: LoadStore): Promise<readonly number[]> => {
  const told = await store.ask(transformerAgeing, { id: 't1', ...range });
  expect(told?.element.ratedVa).toBe(50_000);
  expect(told?.knownH).toEqual([24, 24]);
  return told?.agedH ?? [];
};

/** At its rating it ages as time goes; at half of it, hardly. */
test.each([
  { what: 'corrected as of the past', atS: 0, aged: [0, 0] },
  { what: 'exchanged in the first day', atS: dayS + 12 * 3_600, aged: [12, 0] },
  { what: 'exchanged between the days', atS: dayS + 86_400, aged: [24, 0] },
  { what: 'exchanged in the second day', atS: dayS + 86_400 + 6 * 3_600, aged: [24, 6] },
])('a transformer that is $what ages by the rating of each hour, told late or at once', async ({ atS, aged }) => {
  const untilMs = (dayS + 48 * 3_600) * 1_000;
  const late = await loaded();
  await late.tell(exchangedAt(atS), atS * 1_000, untilMs);
  await late.store.ask(runLoadEngine, { keepDays: 1_000 });
  await late.store.ask(runTransformerAgeing, {});
  const ages = await agedDays(late);
  // What is left of the heat of before ages it for a while.
  for (const [day, hours] of aged.entries()) {
    expect(ages[day]).toBeGreaterThan(hours - 0.001);
    expect(ages[day]).toBeLessThan(hours + 2.5);
  }
  expect(await agedDays(await loaded(exchangedAt(atS)))).toEqual(ages);
});
