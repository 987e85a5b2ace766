import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completenessOf, findGaps } from '../completeness-requests.ts';
import { estimateIntervals } from '../estimate-requests.ts';
import { aggregateFigure } from '../../nms/reads/aggregate-estimate.ts';
import { expectedPowers } from '../expectation-request.ts';
import { columnsOf } from '../interval-row.ts';
import type { IntervalRow } from '../interval-row.ts';
import { localDay } from '../local-days.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import { marksOf, veeRules } from '../vee-rules.ts';
import { households, noHouseholds } from './households.fixture.ts';
import type { Households } from './households.fixture.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

const zone = 'Europe/Dublin';
const hourS = 3_600;

describe.skipIf(noHouseholds)('311 real homes over a quarter of a year', () => {
  let place: ReturnType<typeof temporaryFolder>;
  let store: TestStore;
  let homes: Households;
  /** What is kept back: by meter and start, in Wh. */
  const hidden = new Map<string, number>();
  let rows: IntervalRow[];

  beforeAll(async () => {
    place = temporaryFolder();
    homes = households();
    rows = homes.hours.flatMap(({ startS, importWh }) =>
      importWh.map((wh, index) => ({
        meter: index + 1,
        startS,
        lengthS: hourS,
        importWh: wh,
        flags: 0,
        source: 'meter',
        readS: startS + 2 * hourS,
      })),
    );
    hide(homes);
    store = await testStore({ folder: place.folder, timeZone: zone, memoryMb: 1_024 });
    await store.ask(
      numberMeters,
      homes.names.map((name) => ({ name, sinceS: homes.hours[0]?.startS ?? 0 })),
    );
    const kept = rows.filter(({ meter, startS }) => !hidden.has(`${meter} ${startS}`));
    for (let from = 0; from < kept.length; from += 100_000)
      await store.ask(landIntervals, columnsOf(kept.slice(from, from + 100_000)));
    await store.ask(settleDays, {});
  }, 120_000);
  afterAll(async () => {
    await store?.stop();
    place?.remove();
  });

  /** Half a day of every third home in the last month, at a time that differs from home to home. */
  function hide({ names, hours }: Households): void {
    for (let meter = 2; meter <= names.length; meter += 3) {
      const from = hours.length - 24 * 30 + ((meter * 37) % (24 * 28));
      for (const { startS, importWh } of hours.slice(from, from + 12)) {
        const wh = importWh[meter - 1];
        if (wh !== undefined) hidden.set(`${meter} ${startS}`, wh);
      }
    }
  }

  test('sums by local day are those of the file, on the day of 23 hours, too', async () => {
    for (const day of ['2009-03-28', '2009-03-29', '2009-03-30']) {
      const { fromS, toS } = localDay(zone, day);
      const sum = homes.hours
        .filter(({ startS }) => startS >= fromS && startS < toS)
        .reduce((all, { importWh }) => all + importWh.reduce<number>((each, wh) => each + (wh ?? 0), 0), 0);
      const [found] = await store.access.read(
        async (session) =>
          await session.rows<{ wh: number; hours: number }>(
            `SELECT sum(import_wh)::DOUBLE AS wh, count(DISTINCT start_s)::DOUBLE AS hours FROM ${await session.intervals(fromS, toS)}`,
          ),
      );
      expect({ day, ...found }).toEqual({ day, wh: sum, hours: day === '2009-03-29' ? 23 : 24 });
    }
  });

  test('what is missing is what was kept back, and nothing else', async () => {
    const fromS = homes.hours[0]?.startS ?? 0;
    const toS = (homes.hours.at(-1)?.startS ?? 0) + hourS;
    const { gaps } = await store.ask(findGaps, { fromS, toS, kind: 'unmeasured' });
    const missing = gaps.flatMap(({ meter, ranges }) =>
      ranges.flatMap((range) =>
        Array.from(
          { length: (range.toS - range.fromS) / hourS },
          (_, index) => `${homes.names.indexOf(meter) + 1} ${range.fromS + index * hourS}`,
        ),
      ),
    );
    const unknown = rows
      .filter(({ importWh }) => importWh === undefined)
      .map(({ meter, startS }) => `${meter} ${startS}`);
    expect(new Set(missing)).toEqual(new Set([...hidden.keys(), ...unknown]));
    const { all } = await store.ask(completenessOf, { fromS: toS - 30 * 86_400, toS });
    expect(all.expectedS - all.measuredS).toBeGreaterThanOrEqual(hidden.size * hourS);
  });

  test('validation finds little fault with real homes', async () => {
    const { spikes } = await store.access.read(
      async (session) =>
        await session.row<{ spikes: number }>(
          `SELECT count(*)::DOUBLE AS spikes FROM fault WHERE rule = ${veeRules.indexOf('spike')}`,
        ),
    );
    expect(spikes / rows.length).toBeLessThan(0.002);
  });

  test('one home’s day is read in milliseconds', async () => {
    const { fromS, toS } = localDay(zone, '2009-05-20');
    const name = homes.names[100] ?? '';
    await store.ask(meterIntervals, { meter: name, fromS, toS });
    const startMs = performance.now();
    for (let time = 0; time < 10; time += 1) await store.ask(meterIntervals, { meter: name, fromS, toS });
    const eachMs = (performance.now() - startMs) / 10;
    expect(eachMs).toBeLessThan(250);
  });

  test('the band of an aggregate holds the truth in about 80 of 100, with what is expected of silent homes by their like days', async () => {
    const random = seeded(311);
    let inside = 0;
    let runs = 0;
    const errors: number[] = [];
    // Of three weeks, every 29th hour: all hours of the day and days of the week.
    for (let back = 24 * 21; back > 0; back -= 29) {
      const hour = homes.hours.at(-back);
      if (hour === undefined) continue;
      const found = await store.ask(expectedPowers, { meters: homes.names, atS: hour.startS + 1_800 });
      const expected = new Map(found.map(({ meter, powerW }) => [meter, powerW]));
      for (const silentShare of [0.05, 0.2, 0.5]) {
        const meters = homes.names.flatMap((name, index) => {
          const truthW = hour.importWh[index];
          const expectedW = expected.get(name);
          return truthW === undefined || expectedW === undefined
            ? []
            : [{ expectedW, truthW, isSilent: random() < silentShare }];
        });
        const figure = aggregateFigure(
          meters.map(({ expectedW, truthW, isSilent }) =>
            isSilent ? { expectedW } : { expectedW, measuredW: truthW },
          ),
        );
        const truth = meters.reduce((sum, { truthW }) => sum + truthW, 0);
        if (figure === undefined) continue;
        runs += 1;
        errors.push(Math.abs(figure.activePowerW - truth) / truth);
        if (figure.lowW <= truth && truth <= figure.highW) inside += 1;
      }
    }
    console.log(
      `in the band ${inside} of ${runs}; mean error ${((100 * errors.reduce((sum, each) => sum + each, 0)) / runs).toFixed(2)} %`,
    );
    expect(runs).toBeGreaterThan(45);
    expect(inside / runs).toBeGreaterThan(0.7);
    expect(inside / runs).toBeLessThan(0.97);
  });

  test('estimates of half a day come closer than the day before does, and their sum closer', async () => {
    const toS = (homes.hours.at(-1)?.startS ?? 0) + hourS;
    const made = await store.ask(estimateIntervals, { fromS: toS - 30 * 86_400, toS });
    expect(made.likeDay).toBe(hidden.size);
    const before = new Map(rows.map(({ meter, startS, importWh }) => [`${meter} ${startS + 86_400}`, importWh]));
    const error = { estimate: 0, dayBefore: 0, sum: 0, estimated: 0 };
    for (let meter = 2; meter <= homes.names.length; meter += 3) {
      const read =
        (await store.ask(meterIntervals, { meter: homes.names[meter - 1] ?? '', fromS: toS - 30 * 86_400, toS })) ?? [];
      for (const { startS, importWh = 0, source, flags } of read) {
        const truth = hidden.get(`${meter} ${startS}`);
        if (truth === undefined) continue;
        expect([source, marksOf(flags).method]).toEqual(['estimate', 'like-day']);
        error.estimate += Math.abs(importWh - truth);
        error.dayBefore += Math.abs((before.get(`${meter} ${startS}`) ?? 0) - truth);
        error.sum += truth;
        error.estimated += importWh;
      }
    }
    const share = (value: number): number => value / error.sum;
    console.log(
      `mean error of an hour: ${(100 * share(error.estimate)).toFixed(1)} %, the day before ${(100 * share(error.dayBefore)).toFixed(1)} %; of the sum ${(100 * share(error.estimated - error.sum)).toFixed(1)} %`,
    );
    expect(share(error.estimate)).toBeLessThan(share(error.dayBefore) * 0.95);
    expect(Math.abs(share(error.estimated - error.sum))).toBeLessThan(0.1);
  }, 120_000);
});

/** A linear congruential generator: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}
