import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editIntervals, replacedIntervals, takeBackEdit } from '../edit-requests.ts';
import { columnsOf, intervalSources } from '../interval-row.ts';
import type { IntervalRow, IntervalSource } from '../interval-row.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import type { MeterInterval } from '../requests.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';
import type { TestStore } from './store.fixture.ts';

/** What the warehouse shall do, said in the plainest way: all rows of a key, of which the best stands. */
const meters = ['a', 'b', 'c'] as const;
const day0S = Date.parse('2026-03-07T22:00:00Z') / 1_000;
const hours = 6;
type Row = IntervalRow & { readonly edit?: number };
const keyOf = ({ meter, startS }: IntervalRow): string => `${meter} ${startS}`;

const rank = ({ source, importWh, exportWh }: Row): number => {
  if (source === 'edited') return 3;
  if (source === 'profile' || source === 'estimate') return 1;
  return importWh === undefined && exportWh === undefined ? 0 : 2;
};
const merit = (row: Row): readonly number[] => [
  rank(row),
  row.readS,
  row.importWh ?? -Infinity,
  row.exportWh ?? -Infinity,
  row.reactiveVarh ?? -Infinity,
  row.voltageV ?? -Infinity,
  row.flags,
  row.lengthS,
  intervalSources.indexOf(row.source),
];
const compare = (one: Row, other: Row): number => {
  const others = merit(other);
  const place = merit(one).findIndex((each, index) => each !== others[index]);
  return place === -1 ? 0 : (others[place] ?? 0) > (merit(one)[place] ?? 0) ? 1 : -1;
};
const told = (row: Omit<IntervalRow, 'meter'>): MeterInterval => {
  const { startS, lengthS, importWh, exportWh, reactiveVarh, voltageV, flags, source, readS } = row;
  // Marks of validation are no part of what was told.
  const values = { startS, lengthS, importWh, exportWh, reactiveVarh, voltageV, flags: flags % 2 ** 16, source, readS };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as MeterInterval;
};

