import { expect, test } from 'vitest';
import { NetworkHistory } from '../network/connectivity/network-history.ts';
import type { NetworkView } from '../network/connectivity/network-view.ts';
import { aSwitch } from '../network/connectivity/sample-network.fixture.ts';
import { feederPath, feedersMissing } from '../network/feeders.fixture.ts';
import { NetworkDraft } from '../network/model/network-draft.ts';
import type { Network, UsagePoint } from '../network/model/network.ts';
import type { Phase } from '../network/model/phase.ts';
import { importOpenDss } from '../network/opendss/import-opendss.ts';
import { diskFiles } from '../network/opendss/script-files.ts';
import { households as allHouseholds, noHouseholds } from '../mdw/worker/households.fixture.ts';
import { runLoadEngine } from './requests.ts';
import { drawn, LoadStore, switched } from './worker/load-store.fixture.ts';

/** Real homes on the service points of the IEEE 123-node feeder, a tie between its ends, and an order by which a part of it changes sides at noon. */
const dataMissing = feedersMissing || noHouseholds;
const at = (text: string): number => Date.parse(text) / 1_000;
const openedS = at('2009-04-04T10:20:30Z');
const closedS = at('2009-04-04T10:25:00Z');
const backS = at('2009-04-04T15:40:00Z');

function feederOfHomes({ homes }: Households): Network {
  const { network } = importOpenDss(feederPath('ieee123/IEEE123Master.dss'), diskFiles);
  const draft = new NetworkDraft(network.header, network);
  const points = [...network.usagePoints.values()];
  for (const { id } of points) draft.remove('usagePoints', id);
  draft.put(aSwitch('tie', '151', '300', true));
  draft.put({ kind: 'Customer', id: 'home', name: 'home', customerKind: 'residential' });
  for (const [index, home] of homes.entries()) {
    const { node = '', phases = [] } = points[(index * 7) % points.length] ?? {};
    draft.put({ kind: 'UsagePoint', id: `SP-${home}`, name: home, node, phases, meter: home, customer: 'home' });
  }
  return draft.network();
}

const volts: Readonly<Record<string, readonly [number, number]>> = {
  A: [1, 0],
  B: [-0.5, -Math.sqrt(3) / 2],
  C: [-0.5, Math.sqrt(3) / 2],
};
const kvar = Math.tan(Math.acos(0.95));

/** Current phasors of the three phases that a home draws: conj(S / V), between phases or to ground. Another way than the engine's. */
function currents(wh: number, phases: readonly Phase[], phaseV: number): readonly (readonly [number, number])[] {
  const drawn: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  const add = (s: number, [re, im]: readonly [number, number], into: readonly [string, number][]): void => {
    const square = re * re + im * im;
    // conj((s + j s tan) / (re + j im))
    const i = [(s * (re + kvar * im)) / square, -(s * (kvar * re - im)) / square] as const;
    for (const [phase, sign] of into) {
      const to = drawn['ABC'.indexOf(phase)]!;
      to[0] += (sign * i[0]) / phaseV;
      to[1] += (sign * i[1]) / phaseV;
    }
  };
  const [p = 'A', q = 'B'] = phases;
  if (phases.length === 2) {
    const [one, other] = [volts[p]!, volts[q]!];
    add(
      wh,
      [one[0] - other[0], one[1] - other[1]],
      [
        [p, 1],
        [q, -1],
      ],
    );
  } else for (const each of phases) add(wh / phases.length, volts[each]!, [[each, 1]]);
  return drawn;
}

type Households = {
  readonly homes: readonly string[];
  readonly startS: readonly number[];
  /** By hour, then by home. */
  readonly wh: readonly (readonly number[])[];
};

/** Hours of 311 homes, in UTC, that begin in [from, to). */
function households(from: string, to: string): Households {
  const { names: homes, hours } = allHouseholds();
  const within = hours.filter(({ startS }) => startS >= at(from) && startS < at(to));
  return {
    homes,
    startS: within.map(({ startS }) => startS),
    wh: within.map(({ importWh }) => importWh.map((wh) => wh ?? 0)),
  };
}

type Drawn = { readonly wh: number; readonly customers: number; readonly i: readonly (readonly [number, number])[] };
type Expected = { wh: number; customers: number; i: [number, number][] };

