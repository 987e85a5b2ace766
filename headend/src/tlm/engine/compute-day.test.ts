import { describe, expect, test } from 'vitest';
import type { NetworkEvent } from '../../network/connectivity/network-history.ts';
import {
  aSwitch,
  line,
  networkOf,
  poleTransformer,
  source,
} from '../../network/connectivity/sample-network.fixture.ts';
import { drawn, historyOf, LoadStore, switched } from '../worker/load-store.fixture.ts';
import type { LoadRow, NamedRow } from '../worker/load-store.fixture.ts';

/** s1 -b1- a -line- m -w- n -tie(open)- z -b2- s2; two homes behind t1 at m, one and a shop behind t2 at n. */
const town = networkOf(
  [
    source('s1', 'bus1'),
    source('s2', 'bus2'),
    aSwitch('b1', 'bus1', 'a'),
    aSwitch('b2', 'bus2', 'z'),
    line('l1', 'a', 'm'),
    aSwitch('w', 'm', 'n'),
    aSwitch('tie', 'n', 'z', true),
    poleTransformer('t1', 'm', 'A', 'x1'),
    poleTransformer('t2', 'n', 'B', 'x2'),
  ],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c1', name: 'c1', head: { equipment: 'b1', terminal: 1 } });
    draft.put({ kind: 'Circuit', id: 'c2', name: 'c2', head: { equipment: 'b2', terminal: 1 } });
    for (const [kind, ids] of Object.entries({ residential: ['h1', 'h2', 'h3'], commercial: ['shop'] } as const)) {
      draft.put({ kind: 'Customer', id: kind, name: kind, customerKind: kind as 'residential' });
      for (const id of ids) {
        const node = id === 'h3' || id === 'shop' ? 'x2' : 'x1';
        draft.put({ kind: 'UsagePoint', id, name: id, node, phases: ['s1', 's2'], customer: kind });
      }
    }
  },
);

const hour = 1_775_001_600;
const row = (meter: string, importWh: number, more: Partial<NamedRow> = {}): NamedRow => ({
  meter,
  startS: hour,
  importWh,
  exportWh: 0,
  reactiveVarh: 0,
  voltageV: 240,
  ...more,
});
const whole = [row('h1', 1_200), row('h2', 3_600), row('h3', 2_400), row('shop', 4_800)];

async function loaded(rows: readonly NamedRow[], ...operations: NetworkEvent[]): Promise<LoadStore> {
  const store = await LoadStore.start();
  await store.tell(historyOf(drawn(town), ...operations), 0, (hour + 172_800) * 1_000);
  await store.land(rows);
  await store.compute(hour + 3_600);
  return store;
}

const of = (rows: readonly LoadRow[], id: string, kind?: string): LoadRow | undefined =>
  rows.find((each) => each.id === id && (kind === undefined || each.kind === kind));