const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined, freq: 4 });
const anyRow: fc.Arbitrary<IntervalRow> = fc.record({
  meter: fc.integer({ min: 1, max: meters.length }),
  startS: fc.integer({ min: 0, max: hours - 1 }).map((hour) => day0S + hour * 3_600),
  lengthS: fc.constantFrom(3_600, 1_800),
  importWh: maybe(fc.constantFrom(0, 100, 200, 2_147_483_647)),
  exportWh: maybe(fc.constantFrom(0, 50)),
  reactiveVarh: maybe(fc.constantFrom(-10, 10)),
  voltageV: maybe(fc.constantFrom(0, 239.7, 6_553.4)),
  flags: fc.constantFrom(0, 1, 12),
  source: fc.constantFrom<IntervalSource>('meter', 'file', 'profile', 'estimate'),
  readS: fc.constantFrom(1_000, 2_000, 3_000),
});
type Step =
  | { readonly do: 'land'; readonly rows: readonly IntervalRow[] }
  | { readonly do: 'edit'; readonly meter: number; readonly hour: number; readonly importWh: number | null }
  | { readonly do: 'take-back'; readonly which: number }
  | { readonly do: 'settle' | 'restart' | 'look' };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('land' as const), rows: fc.array(anyRow, { minLength: 1, maxLength: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      meter: fc.integer({ min: 1, max: meters.length }),
      hour: fc.integer({ min: 0, max: hours - 1 }),
      importWh: fc.constantFrom(7, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take-back' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'restart' as const, 'look' as const) }) },
);

class Model {
  rows: Row[] = [];
  edits: number[] = [];

  standing(): Row[] {
    const best = new Map<string, Row>();
    for (const row of this.rows) {
      const other = best.get(keyOf(row));
      if (other === undefined || compare(row, other) < 0) best.set(keyOf(row), row);
    }
    return [...best.values()].toSorted((one, other) => one.startS - other.startS);
  }

  /** Of what was landed, each once, without the best of each key. */
  replaced(): Row[] {
    const landed = new Model();
    landed.rows = this.rows.filter(({ edit }) => edit === undefined);
    const best = new Map(landed.standing().map((row) => [keyOf(row), row]));
    const seen = new Map<string, Row>();
    for (const row of landed.rows)
      if (compare(row, best.get(keyOf(row)) ?? row) !== 0) seen.set(`${keyOf(row)} ${merit(row).join()}`, row);
    return [...seen.values()];
  }
}

async function take(store: TestStore, model: Model, step: Step): Promise<void> {
  if (step.do === 'land') {
    await store.ask(landIntervals, columnsOf(step.rows));
    model.rows.push(...step.rows);
  } else if (step.do === 'settle') {
    await store.ask(settleDays, {});
  } else if (step.do === 'edit') {
    const startS = day0S + step.hour * 3_600;
    const before = model.standing().find((row) => row.meter === step.meter && row.startS === startS);
    const { edit, after } = await store.ask(editIntervals, {
      meter: meters[step.meter - 1] ?? '',
      changes: [{ startS, importWh: step.importWh, ...(before === undefined ? { lengthS: 900 } : {}) }],
      who: 'anna',
      reason: 'read by hand',
      atMs: 1_500_000,
    });
    model.edits.push(edit);
    const [{ readS } = { readS: 0 }] = after;
    const values = { exportWh: before?.exportWh, reactiveVarh: before?.reactiveVarh, voltageV: before?.voltageV };
    const lengthS = before?.lengthS ?? 900;
    model.rows.push({
      meter: step.meter,
      startS,
      lengthS,
      importWh: step.importWh ?? undefined,
      ...values,
      flags: 0,
      source: 'edited',
      readS,
      edit,
    });
  } else if (step.do === 'take-back' && model.edits.length > 0) {
    const [edit = 0] = model.edits.splice(step.which % model.edits.length, 1);
    await store.ask(takeBackEdit, { edit, who: 'ben', reason: 'was right', atMs: 1_600_000 });
    model.rows = model.rows.filter((row) => row.edit !== edit);
  }
}

async function compareAll(store: TestStore, model: Model): Promise<void> {
  for (const [index, meter] of meters.entries()) {
    const asked = { meter, fromS: day0S, toS: day0S + hours * 3_600 };
    const standing = model.standing().filter((row) => row.meter === index + 1);
    expect((await store.ask(meterIntervals, asked))?.map(told)).toEqual(standing.map(told));
  }
}

async function compareReplaced(store: TestStore, model: Model): Promise<void> {
  const text = (row: Omit<IntervalRow, 'meter'>): string => JSON.stringify(told(row));
  for (const [index, meter] of meters.entries()) {
    const kept = await store.ask(replacedIntervals, { meter, fromS: day0S, toS: day0S + hours * 3_600 });
    const lost = model.replaced().filter((row) => row.meter === index + 1);
    expect(kept.map(text).toSorted()).toEqual(lost.map(text).toSorted());
  }
}

test('however rows come, in whatever order and how often, across midnight, restarts, edits and their taking back: the best stands, the others are kept', async () => {
  let looks = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 14 }), async (steps) => {
      const { folder, remove } = temporaryFolder();
      let store = await testStore({ folder });
      try {
        const model = new Model();
        await store.ask(
          numberMeters,
          meters.map((name) => ({ name })),
        );
        for (const step of steps) {
          if (step.do === 'restart') {
            await store.stop();
            store = await testStore({ folder });
          } else if (step.do === 'look') await compareAll(store, model);
          else await take(store, model, step);
        }
        await compareAll(store, model);
        await store.ask(settleDays, {});
        await compareAll(store, model);
        await compareReplaced(store, model);
        looks += 1;
      } finally {
        await store.stop();
        remove();
      }
    }),
    { numRuns: 25 },
  );
  expect(looks).toBeGreaterThan(0);
}, 120_000);