/** Every element's hour from every home's, second by second of the hour where the network changes in it. */
function expected(history: NetworkHistory, { homes, startS, wh }: Households): Map<string, Expected> {
  const found = new Map<string, Expected>();
  for (const [hour, fromS] of startS.entries()) {
    for (const { fromMs, toMs, view } of history.intervals(fromS * 1_000, (fromS + 3_600) * 1_000)) {
      const share = (toMs - fromMs) / 3_600_000;
      const carried = switchesOf(view);
      for (const [index, home] of homes.entries()) {
        const point = view.network.usagePoints.get(`SP-${home}`)!;
        const feed = view.feedOf(point.id);
        if (feed === undefined || feed.energised === 'none') continue;
        const energy = (wh[hour]?.[index] ?? 0) * share;
        const i = currents(energy, point.phases, 4_160 / Math.sqrt(3));
        const elements = [`circuit ${feed.circuit}`, `segment ${feed.segment}`, ...(carried.get(point.id) ?? [])];
        for (const element of elements) count(found, `${element} ${fromS}`, { wh: energy, customers: share, i });
      }
    }
  }
  return found;
}

function count(found: Map<string, Expected>, key: string, more: Drawn): void {
  const sum = found.get(key) ?? { wh: 0, customers: 0, i: [pair(), pair(), pair()] };
  found.set(key, sum);
  sum.wh += more.wh;
  sum.customers += more.customers;
  for (const [phase, [re, im]] of more.i.entries()) {
    sum.i[phase]![0] += re;
    sum.i[phase]![1] += im;
  }
}

const pair = (): [number, number] => [0, 0];

const known = new WeakMap<NetworkView, Map<string, string[]>>();

/** Of each service point the switches that would take its supply if they opened. */
function switchesOf(view: NetworkView): Map<string, string[]> {
  const before = known.get(view);
  if (before !== undefined) return before;
  const carried = new Map<string, string[]>();
  for (const { kind, id } of view.network.equipment.values()) {
    if (kind !== 'Switch') continue;
    for (const point of view.downstreamOf(id)?.usagePoints ?? [])
      carried.set(point, [...(carried.get(point) ?? []), `switch ${id}`]);
  }
  known.set(view, carried);
  return carried;
}

async function computed(homes: Households, history: NetworkHistory, timeZone: string): Promise<LoadStore> {
  const store = await LoadStore.start({ nowMs: () => Date.parse('2009-05-31T00:00:00Z'), timeZone });
  await store.tell(history, 0, Date.parse('2009-06-01T00:00:00Z'));
  await store.land(
    homes.startS.flatMap((startS, hour) =>
      homes.homes.map((meter, index) => ({ meter, startS, importWh: homes.wh[hour]?.[index] ?? 0, exportWh: 0 })),
    ),
  );
  await store.settle();
  await store.store.ask(runLoadEngine, { keepDays: 10_000 });
  return store;
}

test.skipIf(dataMissing)(
  'hours of 311 real homes, a switching order at noon included, are those of another computation',
  async () => {
    const homes = households('2009-04-03T00:00:00Z', '2009-04-07T00:00:00Z');
    const history = new NetworkHistory([
      drawn(feederOfHomes(homes)),
      switched(openedS, 'Line.Sw5', true),
      switched(closedS, 'tie', false),
      switched(backS, 'tie', true),
      switched(backS, 'Line.Sw5', false),
    ]);
    const store = await computed(homes, history, 'Australia/Sydney');
    const wanted = expected(history, homes);
    const rows = await store.rows();
    expect(
      rows
        .filter(({ kind }) => kind !== 'transformer')
        .map(({ kind, id, hourS }) => `${kind} ${id} ${hourS}`)
        .toSorted(),
    ).toEqual([...wanted.keys()].toSorted());
    for (const row of rows) {
      if (row.kind === 'transformer') continue;
      const { wh, customers, i } = wanted.get(`${row.kind} ${row.id} ${row.hourS}`)!;
      const name = `${row.id} at ${row.hourS}`;
      expect(Math.abs((row.activeW ?? NaN) - wh), name).toBeLessThanOrEqual(0.51);
      expect(Math.abs(row.importWh - wh), name).toBeLessThanOrEqual(0.51);
      expect(Math.abs((row.reactiveVar ?? NaN) - wh * kvar), name).toBeLessThanOrEqual(0.51);
      expect(row.measured, name).toBeCloseTo(customers, 2);
      for (const [phase, amps] of [row.ampsA, row.ampsB, row.ampsC].entries())
        expect(Math.abs((amps ?? NaN) - Math.hypot(...i[phase]!)), `${name}, phase ${phase}`).toBeLessThanOrEqual(
          0.000_6,
        );
    }
    // Moved customers, and those who were without supply for four minutes and a half.
    const tie = rows.filter(({ id }) => id === 'tie');
    expect(tie.map(({ hourS }) => new Date(hourS * 1_000).toISOString().slice(11, 13))).toEqual([
      '10',
      '11',
      '12',
      '13',
      '14',
      '15',
    ]);
    const tenth = rows.filter(({ hourS }) => hourS === at('2009-04-04T10:00:00Z'));
    const sum = (id: string): number => tenth.find((row) => row.id === id)?.measured ?? 0;
    expect(sum('Line.Sw5') + sum('tie')).toBeCloseTo((sum('Line.Sw5') / 1_230) * (3_600 - 270), 1);
  },
  300_000,
);