describe('a quiet hour', () => {
  test('everybody who carries somebody has their sum, with amperes at its own voltage', async () => {
    const rows = await (await loaded(whole)).rows();
    expect(rows.map(({ kind, id, activeW }) => `${kind} ${id} ${activeW}`)).toEqual([
      'transformer t1 4800',
      'transformer t2 7200',
      'switch b1 12000',
      'switch w 7200',
      'segment after:b1 4800',
      'segment after:w 7200',
      'circuit c1 12000',
    ]);
    expect(of(rows, 't1')).toEqual({
      kind: 'transformer',
      id: 't1',
      hourS: hour,
      importWh: 4_800,
      exportWh: 0,
      activeW: 4_800,
      reactiveVar: 0,
      ampsA: 0.667,
      ampsB: 0,
      ampsC: 0,
      secondaryA: 20,
      measured: 2,
      estimated: 0,
      missing: 0,
    });
    expect(of(rows, 'b1')).toMatchObject({ ampsA: 0.667, ampsB: 1, ampsC: 0, secondaryA: null, measured: 4 });
  });

  test('power factor and voltage make amperes: measured, or assumed where nobody measures', async () => {
    const measured = await (
      await loaded([row('h1', 3_000, { reactiveVarh: 4_000, voltageV: 228 }), row('h2', 0)])
    ).rows();
    // 5 kVA at 234 V on the mean.
    expect(of(measured, 't1')?.secondaryA).toBeCloseTo(5_000 / 234, 2);
    expect(of(measured, 't1')).toMatchObject({ activeW: 3_000, reactiveVar: 4_000 });
    const bare = { reactiveVarh: undefined, voltageV: undefined };
    const assumed = await (await loaded([row('h1', 1_900, bare), row('h2', 0, bare)])).rows();
    expect(of(assumed, 't1')?.secondaryA).toBeCloseTo(1_900 / 0.95 / 240, 2);
  });

  test('a meter may show one leg; what is far from any nominal voltage is not believed', async () => {
    const rows = async (voltageV: number) =>
      of(await (await loaded([row('h1', 4_800, { voltageV }), row('h2', 0, { voltageV })])).rows(), 't1')?.secondaryA;
    expect(await rows(114)).toBeCloseTo(4_800 / 228, 2);
    expect(await rows(600)).toBe(20);
  });

  test('export counts against import, and quarters of an hour are the hour', async () => {
    const quarters = [0, 900, 1_800, 2_700].map((after) =>
      row('h1', 300, { exportWh: 500, startS: hour + after, lengthS: 900 }),
    );
    const rows = await (await loaded([...quarters, row('h2', 200)])).rows();
    expect(of(rows, 't1')).toMatchObject({ importWh: 1_400, exportWh: 2_000, activeW: -600, measured: 2, missing: 0 });
    expect(of(rows, 't1')?.ampsA).toBeCloseTo(600 / 7_200, 3);
  });
});

test('a meter may count in multiples, and what cannot be is not known', async () => {
  const store = await LoadStore.start();
  await store.tell(historyOf(drawn(town)), 0, (hour + 7_200) * 1_000);
  await store.number([{ name: 'h1', multiplier: 40 }]);
  await store.land([...whole.slice(1), row('h1', 30, { reactiveVarh: 10 })]);
  await store.compute(hour + 3_600);
  expect(of(await store.rows(), 't1')).toMatchObject({ importWh: 4_800, reactiveVar: 400 });
  await store.land([row('h2', -500, { readS: hour + 8_000 })]);
  await store.settle();
  await store.compute(hour + 3_600);
  expect(of(await store.rows(), 't1')).toMatchObject({ importWh: 1_200, missing: 1 });
});

describe('who is missing', () => {
  test('is filled in by their like on the circuit, said so, and the raw sum is kept', async () => {
    const rows = await (await loaded([row('h2', 3_000), row('h3', 1_000), row('shop', 9_000)])).rows();
    expect(of(rows, 't1')).toMatchObject({ importWh: 3_000, activeW: 5_000, measured: 1, missing: 1 });
    expect(of(rows, 'c1')).toMatchObject({ importWh: 13_000, activeW: 15_000, measured: 3, missing: 1 });
    expect(of(rows, 't2')).toMatchObject({ activeW: 10_000, missing: 0 });
  });

  test('with nobody like them, nobody knows', async () => {
    const rows = await (await loaded([row('h1', 1_000), row('h2', 1_000), row('h3', 1_000)])).rows();
    expect(of(rows, 't2')).toMatchObject({ importWh: 1_000, activeW: null, ampsB: null, secondaryA: null, missing: 1 });
    expect(of(rows, 't1')).toMatchObject({ activeW: 2_000, missing: 0 });
    expect(of(rows, 'c1')).toMatchObject({ importWh: 3_000, activeW: null });
  });

  test('of a part of the hour, for the part', async () => {
    const rows = await (await loaded([...whole.slice(1), row('h1', 600, { lengthS: 900 })])).rows();
    // 2400 + 3600 + 600 Wh in 2.25 customer-hours; 0.75 of one is missing.
    expect(of(rows, 't1')).toMatchObject({ importWh: 4_200, activeW: 6_400, measured: 1.25, missing: 0.75 });
  });

  test('what the warehouse estimated is told apart, and an interval without energy tells nothing', async () => {
    const estimate = row('h1', 1_200, { source: 'estimate' });
    const nothing = { ...row('h3', 0), importWh: undefined, exportWh: undefined };
    const rows = await (await loaded([estimate, row('h2', 1_200), nothing, row('shop', 100)])).rows();
    expect(of(rows, 't1')).toMatchObject({ importWh: 2_400, measured: 1, estimated: 1, missing: 0 });
    expect(of(rows, 't2')).toMatchObject({ importWh: 100, activeW: 1_300, measured: 1, missing: 1 });
  });
});

