import { expect, test } from 'vitest';
import { aSwitch, networkOf, poleTransformer, source } from '../../network/connectivity/sample-network.fixture.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore } from '../worker/load-store.fixture.ts';
import { elementHours, loadElements, loadStatus } from './load-results.ts';

/** Transformers of 25 kVA with a home each. */
const ids = ['motor', 'heater', 'sun', 'silent'] as const;
const lane = networkOf(
  [
    source('s', 'bus'),
    aSwitch('b', 'bus', 'm'),
    ...ids.map((id) => ({ ...poleTransformer(id, 'm', 'A', `x-${id}`), noLoadLossPu: 0 })),
  ],
  (draft) => {
    draft.put({ kind: 'Customer', id: 'home', name: 'home', customerKind: 'residential' });
    for (const id of ids)
      draft.put({
        kind: 'UsagePoint',
        id: `h-${id}`,
        name: id,
        node: `x-${id}`,
        phases: ['s1', 's2'],
        customer: 'home',
      });
  },
);
const dayS = Date.parse('2026-07-01T00:00:00Z') / 1_000;

test('a transformer is full by apparent power, whichever way it flows, and what is assumed of it is said', async () => {
  const loads = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (dayS + 90_000) * 1_000 });
  const { store } = loads;
  await loads.tell(historyOf(drawn(lane)), 0, (dayS + 86_400) * 1_000);
  const row = (meter: string, startS: number) => ({ meter: `h-${meter}`, startS, importWh: 0, exportWh: 0 });
  await loads.land(
    Array.from({ length: 24 }, (_, hour) => dayS + hour * 3_600).flatMap((startS, hour) => [
      // At noon it takes less power than at night, and much more current.
      { ...row('motor', startS), importWh: hour === 12 ? 15_000 : 18_000, reactiveVarh: hour === 12 ? 20_000 : 0 },
      { ...row('heater', startS), importWh: 19_000 },
      { ...row('sun', startS), exportWh: hour === 12 ? 22_500 : 0, reactiveVarh: 0 },
    ]),
  );
  await store.ask(runLoadEngine, { keepDays: 1_000 });
  const found = await store.ask(loadElements, { kind: 'transformer', sort: 'utilisation', limit: 10 });
  const told = Object.fromEntries(
    found.elements.map(({ id, utilisation, peaks }) => [
      id,
      { utilisation, va: peaks?.yesterdayVa, w: peaks?.yesterdayW?.value },
    ]),
  );
  const noon = dayS + 12 * 3_600;
  expect(told.motor).toEqual({ utilisation: 1, va: { value: 25_000, atS: noon, measured: 1 }, w: 18_000 });
  expect(told.sun).toEqual({ utilisation: 0.9, va: { value: 22_500, atS: noon, measured: 1 }, w: 0 });
  // It counts no reactive energy: 0.95 is assumed, and so it is said.
  expect(told.heater).toMatchObject({ utilisation: 0.8, va: { value: 20_000 }, w: 19_000 });
  expect((await store.ask(loadStatus, {})).assumedPowerFactor.residential).toBe(0.95);
});

/** Its peak is of noon. */
test.each([
  { exchanged: 'before', atS: dayS + 11 * 3_600, utilisation: 0.45 },
  { exchanged: 'after', atS: dayS + 13 * 3_600, utilisation: 0.9 },
  { exchanged: 'today', atS: dayS + 86_400, utilisation: 0.9 },
])('exchanged $exchanged, it was as full as it was by the rating of the peak’s hour', async ({ atS, utilisation }) => {
  const loads = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (dayS + 90_000) * 1_000 });
  const larger = { ...poleTransformer('sun', 'm', 'A', 'x-sun'), noLoadLossPu: 0, normalPowerVa: 50_000 };
  const edit = { kind: 'edit', atMs: atS * 1_000, changes: [{ put: larger }] } as const;
  await loads.tell(historyOf(drawn(lane), edit), 0, (dayS + 90_000) * 1_000);
  await loads.land(
    Array.from({ length: 24 }, (_, hour) => ({
      meter: 'h-sun',
      startS: dayS + hour * 3_600,
      importWh: 0,
      exportWh: hour === 12 ? 22_500 : 0,
      reactiveVarh: 0,
    })),
  );
  await loads.store.ask(runLoadEngine, { keepDays: 1_000 });
  const { elements } = await loads.store.ask(loadElements, {
    kind: 'transformer',
    search: 'sun',
    sort: 'title',
    limit: 10,
  });
  expect(elements).toMatchObject([{ id: 'sun', ratedVa: 50_000, utilisation }]);
  const asked = { kind: 'transformer', id: 'sun', fromS: dayS, toS: dayS + 86_400 } as const;
  const hours = await loads.store.ask(elementHours, asked);
  expect(hours?.rated).toEqual(hours?.hourS.map((hourS) => (hourS < atS ? 25_000 : 50_000)));
});
