import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aSwitch,
  line,
  networkOf,
  poleTransformer,
  source,
} from '../../network/connectivity/sample-network.fixture.ts';
import { runTransformerAgeing } from '../ageing/ageing-results.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore, switched } from '../worker/load-store.fixture.ts';
import type { NamedRow } from '../worker/load-store.fixture.ts';

/** Three circuits; a tie between the first two. Homes h0 to h5 behind t0 to t2, two each, and a shop with h4. */
const town = networkOf(
  [0, 1, 2].flatMap((at) => [
    source(`s${at}`, `bus${at}`),
    aSwitch(`b${at}`, `bus${at}`, `a${at}`),
    line(`l${at}`, `a${at}`, `m${at}`),
    aSwitch(`w${at}`, `m${at}`, `n${at}`),
    poleTransformer(`t${at}`, `n${at}`, 'A', `x${at}`),
    ...(at === 0 ? [aSwitch('tie', 'n0', 'n1', true)] : []),
  ]),
  (draft) => {
    for (const at of [0, 1, 2])
      draft.put({ kind: 'Circuit', id: `c${at}`, name: `c${at}`, head: { equipment: `b${at}`, terminal: 1 } });
    draft.put({ kind: 'Customer', id: 'home', name: 'home', customerKind: 'residential' });
    draft.put({ kind: 'Customer', id: 'shop', name: 'shop', customerKind: 'commercial' });
    for (let at = 0; at < 6; at += 1) {
      const node = `x${Math.floor(at / 2)}`;
      draft.put({ kind: 'UsagePoint', id: `h${at}`, name: `h${at}`, node, phases: ['s1', 's2'], customer: 'home' });
    }
    draft.put({ kind: 'UsagePoint', id: 'shop', name: 'shop', node: 'x2', phases: ['s1', 's2'], customer: 'shop' });
  },
);
const meters = ['h0', 'h1', 'h2', 'h3', 'h4', 'h5', 'shop'];
const dayS = Date.parse('2026-03-07T00:00:00Z') / 1_000;
const days = 2;
const nowS = dayS + days * 86_400 + 3 * 3_600;
const events = [
  drawn(town),
  switched(dayS + 30_000, 'tie', false),
  switched(dayS + 30_000, 'w0', true),
  switched(dayS + 60_000, 'w0', false),
  switched(dayS + 60_600, 'tie', true),
];

async function started(timeZone = 'America/Los_Angeles'): Promise<LoadStore> {
  const store = await LoadStore.start({ nowMs: () => nowS * 1_000, timeZone });
  await store.tell(historyOf(...events), 0, (nowS + 1) * 1_000);
  return store;
}

const run = async ({ store }: LoadStore) => {
  const ran = await store.ask(runLoadEngine, { keepDays: 1_000 });
  await store.ask(runTransformerAgeing, {});
  return ran;
};

async function results({ store }: LoadStore): Promise<Record<string, unknown>> {
  return await store.access.read(async (session) => {
    const tables = ['load', 'load_part', 'peak', 'ageing'].map(async (table) => {
      const rows = await session.connection.runAndReadAll(`FROM tlm.${table} ORDER BY ALL`);
      return [table, rows.getRowObjectsJson()] as const;
    });
    return Object.fromEntries(await Promise.all(tables));
  });
}

const rowOf = (meter: number, hour: number, wh: number, readS = nowS): NamedRow => ({
  meter: meters[meter] ?? '',
  startS: dayS + hour * 3_600,
  importWh: wh,
  exportWh: 0,
  readS,
  ...(wh % 3 === 0 ? {} : { voltageV: 230 + (wh % 20) }),
});

const landing = fc.array(
  fc.record({
    meter: fc.nat(meters.length - 1),
    hour: fc.nat(days * 24 - 1),
    hours: fc.integer({ min: 1, max: 30 }),
    wh: fc.nat(5_000),
    // What is known for some of it only by an estimate, or not at all.
    source: fc.constantFrom('meter', 'meter', 'estimate'),
  }),
  { minLength: 1, maxLength: 8 },
);

test('whatever comes late, the results are those of all at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(landing, { minLength: 2, maxLength: 3 }), async (landings) => {
      const late = await started();
      const all: NamedRow[] = [];
      for (const [index, each] of landings.entries()) {
        const rows = each.flatMap(({ meter, hour, hours, wh, source: from }) =>
          Array.from({ length: Math.min(hours, days * 24 - hour) }, (_, after) => ({
            ...rowOf(meter, hour + after, wh + after * 17, nowS + index),
            source: from as 'meter',
          })),
        );
        all.push(...rows);
        await late.land(rows);
        await run(late);
      }
      const atOnce = await started();
      await atOnce.land(all);
      await run(atOnce);
      expect(await results(late)).toEqual(await results(atOnce));
    }),
    { numRuns: 5, seed: 20_260_331 },
  );
}, 300_000);

const quiet = meters.flatMap((_, meter) =>
  Array.from({ length: days * 24 }, (_unused, hour) => rowOf(meter, hour, 1_000 + meter * 100 + (hour % 24) * 10)),
);

