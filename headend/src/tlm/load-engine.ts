import type { MeterEntry } from '../mdw/requests.ts';
import type { LiveNetwork } from '../network/live-network.ts';
import type { Warehouse } from '../mdw/warehouse.ts';
import type { Network } from '../network/model/network.ts';
import type { Conditions } from '../store/conditions.ts';
import type { LoadCalendar } from './results/load-calendar.ts';
import { runTransformerAgeing } from './ageing/ageing-results.ts';
import type { AgeingSettings } from './ageing/ageing-results.ts';
import type { HeadMeter } from './clues/clue-results.ts';
import { loadStatus, noteNetworkRevision } from './results/load-results.ts';
import type { LoadStatus } from './results/load-results.ts';
import { runLoadEngine, tellTopology } from './requests.ts';
import { meterName, networkTopology } from './topology/network-topology.ts';

/** Single hours are kept so long; days and peaks stay. */
export const keepLoadDays = 1_130;
/** After a run that failed, by a disk that was full, for instance. */
const failedMs = 30_000;
const everyMs = 600_000;
const firstMs = 15_000;
/** A run over a year of a large utility takes its time. */
const runWithinMs = 4 * 3_600_000;
/** N1: computed at most a day ago. What is known ends with a local day, and the next is read by the morning after. */
const oldestRunMs = 24 * 3_600_000;
const oldestMs = 30 * 3_600_000;

type Parts = {
  settings: LoadCalendar & AgeingSettings & { readonly headMeters: readonly HeadMeter[] };
  warehouse: Warehouse;
  network: LiveNetwork;
  conditions: Pick<Conditions, 'set'>;
  now: () => number;
};

/** Keeps the loads of the network up to date: tells the engine how the network was switched, and has it compute what changed. */
export class LoadEngine {
  readonly #parts: Parts;
  #status: LoadStatus | undefined;
  #failure: string | undefined;
  #run: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  /** What the engine was not told yet. */
  #changedFromMs = Number.POSITIVE_INFINITY;
  /** Of changes after this revision the listener hears. */
  #listensFrom = Number.POSITIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get calendar(): LoadCalendar {
    return this.#parts.settings;
  }

  get headMeters(): readonly HeadMeter[] {
    return this.#parts.settings.headMeters;
  }

  /** Why the last run failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Soon, every ten minutes, and whenever the network changes. */
  start(): void {
    this.#listensFrom = this.#parts.network.revision;
    this.#parts.network.onChange((fromMs) => {
      this.#changedFromMs = Math.min(this.#changedFromMs, fromMs);
      if (this.#timer !== undefined) void this.run();
    });
    this.#runIn(firstMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Resolves when what was known at the call has been computed, or could not be. */
  async run(): Promise<void> {
    if (this.#run !== undefined) this.#again = true;
    this.#run ??= this.#untilDone().finally(() => (this.#run = undefined));
    await this.#run;
  }

  #runIn(ms: number): void {
    this.#timer = setTimeout(() => {
      void this.run().then(
        () => this.#timer !== undefined && this.#runIn(this.#failure === undefined ? everyMs : failedMs),
      );
    }, ms).unref();
  }

  async #untilDone(): Promise<void> {
    do {
      this.#again = false;
      await this.#once();
    } while (this.#again);
  }

  async #once(): Promise<void> {
    const { warehouse, conditions, settings, now } = this.#parts;
    try {
      await this.#tellNetwork();
      await answered(warehouse.ask(runLoadEngine, { keepDays: keepLoadDays }, { withinMs: runWithinMs }));
      await answered(warehouse.ask(runTransformerAgeing, { ambientC: settings.ambientC }, { withinMs: runWithinMs }));
      this.#status = await answered(warehouse.ask(loadStatus, {}));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    const failed =
      this.#failure === undefined ? undefined : `Loads of the network cannot be computed: ${this.#failure}`;
    conditions.set('load-history', failed ?? staleSay(this.#status, now()));
  }

  async #tellNetwork(): Promise<void> {
    const { warehouse, network, now } = this.#parts;
    // Asked each time: a database that was damaged has begun anew meanwhile.
    const { networkRevision: told } = await answered(warehouse.ask(loadStatus, {}));
    const { revision, history } = network;
    if (revision === 0 || told === revision) return;
    // Of a network that changed while nobody listened, all of it is told.
    const isFollowed = told !== undefined && told >= this.#listensFrom;
    const fromMs = isFollowed ? this.#changedFromMs : (history.events[0]?.atMs ?? 0);
    // What changes from here on is told by the next run.
    this.#changedFromMs = Number.POSITIVE_INFINITY;
    try {
      const topology = networkTopology(history.intervals(fromMs, Math.max(now(), fromMs + 1)));
      await answered(warehouse.numberMeters(metersOf(network.at(now()).network, topology.meters)));
      await answered(warehouse.ask(tellTopology, topology, { withinMs: runWithinMs }));
      await answered(warehouse.ask(noteNetworkRevision, { revision }));
    } catch (error) {
      this.#changedFromMs = Math.min(this.#changedFromMs, fromMs);
      throw error;
    }
  }
}

/** Every service point is a meter of the warehouse, with the kind of its customer: who is not read is filled in by their like. */
function metersOf({ usagePoints, customers }: Network, names: readonly string[]): readonly MeterEntry[] {
  const kinds = new Map(
    [...usagePoints.values()].map((point) => [meterName(point), customers.get(point.customer ?? '')?.customerKind]),
  );
  return names.map((name) => {
    const customerClass = kinds.get(name);
    return { name, ...(customerClass === undefined ? {} : { customerClass }) };
  });
}

async function answered<T>(answer: Promise<{ ok: true; value: T } | { ok: false; say: string }>): Promise<T> {
  const outcome = await answer;
  if (!outcome.ok) throw new Error(outcome.say);
  return outcome.value;
}

/** Where nothing was ever known, nothing is late. */
function staleSay(status: LoadStatus | undefined, nowMs: number): string | undefined {
  if (status?.knownUntilS === undefined) return undefined;
  const isRun = status.runS !== undefined && nowMs - status.runS * 1_000 <= oldestRunMs;
  if (isRun && nowMs - status.knownUntilS * 1_000 <= oldestMs) return undefined;
  const hours = Math.floor((nowMs - status.knownUntilS * 1_000) / 3_600_000);
  return `Loads of the network are known until ${new Date(status.knownUntilS * 1_000).toISOString()} only, ${hours} h ago: look at the night's read.`;
}
