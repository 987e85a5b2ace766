import { aggregateFigure } from './aggregate-estimate.ts';
import type { AggregateFigure } from './aggregate-estimate.ts';
import type { ReadAnswer, ReadExchange } from './read-exchange.ts';
import { splitDeviceKey } from '../device-key.ts';

export type ReadPlace = {
  readonly kind: 'circuit' | 'segment' | 'transformer' | 'switch';
  readonly id: string;
};

/** A customer of the place. Without a device there is no meter to ask: estimated from history alone. */
export type PlaceMeter = { readonly name: string; readonly deviceKey?: string | undefined };
export type MetersOfPlace = {
  readonly title: string;
  readonly meters: readonly PlaceMeter[];
  /** Between phases, and how many, where amperes are wanted. */
  readonly supply?: { readonly nominalVoltageV: number; readonly phases: 1 | 3 } | undefined;
};

/** How it stands with one meter. `away`: its gateway is not on line, so that it was not asked. */
export type MeterState = 'asked' | 'answered' | 'failed' | 'silent' | 'away' | 'no-meter';

export type OnDemandRead = {
  readonly id: string;
  readonly place: ReadPlace;
  readonly title: string;
  readonly who: string;
  readonly startedAtMs: number;
  readonly state: 'running' | 'done';
  /** None before the first answer, unless history tells all. */
  readonly figure?: AggregateFigure;
  readonly currentA?: number;
  readonly counts: Readonly<Record<MeterState, number>>;
  /** After the start. */
  readonly firstFigureMs?: number;
  readonly doneMs?: number;
};

type Meter = {
  readonly name: string;
  readonly place: { readonly gatewayId: string; readonly deviceId: string } | undefined;
  expectedW?: number;
  measuredW?: number;
  apparentVa?: number;
  state: MeterState;
  why?: string;
};

type Running = {
  readonly id: string;
  readonly place: ReadPlace;
  readonly who: string;
  readonly of: MetersOfPlace;
  readonly startedAtMs: number;
  readonly beganMs: number;
  readonly meters: readonly Meter[];
  readonly byKey: ReadonlyMap<string, Meter>;
  /** Gateways still to be asked in this round. */
  queue: string[];
  rounds: number;
  /** When anything came last, or was asked last, after the beginning. */
  lastMs: number;
  readonly requests: Set<string>;
  firstFigureMs?: number;
  doneMs?: number;
};

/** Asked again where no answer came, after so long; then those that are silent are estimated. */
const roundsMs = [0, 6_000, 16_000] as const;
const endMs = 40_000;
/** After the last round, nobody else is waited for when nothing came for so long. */
const quietMs = 8_000;
/** So many gateways are asked at each tick, for the sake of the broker and of who else speaks through it. */
const gatewaysPerTick = 400;
const answerWithinMs = 20_000;
/** One more is refused while so many run. */
const maxRunning = 8;
const maxKept = 100;
const devicesPerRequest = 256;

export type OnDemandParts = {
  exchange: Pick<ReadExchange, 'ask' | 'end'>;
  metersOf: (place: ReadPlace, atMs: number) => MetersOfPlace | undefined;
  online: (gatewayId: string) => boolean;
  /** What each meter is expected to take now, by its name, from its history. */
  expected: (names: readonly string[], atMs: number) => Promise<ReadonlyMap<string, number>>;
  now: () => number;
  monotonicMs: () => number;
  newId: () => string;
};

/**
 * What a part of the network takes now: its meters are asked at once, the figure grows with every answer, and what silent meters take is
 * estimated, with a band. Reads are kept in memory; they command nothing.
 */
export class OnDemandReads {
  readonly #parts: OnDemandParts;
  readonly #reads = new Map<string, Running>();

  constructor(parts: OnDemandParts) {
    this.#parts = parts;
  }

