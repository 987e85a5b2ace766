import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Warehouse } from '../mdw/warehouse.ts';
import type { WarehouseRequest } from '../mdw/warehouse-request.ts';
import { numberMeters } from '../mdw/requests.ts';
import { LiveNetwork } from '../network/live-network.ts';
import { changesBetween } from '../network/model/network-change.ts';
import type { ElementChange } from '../network/model/network-change.ts';
import { emptyNetwork } from '../network/model/network-draft.ts';
import type { NetworkChangeRecord, NetworkStore, StoredNetworkChange } from '../store/network-store.ts';
import type { AuditEntry, NotRecorded } from '../store/store.ts';
import { aSwitch, line, networkOf, poleTransformer, source } from '../network/connectivity/sample-network.fixture.ts';
import { LoadEngine } from './load-engine.ts';
import { loadElements } from './results/load-results.ts';
import { LoadStore } from './worker/load-store.fixture.ts';

/** Two circuits with a tie, two transformers on each, eight homes and a shop. */
const places = ['x0', 'x1', 'x2', 'x3'] as const;
const town = networkOf(
  [
    ...[0, 1].flatMap((at) => [
      source(`s${at}`, `bus${at}`),
      aSwitch(`b${at}`, `bus${at}`, `a${at}`),
      line(`l${at}`, `a${at}`, `m${at}`),
      aSwitch(`w${at}`, `m${at}`, `n${at}`),
      poleTransformer(`t${2 * at}`, `m${at}`, 'A', `x${2 * at}`),
      poleTransformer(`t${2 * at + 1}`, `n${at}`, 'A', `x${2 * at + 1}`),
    ]),
    aSwitch('tie', 'n0', 'n1', true),
  ],
  (draft) => {
    for (const at of [0, 1])
      draft.put({ kind: 'Circuit', id: `c${at}`, name: `c${at}`, head: { equipment: `b${at}`, terminal: 1 } });
    draft.put({ kind: 'Customer', id: 'home', name: 'home', customerKind: 'residential' });
    draft.put({ kind: 'Customer', id: 'shop', name: 'shop', customerKind: 'commercial' });
    for (let at = 0; at < 8; at += 1) draft.put(homeAt(at, places[at % 4]!));
  },
);

function homeAt(home: number, node: string, customer = 'home') {
  return { kind: 'UsagePoint', id: `h${home}`, name: `h${home}`, node, phases: ['s1', 's2'], customer } as const;
}

const dayS = Date.parse('2026-03-07T00:00:00Z') / 1_000;
const days = 2;
const nowS = dayS + days * 86_400 + 3 * 3_600;

/** What a network store keeps, in memory. */
class KeptChanges implements NetworkStore {
  readonly #all: StoredNetworkChange[] = [];
  *changes(afterSeq = 0): Iterable<StoredNetworkChange> {
    yield* this.#all.slice(afterSeq);
  }
  append(change: NetworkChangeRecord): NotRecorded {
    this.#all.push({ ...change, seq: this.#all.length + 1 });
    return { ok: true, value: undefined };
  }
}

const recording = { recordedAtMs: nowS * 1_000, who: 'test', cause: 'test' };
const audit = {} as AuditEntry;

type Utility = { readonly store: LoadStore; readonly network: LiveNetwork; readonly engine: LoadEngine };

/** `before` a request is asked: what happens meanwhile, or why it fails. */
type Before = (request: string) => string | void;

function engineOf(store: LoadStore, network: LiveNetwork, before: Before = () => undefined): LoadEngine {
  const warehouse = {
    ask: async <Ask, Answer>(request: WarehouseRequest<Ask, Answer>, ask: Ask) => {
      const say = before(request.name);
      return say === undefined
        ? { ok: true as const, value: await store.store.ask(request, ask) }
        : { ok: false as const, say };
    },
    numberMeters: async (entries: Parameters<Warehouse['numberMeters']>[0]) => ({
      ok: true as const,
      value: await store.store.ask(numberMeters, entries),
    }),
  };
  const engine = new LoadEngine({
    settings: { hemisphere: 'northern', holidays: [], headMeters: [] },
    warehouse: warehouse as unknown as Warehouse,
    network,
    conditions: { set: () => undefined },
    now: () => nowS * 1_000,
  });
  engine.start();
  return engine;
}