test.skipIf(dataMissing).each([
  { zone: 'Europe/London', from: '2009-03-27T00:00:00Z', to: '2009-03-31T00:00:00Z', day: '2009-03-29', hours: 23 },
  { zone: 'Australia/Sydney', from: '2009-04-03T00:00:00Z', to: '2009-04-07T00:00:00Z', day: '2009-04-05', hours: 25 },
])(
  'in $zone $day has $hours hours, and days and peaks are those of plain SQL',
  async ({ zone, from, to, day, hours }) => {
    const homes = households(from, to);
    const network = feederOfHomes(homes);
    const history = new NetworkHistory([drawn(network)]);
    const store = await computed(homes, history, zone);
    const [own, other] = await store.store.access.read(async (session) => {
      await session.run('CREATE TEMP TABLE home (name VARCHAR, circuit VARCHAR, segment VARCHAR)');
      for (const point of network.usagePoints.values())
        await session.run('INSERT INTO home VALUES ($1, $2, $3)', circuitAndSegment(history.at(1_000), point));
      const local = homes.startS.map((startS) => `(${startS}, '${localDay(startS, zone)}'::DATE)`).join(', ');
      const relation = await session.intervals(homes.startS[0]!, homes.startS.at(-1)! + 1);
      const plain = ['circuit', 'segment'].map(
        (
          kind,
        ) => `SELECT '${kind}' AS kind, ${kind} AS id, start_s, day, sum(import_wh)::BIGINT AS wh, count(*) AS homes
          FROM ${relation} JOIN meter USING (meter) JOIN home USING (name) JOIN (VALUES ${local}) AS l(start_s, day) USING (start_s) GROUP BY ALL`,
      );
      const rows = await session.rows<Record<string, unknown>>(
        `SELECT kind, id, day::VARCHAR AS day, sum(wh)::DOUBLE AS wh, count(*)::INTEGER AS hours, max(wh)::INTEGER AS peak,
           min(start_s) FILTER (wh = top)::INTEGER AS at FROM (SELECT *, max(wh) OVER (PARTITION BY kind, id, day) AS top FROM (${plain.join(' UNION ALL ')}))
         GROUP BY ALL ORDER BY ALL`,
      );
      const engine = await session.rows<Record<string, unknown>>(
        `SELECT kind, id, day::VARCHAR AS day, import_wh::DOUBLE AS wh, (SELECT count(*)::INTEGER FROM (VALUES ${local}) AS l(start_s, day)
           WHERE l.day = load_day.day) AS hours, peak_w AS peak, peak_w_s::INTEGER AS at
         FROM tlm.load_day JOIN tlm.element USING (element) WHERE kind IN ('circuit', 'segment') ORDER BY ALL`,
      );
      return [engine, rows];
    });
    expect(own).toEqual(other);
    expect(own.find((row) => row['day'] === day)?.['hours']).toBe(hours);
    expect(new Set(own.map((row) => row['day'])).size).toBeGreaterThanOrEqual(4);
  },
  300_000,
);

function circuitAndSegment(view: NetworkView, { id, name }: UsagePoint): string[] {
  const { circuit = '', segment = '' } = view.feedOf(id) ?? {};
  return [name, circuit, segment];
}

const localDay = (startS: number, timeZone: string): string =>
  new Date(startS * 1_000).toLocaleDateString('sv-SE', { timeZone });