  start(
    place: ReadPlace,
    who: string,
  ): { ok: true; value: OnDemandRead } | { ok: false; reason: 'not-found' | 'busy'; say: string } {
    const { metersOf, monotonicMs, newId, now } = this.#parts;
    const startedAtMs = now();
    const of = metersOf(place, startedAtMs);
    if (of === undefined)
      return { ok: false, reason: 'not-found', say: `The network has no ${place.kind} ${place.id.slice(0, 130)}.` };
    const same = [...this.#reads.values()].find(
      (each) => each.doneMs === undefined && each.place.kind === place.kind && each.place.id === place.id,
    );
    // Two operators who ask the same get the same read: it would only be slower twice.
    if (same !== undefined) return { ok: true, value: view(same) };
    const running = [...this.#reads.values()].filter(({ doneMs }) => doneMs === undefined).length;
    if (running >= maxRunning)
      return { ok: false, reason: 'busy', say: `${running} reads are running: wait until one is done.` };
    const read = this.#begun({ id: newId(), place, who, of, startedAtMs, beganMs: monotonicMs() });
    this.#reads.set(read.id, read);
    this.#forget();
    void this.#expect(read);
    this.#send(read);
    return { ok: true, value: view(read) };
  }

  read(id: string): OnDemandRead | undefined {
    const read = this.#reads.get(id);
    return read && view(read);
  }

  /** Newest first. */
  all(): readonly OnDemandRead[] {
    return [...this.#reads.values()].toReversed().map(view);
  }

  /** Those that did not answer, with the reason. */
  silentOf(id: string, limit: number): readonly { name: string; state: MeterState; why?: string }[] {
    const meters = this.#reads.get(id)?.meters.filter(({ state }) => state !== 'answered') ?? [];
    return meters
      .slice(0, limit)
      .map(({ name, state, why }) => ({ name, state, ...(why === undefined ? {} : { why }) }));
  }

  /** Called several times a second. */
  tick(): void {
    for (const read of this.#reads.values())
      if (read.doneMs === undefined) this.#step(read, this.#parts.monotonicMs() - read.beganMs);
  }

  #step(read: Running, elapsedMs: number): void {
    const next = roundsMs[read.rounds];
    if (next !== undefined && elapsedMs >= next) {
      read.rounds += 1;
      read.lastMs = elapsedMs;
      read.queue = [
        ...new Set(read.meters.flatMap(({ state, place }) => (state === 'asked' && place ? place.gatewayId : []))),
      ];
    }
    this.#send(read);
    const waiting = read.meters.some(({ state }) => state === 'asked');
    if (read.meters.some(({ state }) => state === 'answered')) read.firstFigureMs ??= elapsedMs;
    const isQuiet = read.rounds === roundsMs.length && elapsedMs - read.lastMs > quietMs;
    if (waiting && !isQuiet && elapsedMs < endMs) return;
    for (const meter of read.meters) if (meter.state === 'asked') meter.state = 'silent';
    for (const request of read.requests) this.#parts.exchange.end(request);
    read.requests.clear();
    read.doneMs = elapsedMs;
    read.firstFigureMs ??= elapsedMs;
  }

  #begun(given: Pick<Running, 'id' | 'place' | 'who' | 'of' | 'startedAtMs' | 'beganMs'>): Running {
    const meters = given.of.meters.map(({ name, deviceKey }): Meter => {
      const place = deviceKey === undefined ? undefined : splitDeviceKey(deviceKey);
      const state = place === undefined ? 'no-meter' : this.#parts.online(place.gatewayId) ? 'asked' : 'away';
      return { name, place, state };
    });
    const byKey = new Map(
      meters.flatMap((meter) =>
        meter.place === undefined ? [] : [[`${meter.place.gatewayId}.${meter.place.deviceId}`, meter] as const],
      ),
    );
    const queue = [
      ...new Set(meters.flatMap(({ state, place }) => (state === 'asked' && place ? place.gatewayId : []))),
    ];
    return { ...given, meters, byKey, queue, rounds: 1, lastMs: 0, requests: new Set() };
  }

  /** History comes in when it is there; the figure does not wait for it. */
  async #expect(read: Running): Promise<void> {
    const names = read.meters.map(({ name }) => name);
    const expected = await this.#parts.expected(names, read.startedAtMs).catch(() => new Map<string, number>());
    for (const meter of read.meters) {
      const expectedW = expected.get(meter.name);
      if (expectedW !== undefined) meter.expectedW = expectedW;
    }
  }

  #send(read: Running): void {
    for (const gatewayId of read.queue.splice(0, gatewaysPerTick)) {
      const deviceIds = read.meters.flatMap(({ place, state }) =>
        place?.gatewayId === gatewayId && state === 'asked' ? [place.deviceId] : [],
      );
      for (let from = 0; from < deviceIds.length; from += devicesPerRequest) {
        const ask = { gatewayId, deviceIds: deviceIds.slice(from, from + devicesPerRequest) };
        const id = this.#parts.exchange.ask({ ...ask, wanted: 'present', forMs: answerWithinMs }, (answer) =>
          this.#take(read, gatewayId, answer),
        );
        if (id !== undefined) read.requests.add(id);
      }
    }
  }

  #take(read: Running, gatewayId: string, answer: ReadAnswer): void {
    const meter = read.byKey.get(`${gatewayId}.${answer.deviceId}`);
    if (answer.of !== 'reading' || meter === undefined || meter.state === 'answered' || read.doneMs !== undefined)
      return;
    read.lastMs = this.#parts.monotonicMs() - read.beganMs;
    const { activePowerW, voltageV, currentA, failed } = answer.reading;
    if (activePowerW === undefined) {
      meter.state = 'failed';
      meter.why = failed ?? 'It told no power.';
      return;
    }
    meter.state = 'answered';
    meter.measuredW = activePowerW;
    if (voltageV !== undefined && currentA !== undefined)
      meter.apparentVa = Math.max(Math.abs(activePowerW), voltageV * currentA);
  }

  #forget(): void {
    for (const [id, { doneMs }] of this.#reads) {
      if (this.#reads.size <= maxKept) return;
      if (doneMs !== undefined) this.#reads.delete(id);
    }
  }
}

function view(read: Running): OnDemandRead {
  const { id, place, of, who, startedAtMs, meters, firstFigureMs, doneMs } = read;
  const counts: Record<MeterState, number> = { asked: 0, answered: 0, failed: 0, silent: 0, away: 0, 'no-meter': 0 };
  for (const { state } of meters) counts[state] += 1;
  const figure = aggregateFigure(meters);
  const currentA = figure?.apparentPowerVa === undefined ? undefined : amperes(figure.apparentPowerVa, of.supply);
  return {
    id,
    place,
    title: of.title,
    who,
    startedAtMs,
    state: doneMs === undefined ? 'running' : 'done',
    ...(figure === undefined ? {} : { figure }),
    ...(currentA === undefined ? {} : { currentA }),
    counts,
    ...(firstFigureMs === undefined ? {} : { firstFigureMs }),
    ...(doneMs === undefined ? {} : { doneMs }),
  };
}

function amperes(apparentVa: number, supply: MetersOfPlace['supply']): number | undefined {
  if (supply === undefined) return undefined;
  return apparentVa / (supply.nominalVoltageV * (supply.phases === 3 ? Math.sqrt(3) : 1));
}