describe('a late meter', () => {
  test('has only what it touches computed anew', async () => {
    const store = await started();
    await store.land(quiet);
    expect(await run(store)).toEqual({
      hours: 48,
      rows: 31,
      days: ['2026-03-07', '2026-03-08'],
      knownUntilS: dayS + days * 86_400,
    });
    expect(await run(store)).toMatchObject({ hours: 0, days: [] });
    await store.store.access.write(async (session) => {
      // What was computed before is marked, so that it shows whether it was left alone.
      await session.run('UPDATE tlm.load SET import_wh = list_transform(range(24), lambda x: -1)');
    });
    await store.land([rowOf(5, 30, 9_999, nowS + 1)]);
    expect(await run(store)).toMatchObject({ hours: 24, days: ['2026-03-08'] });
    const rows = await store.rows('import_wh >= 0');
    expect([...new Set(rows.map(({ id }) => id))].toSorted()).toEqual(['after:w2', 'b2', 'c2', 't2', 'w2']);
    expect(rows.every(({ hourS }) => hourS >= dayS + 86_400 && hourS < dayS + 2 * 86_400)).toBe(true);
  });

  test('of circuits that customers moved between has both', async () => {
    const store = await started();
    await store.land(quiet);
    await run(store);
    await store.store.access.write(
      async (session) => await session.run('UPDATE tlm.load SET import_wh = list_transform(range(24), lambda x: -1)'),
    );
    await store.land([rowOf(2, 5, 9_999, nowS + 1)]);
    await run(store);
    const ids = new Set((await store.rows('import_wh >= 0')).map(({ id }) => id));
    expect([ids.has('c0'), ids.has('c1'), ids.has('c2')]).toEqual([true, true, false]);
  });
});

describe('days and peaks', () => {
  test('are of local days, with the first of equal hours', async () => {
    const store = await LoadStore.start({ nowMs: () => (nowS + 86_400) * 1_000, timeZone: 'America/Los_Angeles' });
    await store.tell(historyOf(drawn(town)), 0, (nowS + 1) * 1_000);
    // 2026-03-08 has 23 hours in California: from 08:00 to 07:00 UTC.
    const rows = Array.from({ length: 72 }, (_, hour) => rowOf(0, hour, hour === 40 || hour === 41 ? 7_200 : 1_000));
    await store.land([...rows, ...rows.map((row) => ({ ...row, meter: 'h1', importWh: 0 }))]);
    await run(store);
    const [day] = await store.store.access.read(
      async (session) =>
        await session.rows<Record<string, unknown>>(
          `SELECT day::VARCHAR AS day, import_wh::INTEGER AS wh, peak_w, peak_w_s - ${dayS} AS at, peak_a::DOUBLE AS peak_a, peak_a_measured AS share
           FROM tlm.load_day JOIN tlm.element USING (element) WHERE id = 't0' AND day = '2026-03-08'`,
        ),
    );
    // Assumed power factor and nominal voltage of the primary side.
    const amps = Math.round((7_200 / 0.95 / 7_200) * 1_000) / 1_000;
    expect(day).toEqual({
      day: '2026-03-08',
      wh: 2 * 7_200 + 21 * 1_000,
      peak_w: 7_200,
      at: 40 * 3_600,
      peak_a: amps,
      share: 1,
    });
  });

  test('of the year the peak stands until its own day says otherwise', async () => {
    const store = await started('UTC');
    await store.land(quiet);
    await store.land([rowOf(0, 2, 9_000, nowS + 1)]);
    await run(store);
    const peak = async (span: string) =>
      await store.store.access.read(
        async (session) =>
          await session.row<{ w: number; at: number; day: string }>(
            `SELECT peak_w AS w, peak_w_s - ${dayS} AS at, yesterday::VARCHAR AS day FROM tlm.peak JOIN tlm.element USING (element) WHERE id = 't0' AND span = '${span}'`,
          ),
      );
    expect(await peak('year')).toEqual({ w: 9_000 + 1_120, at: 7_200, day: '2026-03-08' });
    expect((await peak('yesterday')).at).toBeGreaterThan(86_400);
    await store.land([rowOf(0, 2, 500, nowS + 2)]);
    await run(store);
    expect(await peak('year')).toMatchObject({ w: 2_560, at: 23 * 3_600 });
    expect(await peak('five-day')).toMatchObject({ w: 2_560, at: 23 * 3_600 });
  });
});

test('two runs at once are those of one', async () => {
  const [both, one] = [await started(), await started()];
  for (const store of [both, one]) await store.land(quiet);
  await Promise.all([run(both), run(both)]);
  await run(one);
  expect(await results(both)).toEqual(await results(one));
});

test('a topology that is told late has its hours computed anew, and nothing else', async () => {
  const store = await LoadStore.start({ nowMs: () => nowS * 1_000 });
  await store.tell(historyOf(drawn(town)), 0, (nowS + 1) * 1_000);
  await store.land(quiet);
  await run(store);
  const fromMs = (dayS + 86_400 + 3_600) * 1_000;
  const history = historyOf(drawn(town), switched(fromMs / 1_000, 'b0', true));
  await store.tell(history, fromMs, (nowS + 1) * 1_000);
  expect(await run(store)).toMatchObject({ days: ['2026-03-08'] });
  const hours = await store.rows(`id = 'c0'`);
  expect(hours.length).toBe(25);
});
