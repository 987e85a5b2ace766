import { openBus } from '../../io/bus/bus.ts';
import type { BusLifecycle, BusSettings, BusStats, ReadBus } from '../../io/bus/bus.ts';
import type { Tapped } from '../../io/bus/tap.ts';
import { wireCost } from '../../io/wire-cost.ts';
import { busRates } from './bus-rates.ts';
import { pointViews, valuesOf } from './point-view.ts';
import type { PointValue } from './point-view.ts';
import { RoundTrips } from './round-trips.ts';
import type { Target } from './watch-targets.ts';
import type { DeviceView } from './watch-view.ts';
import { WatchedDevice } from './watched-device.ts';

export type SiteOptions = {
  /** How often counters and set-points are read. */
  readonly slowMs: number;
  /** Told of everything that passes a port, for a trace. */
  readonly tap?: (bus: BusSettings, tapped: Tapped) => void;
};

/** Some devices and the buses that they are on, opened for reading alone. */
export class WatchedSite {
  readonly #lines: readonly WatchedLine[];

  constructor(targets: readonly Target[], options: SiteOptions) {
    const names = [...new Set(targets.map(({ connection }) => connection.bus.name))];
    this.#lines = names.map(
      (name) =>
        new WatchedLine(
          targets.filter(({ connection }) => connection.bus.name === name),
          options,
        ),
    );
  }

  get devices(): readonly WatchedDevice[] {
    return this.#lines.flatMap(({ devices }) => devices);
  }

  /** Resolves after the first attempt at every port, with why those that did not open did not. */
  async start(): Promise<{ readonly closed: readonly string[]; readonly anyOpen: boolean }> {
    await Promise.all(this.#lines.map((line) => line.start()));
    const closed = this.#lines.filter(({ connected }) => !connected).map(({ say }) => say);
    return { closed, anyOpen: closed.length < this.#lines.length };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.stop()));
  }

  /** Looks at every device once; buses beside each other, devices of one bus in turn. */
  async look(signal: AbortSignal): Promise<readonly DeviceView[]> {
    return (await Promise.all(this.#lines.map((line) => line.look(signal)))).flat();
  }
}

/** One bus. A port that is lost is opened again by the bus itself, every two seconds at least. */
class WatchedLine {
  readonly devices: readonly WatchedDevice[];
  readonly #targets: readonly Target[];
  readonly #bus: ReadBus & BusLifecycle;
  readonly #roundTrips: RoundTrips;
  readonly #slowMs: number;
  #say = '';
  #before: { stats: BusStats; atMs: number } | undefined;
  readonly #values = new Map<string, ReadonlyMap<string, PointValue | undefined>>();

  /** `targets`: of one bus, one at least. */
  constructor(targets: readonly Target[], { slowMs, tap }: SiteOptions) {
    const settings = targets[0]!.connection.bus;
    const roundTrips = new RoundTrips(settings, tripsKept);
    const bus = openBus(
      { ...settings, readOnly: true, reconnect: { firstMs: 250, maxMs: 2_000 } },
      {
        nowMs: monotonicMs,
        tap: (tapped) => {
          roundTrips.take(tapped);
          tap?.(settings, tapped);
        },
        log: { info: () => undefined, warn: (_fields, say) => void (this.#say = say) },
      },
    );
    const deps = { reader: bus, wireCost: wireCost(settings), nowMs: monotonicMs, slowMs };
    this.devices = targets.map(({ id, connection }) => new WatchedDevice({ id, ...connection }, deps));
    this.#targets = targets;
    this.#bus = bus;
    this.#roundTrips = roundTrips;
    this.#slowMs = slowMs;
  }

  get connected(): boolean {
    return this.#bus.stats().connected;
  }

  /** What went wrong with the port lately. */
  get say(): string {
    return this.#say;
  }

  async start(): Promise<void> {
    await this.#bus.start();
    this.#before = { stats: this.#bus.stats(), atMs: monotonicMs() };
  }

  stop(): Promise<void> {
    return this.#bus.stop();
  }

  async look(signal: AbortSignal): Promise<readonly DeviceView[]> {
    const seen: Omit<DeviceView, 'bus'>[] = [];
    this.#roundTrips.clear();
    for (const device of this.devices) seen.push(await this.#lookAt(device, signal));
    const now = { stats: this.#bus.stats(), atMs: monotonicMs() };
    const rates = busRates(this.#before ?? now, now);
    this.#before = now;
    const roundTrips = this.#roundTrips.figures();
    return seen.map((view, n) => ({
      ...view,
      bus: { ...rates, where: this.#targets[n]!.connection.where, ...(roundTrips && { roundTrips }) },
    }));
  }

  async #lookAt(device: WatchedDevice, signal: AbortSignal): Promise<Omit<DeviceView, 'bus'>> {
    const { id, unit } = device.settings;
    const beganMs = monotonicMs();
    const look = await device.look(signal);
    const { model } = device;
    const before = this.#values.get(id) ?? new Map<string, undefined>();
    const options = { nowMs: monotonicMs(), beganMs, slowMs: this.#slowMs, before };
    const points = model === undefined ? [] : pointViews(model, device.image, options);
    this.#values.set(id, valuesOf(points));
    return {
      id,
      unit,
      atMs: Date.now(),
      points,
      ...(model === undefined ? {} : { identity: identityOf(model) }),
      ...(look.ok ? {} : { trouble: look.say }),
    };
  }
}

const monotonicMs = (): number => performance.now();
const tripsKept = 1_000;

type Named = {
  readonly identity: { readonly manufacturer?: string; readonly model?: string; readonly serialNumber?: string };
  readonly profile: { readonly make: string; readonly model: string };
};

function identityOf({ identity, profile }: Named): string {
  const { manufacturer = profile.make, model = profile.model, serialNumber } = identity;
  return `${manufacturer} ${model}${serialNumber === undefined ? '' : `, serial number ${serialNumber}`}`;
}