async function utility(before?: Before): Promise<Utility> {
  const store = await LoadStore.start({ nowMs: () => nowS * 1_000 });
  const network = new LiveNetwork(new KeptChanges());
  const engine = engineOf(store, network, before);
  network.recordEdit({ changes: changesBetween(emptyNetwork(), town), atMs: 0 }, recording, audit);
  await store.number(Array.from({ length: 8 }, (_, home) => ({ name: `h${home}` })));
  await engine.run();
  return { store, network, engine };
}

type Step =
  | { readonly kind: 'switched'; readonly atS: number; readonly id: string; readonly open: boolean }
  | { readonly kind: 'edited'; readonly atS: number; readonly changes: readonly ElementChange[] }
  | {
      readonly kind: 'landed';
      readonly home: number;
      readonly hour: number;
      readonly hours: number;
      readonly wh: number;
    };

function take({ network, store }: Utility, step: Step, index: number): Promise<void> | undefined {
  if (step.kind === 'landed')
    return store.land(
      Array.from({ length: Math.min(step.hours, days * 24 - step.hour) }, (_, after) => ({
        meter: `h${step.home}`,
        startS: dayS + (step.hour + after) * 3_600,
        importWh: step.wh + after * 17,
        exportWh: 0,
        readS: nowS + index,
      })),
    );
  if (step.kind === 'switched')
    network.recordOperation({ ...step, kind: 'switched', atMs: step.atS * 1_000, switchId: step.id }, recording, audit);
  else network.recordEdit({ changes: step.changes, atMs: step.atS * 1_000 }, recording, audit);
  return undefined;
}

/** By names: numbers follow the order in which elements were heard of. */
async function results({ store }: LoadStore): Promise<Record<string, unknown>> {
  const kept = await store.access.read(async (session) => {
    const tables = ['load', 'load_part', 'peak', 'ageing'].map(async (table) => {
      const rows = await session.connection.runAndReadAll(
        `SELECT kind, id, t.* EXCLUDE (element) FROM tlm.${table} t JOIN tlm.element e USING (element) ORDER BY ALL`,
      );
      return [table, rows.getRowObjectsJson()] as const;
    });
    return Object.fromEntries(await Promise.all(tables));
  });
  // By ratings, which are those of their time.
  const { elements } = await store.ask(loadElements, { kind: 'transformer', sort: 'title', limit: 10 });
  return { ...kept, elements: elements.map(({ id, ratedVa, utilisation }) => ({ id, ratedVa, utilisation })) };
}

function exchanged(normalPowerVa: number, primaryV: number) {
  const { ends, ...pole } = poleTransformer('t1', 'n0', 'A', 'x1');
  const made = ends.map((end, at) => (at === 0 ? { ...end, ratedVoltageV: primaryV } : end));
  return { ...pole, ends: made, normalPowerVa };
}

const instant = fc.integer({ min: dayS - 3_600, max: nowS - 1 });
const put = (element: Extract<ElementChange, { put: unknown }>['put']): ElementChange => ({ put: element });
const edit: fc.Arbitrary<readonly ElementChange[]> = fc.oneof(
  // A new version of the map: customers hang elsewhere.
  fc
    .array(fc.tuple(fc.nat(7), fc.constantFrom(...places), fc.constantFrom('home', 'shop')), {
      minLength: 1,
      maxLength: 3,
    })
    .map((moves) => moves.map(([home, node, customer]) => put(homeAt(home, node, customer)))),
  fc.nat(7).map((home): ElementChange[] => [{ remove: { group: 'usagePoints', id: `h${home}` } }]),
  fc
    .record({ normalPowerVa: fc.constantFrom(25_000, 50_000), primaryV: fc.constantFrom(7_200, 2_400) })
    .map(({ normalPowerVa, primaryV }) => [put(exchanged(normalPowerVa, primaryV))]),
  fc.tuple(fc.constantFrom(...places), fc.integer({ min: 500, max: 5_000 })).map(([node, activePowerW]) => [
    put({
      kind: 'EnergyConsumer',
      id: `load-${node}`,
      name: `load-${node}`,
      terminals: [{ node, phases: ['s1', 's2'] }],
      activePowerW,
      reactivePowerVar: 0,
    } as never),
  ]),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('switched' as const),
    atS: instant,
    id: fc.constantFrom('tie', 'w0', 'w1', 'b1'),
    open: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('edited' as const), atS: instant, changes: edit }),
  fc.record({
    kind: fc.constant('landed' as const),
    home: fc.nat(7),
    hour: fc.nat(days * 24 - 1),
    hours: fc.integer({ min: 1, max: 40 }),
    wh: fc.nat(5_000),
  }),
);

