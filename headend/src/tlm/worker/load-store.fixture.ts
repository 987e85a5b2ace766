import { onTestFinished } from 'vitest';
import type { IntervalRow } from '../../mdw/interval-row.ts';
import { columnsOf } from '../../mdw/interval-row.ts';
import { landIntervals, numberMeters, settleDays } from '../../mdw/requests.ts';
import type { MeterEntry } from '../../mdw/requests.ts';
import { temporaryFolder, testStore } from '../../mdw/worker/store.fixture.ts';
import type { TestStore, TestStoreOptions } from '../../mdw/worker/store.fixture.ts';
import { NetworkHistory } from '../../network/connectivity/network-history.ts';
import type { NetworkEvent } from '../../network/connectivity/network-history.ts';
import { changesBetween } from '../../network/model/network-change.ts';
import { emptyNetwork } from '../../network/model/network-draft.ts';
import type { Network } from '../../network/model/network.ts';
import { computeDay } from '../engine/compute-day.ts';
import { tellTopology } from '../requests.ts';
import { networkTopology } from '../topology/network-topology.ts';
import { tlmModule } from './tlm-module.ts';

export type NamedRow = Omit<IntervalRow, 'meter' | 'flags' | 'source' | 'readS' | 'lengthS'> &
  Partial<Pick<IntervalRow, 'flags' | 'source' | 'readS' | 'lengthS'>> & { readonly meter: string };

/** A row of `load_hour` by the names of its element. */
export type LoadRow = {
  readonly kind: string;
  readonly id: string;
  readonly hourS: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly activeW: number | null;
  readonly reactiveVar: number | null;
  readonly ampsA: number | null;
  readonly ampsB: number | null;
  readonly ampsC: number | null;
  readonly secondaryA: number | null;
  readonly measured: number;
  readonly estimated: number;
  readonly missing: number;
};

/** A warehouse with the load engine in the test's own process. */
export class LoadStore {
  readonly store: TestStore;
  #numbers = new Map<string, number>();

  constructor(store: TestStore) {
    this.store = store;
  }

  static async start(options: TestStoreOptions = {}): Promise<LoadStore> {
    const { folder, remove } = temporaryFolder();
    const store = await testStore({ folder, modules: [tlmModule], ...options });
    onTestFinished(async () => {
      await store.stop();
      remove();
    });
    return new LoadStore(store);
  }

  async tell(history: NetworkHistory, fromMs: number, toMs: number): Promise<void> {
    const update = networkTopology(history.intervals(fromMs, toMs));
    await this.number(update.meters.map((name) => ({ name })));
    await this.store.ask(tellTopology, update);
  }

  async number(meters: readonly MeterEntry[]): Promise<void> {
    const numbers = await this.store.ask(numberMeters, meters);
    for (const [index, { name }] of meters.entries()) this.#numbers.set(name, numbers[index] ?? 0);
  }

  async land(rows: readonly NamedRow[]): Promise<void> {
    const whole = rows.map(({ meter, ...row }) => ({
      lengthS: 3_600,
      flags: 0,
      source: 'meter' as const,
      readS: row.startS + 7_200,
      ...row,
      meter: this.#numbers.get(meter) ?? 0,
    }));
    for (let from = 0; from < whole.length; from += 50_000)
      await this.store.ask(landIntervals, columnsOf(whole.slice(from, from + 50_000)));
  }

  /** Into files, validated. */
  async settle(): Promise<void> {
    await this.store.ask(settleDays, {});
  }

  /** The hours of the UTC day in which an instant lies, until it. */
  async compute(untilS: number, threadedFrom?: number): Promise<void> {
    const dayS = untilS - (untilS % 86_400);
    await this.store.access.write(async (session) => {
      const loads = await computeDay(session, { dayS, untilS }, threadedFrom);
      await session.run(`DELETE FROM tlm.load WHERE day_s = ${dayS}`);
      await loads.write(session, []);
    });
  }

  async rows(where = 'true'): Promise<LoadRow[]> {
    return await this.store.access.read(
      async (session) =>
        await session.rows<LoadRow>(`SELECT kind, id, hour_s AS "hourS", import_wh AS "importWh", export_wh AS "exportWh",
          active_w AS "activeW", reactive_var AS "reactiveVar", amps_a::DOUBLE AS "ampsA", amps_b::DOUBLE AS "ampsB", amps_c::DOUBLE AS "ampsC",
          secondary_a::DOUBLE AS "secondaryA", measured::DOUBLE AS measured, estimated::DOUBLE AS estimated, missing::DOUBLE AS missing
          FROM tlm.load_hour JOIN tlm.element USING (element) WHERE ${where} ORDER BY hour_s, list_position(['transformer', 'switch', 'segment', 'circuit'], kind), id`),
    );
  }
}

export const drawn = (network: Network, atMs = 0): NetworkEvent => ({
  kind: 'edit',
  atMs,
  changes: changesBetween(emptyNetwork(), network),
});

export const switched = (atS: number, switchId: string, open: boolean): NetworkEvent => ({
  kind: 'switched',
  atMs: atS * 1_000,
  switchId,
  open,
});

export const historyOf = (...events: readonly NetworkEvent[]): NetworkHistory => new NetworkHistory(events);
