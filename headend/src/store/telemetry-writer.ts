import type {
  BatchCounts,
  DeviceRecord,
  EventEntry,
  EventRecord,
  GatewayRecord,
  Sample,
  TelemetryBatch,
  TelemetryStore,
} from './store.ts';

export type WriterLimits = { samples: number; events: number; samplesPerWrite: number };
export const writerLimits: WriterLimits = { samples: 200_000, events: 50_000, samplesPerWrite: 5_000 };

/** `fresh`: those that were not there yet. `kept`: all of the batch; they are on the disk now, if not before. */
export type EventsWritten = (fresh: readonly EventRecord[], kept: readonly EventEntry[]) => void;

/** Counters since the start. */
export type WriterCounts = {
  samples: number;
  known: number;
  tooOld: number;
  droppedSamples: number;
  droppedEvents: number;
  failures: number;
};

/**
 * Gathers what comes from the field and writes it in batches: `flush` is called twice a second. Births and last statuses are
 * bounded by the number of devices. Samples and events beyond their bounds, which a disk that takes nothing for a minute
 * fills, are dropped oldest first and counted.
 */
export class TelemetryWriter {
  readonly #store: TelemetryStore;
  readonly #onEvents: EventsWritten;
  readonly #limits: WriterLimits;
  readonly #gateways = new Map<string, GatewayRecord>();
  readonly #devices = new Map<string, Omit<DeviceRecord, 'lastStatus'>>();
  readonly #removed = new Set<string>();
  readonly #lastStatuses = new Map<string, TelemetryBatch['lastStatuses'][number]>();
  #events: EventEntry[] = [];
  #samples: Sample[] = [];
  #failure: string | undefined;
  readonly counts: WriterCounts = { samples: 0, known: 0, tooOld: 0, droppedSamples: 0, droppedEvents: 0, failures: 0 };

  constructor(store: TelemetryStore, onEvents: EventsWritten, limits: WriterLimits = writerLimits) {
    this.#store = store;
    this.#onEvents = onEvents;
    this.#limits = limits;
  }

  gateway(record: GatewayRecord): void {
    this.#gateways.set(record.gatewayId, record);
  }

  device(record: Omit<DeviceRecord, 'lastStatus'>): void {
    this.#removed.delete(record.deviceKey);
    this.#devices.set(record.deviceKey, record);
  }

  removeDevice(deviceKey: string): void {
    this.#devices.delete(deviceKey);
    this.#removed.add(deviceKey);
  }

  lastStatus(record: TelemetryBatch['lastStatuses'][number]): void {
    this.#lastStatuses.set(record.deviceKey, record);
  }

  sample(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length <= 1.1 * this.#limits.samples) return;
    this.counts.droppedSamples += this.#samples.length - this.#limits.samples;
    this.#samples = this.#samples.slice(-this.#limits.samples);
  }

  event(entry: EventEntry): void {
    this.#events.push(entry);
    if (this.#events.length <= 1.1 * this.#limits.events) return;
    this.counts.droppedEvents += this.#events.length - this.#limits.events;
    this.#events = this.#events.slice(-this.#limits.events);
  }

  /** Why the last write failed; undefined: it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Samples that still wait to be written. */
  get waiting(): number {
    return this.#samples.length;
  }

  /** Writes one batch; true: more waits. What could not be written stays for the next call. */
  flush(): boolean {
    const { samplesPerWrite } = this.#limits;
    const batch: TelemetryBatch = {
      gateways: [...this.#gateways.values()],
      devices: [...this.#devices.values()],
      removedDevices: [...this.#removed],
      lastStatuses: [...this.#lastStatuses.values()],
      events: this.#events,
      samples: this.#samples.slice(0, samplesPerWrite),
    };
    if (Object.values(batch).every((part) => part.length === 0)) return false;
    const written = this.#store.write(batch);
    if (!written.ok) {
      this.counts.failures += 1;
      this.#failure = written.say;
      return false;
    }
    this.#failure = undefined;
    this.#gateways.clear();
    this.#devices.clear();
    this.#removed.clear();
    this.#lastStatuses.clear();
    this.#events = [];
    this.#samples = this.#samples.slice(samplesPerWrite);
    this.#count(written.value);
    if (batch.events.length > 0) this.#onEvents(written.value.events, batch.events);
    return this.#samples.length > 0;
  }

  /** Writes all that waits, for a stop; gives up where the store takes nothing. */
  flushAll(): void {
    for (let more = true; more;) more = this.flush();
  }

  #count({ samples, known, tooOld }: BatchCounts): void {
    this.counts.samples += samples;
    this.counts.known += known;
    this.counts.tooOld += tooOld;
  }
}