test('whatever is imported, switched and landed while loads are computed, the results are those of all at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step, next: fc.constantFrom('at once', 'soon', 'when done') }), {
        minLength: 3,
        maxLength: 9,
      }),
      async (steps) => {
        const busy = await utility();
        for (const [index, { step: each, next }] of steps.entries()) {
          await take(busy, each, index);
          if (next === 'when done') await busy.engine.run();
          if (next === 'soon') await new Promise((done) => setTimeout(done, 5));
        }
        await busy.engine.run();
        busy.engine.stop();
        expect(busy.engine.failure).toBeUndefined();

        const anew = await utility();
        anew.engine.stop();
        for (const [index, { step: each }] of steps.entries()) await take(anew, each, index);
        await anew.engine.run();
        expect(anew.engine.failure).toBeUndefined();
        expect(await results(busy.store)).toEqual(await results(anew.store));
      },
    ),
    { numRuns: 4, seed: 20_260_331, endOnFailure: true },
  );
}, 300_000);

const hours = (home: number) =>
  Array.from({ length: days * 24 }, (_, hour) => ({
    meter: `h${home}`,
    startS: dayS + hour * 3_600,
    importWh: 1_000 + home,
    exportWh: 0,
  }));
const operated = ({ network }: Pick<Utility, 'network'>, hour: number, id: string): void =>
  void network.recordOperation(
    { kind: 'switched', atMs: (dayS + hour * 3_600) * 1_000, switchId: id, open: true },
    recording,
    audit,
  );

/** What it computed, and what one computes that was told all of it at once. */
async function computed({ store, engine }: Utility, ...operations: readonly (readonly [number, string])[]) {
  await engine.run();
  engine.stop();
  expect(engine.failure).toBeUndefined();
  const anew = await utility();
  anew.engine.stop();
  await anew.store.land([0, 1, 2, 3].flatMap(hours));
  for (const [hour, id] of operations) operated(anew, hour, id);
  await anew.engine.run();
  return { own: await results(store), anew: await results(anew.store) };
}

test('what was switched while nobody computed is computed, also where more is switched before the first run', async () => {
  const { store, network, engine: before } = await utility();
  await store.land([0, 1, 2, 3].flatMap(hours));
  await before.run();
  before.stop();
  operated({ network }, 10, 'w0');
  const engine = engineOf(store, network);
  operated({ network }, 40, 'w1');
  const { own, anew } = await computed({ store, network, engine }, [10, 'w0'], [40, 'w1']);
  expect(own).toEqual(anew);
});

test('what lost its supply belongs to the circuit that it had last', async () => {
  const { store, network, engine } = await utility();
  operated({ network }, 10, 'w0');
  await engine.run();
  engine.stop();
  const { elements } = await store.store.ask(loadElements, { kind: 'transformer', sort: 'title', limit: 10 });
  expect(elements.map(({ circuit }) => circuit)).toEqual(['c0', 'c0', 'c1', 'c1']);
});

test('what is switched while the network is told is computed, also where the telling fails', async () => {
  let told = 0;
  const busy: Utility = await utility((request) => {
    if (request !== 'tlm.topology') return undefined;
    told += 1;
    if (told === 2) operated(busy, 10, 'w0');
    if (told === 3) operated(busy, 44, 'w1');
    return told === 3 ? 'the disk is full' : undefined;
  });
  await busy.store.land([0, 1, 2, 3].flatMap(hours));
  operated(busy, 40, 'b1');
  await busy.engine.run();
  expect(told).toBeGreaterThan(2);
  const { own, anew } = await computed(busy, [10, 'w0'], [44, 'w1'], [40, 'b1']);
  expect(own).toEqual(anew);
});

test('a database that has begun anew is told the network again', async () => {
  const begun = await utility();
  await begun.store.land([0, 1, 2, 3].flatMap(hours));
  operated(begun, 10, 'w0');
  await begun.engine.run();
  await begun.store.store.access.write(async (session) => {
    const tables = await session.rows<{ name: string }>(
      `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'tlm'`,
    );
    for (const { name } of tables) await session.run(`DELETE FROM tlm.${name}`);
    await session.run('INSERT INTO changed_day SELECT day, NULL, 0 FROM interval_day');
  });
  const { own, anew } = await computed(begun, [10, 'w0']);
  expect(own).toEqual(anew);
});