describe('an hour with switching', () => {
  const moved = [switched(hour + 1_200, 'w', true), switched(hour + 1_200, 'tie', false)];

  test('is shared by time', async () => {
    const rows = await (await loaded(whole, ...moved)).rows();
    expect(rows.map(({ kind, id, activeW, measured }) => `${kind} ${id} ${activeW} ${measured}`)).toEqual([
      'transformer t1 4800 2',
      'transformer t2 7200 2',
      'switch b1 7200 2.667',
      'switch b2 4800 1.333',
      'switch tie 4800 1.333',
      'switch w 2400 0.667',
      'segment after:b1 4800 2',
      'segment after:w 7200 2',
      'circuit c1 7200 2.667',
      'circuit c2 4800 1.333',
    ]);
  });

  test('of quarters only the one that is cut is shared', async () => {
    const quarters = [1_000, 2_000, 3_000, 4_000].map((wh, index) =>
      row('h3', wh, { startS: hour + index * 900, lengthS: 900 }),
    );
    const rows = await (await loaded([...whole.slice(0, 2), row('shop', 0), ...quarters], ...moved)).rows();
    expect(of(rows, 'w')?.activeW).toBe(1_000 + 667);
    expect(of(rows, 'b2')?.activeW).toBe(1_333 + 7_000);
  });

  test('who is without supply counts nowhere while they are', async () => {
    const rows = await (await loaded(whole, switched(hour + 1_800, 'w', true))).rows();
    expect(of(rows, 't2')).toMatchObject({ importWh: 3_600, activeW: 3_600, measured: 1, missing: 0 });
    expect(of(rows, 'c1')).toMatchObject({ activeW: 8_400, measured: 3 });
  });
});

describe('another nominal voltage', () => {
  const { ends, ...pole } = poleTransformer('t1', 'm', 'A', 'x1');
  const lower = { ...pole, ends: ends.map((end, at) => (at === 0 ? { ...end, ratedVoltageV: 2_400 } : end)) };
  const later = whole.map((each) => ({ ...each, startS: hour + 3_600 }));

  test.each([
    { when: 'of another day', atS: hour + 86_400, amps: [0.667, 0.667] },
    { when: 'with the second hour', atS: hour + 3_600, amps: [0.667, 2] },
    { when: 'within the second hour', atS: hour + 5_000, amps: [0.667, 2] },
    { when: 'within the first hour', atS: hour + 1_200, amps: [2, 2] },
    { when: 'before', atS: hour - 1, amps: [2, 2] },
  ])('$when makes amperes of its hour', async ({ atS, amps }) => {
    const store = await loaded([...whole, ...later], { kind: 'edit', atMs: atS * 1_000, changes: [{ put: lower }] });
    for (const threadedFrom of [undefined, 1]) {
      await store.compute(hour + 7_200, threadedFrom);
      const rows = await store.rows(`kind = 'transformer' AND id = 't1'`);
      expect(rows.map(({ ampsA }) => ampsA)).toEqual(amps);
      expect(rows.map(({ secondaryA }) => secondaryA)).toEqual([20, 20]);
    }
  });
});
