import { readImage, readTelegram, telegramImage, TelegramSplitter } from '@tiepoint/hardware-profiles';
import type { WordImage } from '@tiepoint/hardware-profiles';
import type { BusDeps, BusLifecycle, BusResult, BusStats, ReadBus, ReadRequest, TelegramSettings } from '../bus/bus.ts';
import { Connection } from '../bus/connection.ts';
import type { Link } from '../bus/link.ts';
import { Timers } from '../bus/timers.ts';

/**
 * The P1 port of a meter, which pushes a telegram every 1 to 10 s and hears nothing: read as a bus whose one unit has the registers
 * that `telegramImage` lays out. A read is answered at once from the last telegram, as long as the next one is not overdue; else it
 * waits for the next, at most the time-out. Nothing is ever sent: there is no `write`.
 */
export class TelegramBus implements ReadBus, BusLifecycle {
  readonly #settings: TelegramSettings;
  readonly #deps: BusDeps;
  readonly #timers: Timers;
  readonly #connection: Connection;
  #splitter = new TelegramSplitter();
  #last: { readonly image: WordImage; readonly atMs: number } | undefined;
  #intervalMs: number | undefined;
  #waiting: (() => void)[] = [];
  #running = false;
  readonly #counts = { telegrams: 0, spoilt: 0, timeouts: 0 };

  constructor(settings: TelegramSettings, deps: BusDeps, link: Link) {
    this.#settings = settings;
    this.#deps = deps;
    this.#timers = new Timers(deps);
    const { name, reconnect } = settings;
    this.#connection = new Connection({
      link,
      timers: this.#timers,
      log: deps.log,
      events: {
        onOpened: () => (this.#splitter = new TelegramSplitter()),
        onBytes: (bytes) => this.#take(bytes),
        onLost: () => (this.#last = undefined),
      },
      settings: { name, readOnly: true, functionCodeAt: 1, reconnect: { firstMs: 250, maxMs: 30_000, ...reconnect } },
    });
  }

  start(): Promise<void> {
    this.#running = true;
    return this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#wake();
    this.#timers.endAll();
    await this.#connection.stop();
    this.#timers.endAll();
  }

  async read(request: ReadRequest): Promise<BusResult<readonly number[]>> {
    if (!this.#running) return this.#fail('stopped', 'the bus is stopped.');
    if (this.#fresh() === undefined) await this.#next();
    if (!this.#running) return this.#fail('stopped', 'the bus is stopped.');
    const image = this.#fresh();
    if (image === undefined) {
      if (!this.#connection.isOpen)
        return this.#fail(
          'disconnected',
          `the port is not open (${this.#connection.say}); it is opened again by itself.`,
        );
      this.#counts.timeouts += 1;
      return this.#fail('timeout', this.#whySilent());
    }
    const outcome = readImage(image, request);
    if (outcome.ok) return { ok: true, value: outcome.words };
    return {
      ok: false,
      reason: 'exception',
      code: 2,
      say: `bus ${this.#settings.name}: a telegram has no ${outcome.say}`,
    };
  }

  /** A request stands for a telegram, and a CRC error for one that could not be read. */
  stats(): BusStats {
    const { telegrams, spoilt, timeouts } = this.#counts;
    return {
      connected: this.#connection.isOpen,
      requests: telegrams + spoilt,
      ok: telegrams,
      timeouts,
      crcErrors: spoilt + this.#splitter.dropped,
      exceptions: 0,
      resyncs: 0,
      staleDiscarded: 0,
      reconnects: this.#connection.reconnects,
      refusedWrites: 0,
      queued: this.#waiting.length,
      lastRoundTripMs: undefined,
      busyMs: 0,
      units: {},
    };
  }

  #take(bytes: Uint8Array): void {
    for (const whole of this.#splitter.take(bytes)) {
      const read = readTelegram(whole, this.#settings.checksum ?? 'crc16');
      if (!read.ok) {
        this.#counts.spoilt += 1;
        this.#deps.log?.warn({ bus: this.#settings.name }, `bus ${this.#settings.name}: ${read.say}`);
        continue;
      }
      const nowMs = this.#deps.nowMs();
      if (this.#last !== undefined) this.#intervalMs = Math.min(nowMs - this.#last.atMs, longestIntervalMs);
      this.#last = { image: telegramImage(read.value), atMs: nowMs };
      this.#counts.telegrams += 1;
      this.#connection.proven();
      this.#wake();
    }
  }

  /** The last telegram, unless the next one is overdue: then the meter, or the cable, is gone. */
  #fresh(): WordImage | undefined {
    const overdueMs = this.#intervalMs === undefined ? firstOverdueMs : 1.5 * this.#intervalMs + 500;
    return this.#last !== undefined && this.#deps.nowMs() - this.#last.atMs <= overdueMs ? this.#last.image : undefined;
  }

  /** Waits for the next telegram, at most the time-out. */
  #next(): Promise<void> {
    if (this.#waiting.length >= waitingLimit) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.#timers.after(this.#settings.timeoutMs ?? defaultTimeoutMs, () => go());
      const go = (): void => {
        end();
        this.#waiting = this.#waiting.filter((each) => each !== go);
        resolve();
      };
      this.#waiting.push(go);
    });
  }

  #wake(): void {
    for (const go of this.#waiting) go();
  }

  #whySilent(): string {
    return this.#counts.spoilt > 0
      ? 'telegrams come, but none that is whole and right. Baud rate (115200 8N1, before DSMR 4 9600 7E1), checksum, noise?'
      : 'no telegram came. Is the P1 port switched on and its request line high, and the baud rate right?';
  }

  #fail(reason: 'stopped' | 'disconnected' | 'timeout', say: string): BusResult<never> {
    return { ok: false, reason, say: `bus ${this.#settings.name}: ${say}` };
  }
}

/** Before DSMR 5 a telegram comes every 10 s. */
const defaultTimeoutMs = 12_000;
const longestIntervalMs = 15_000;
const firstOverdueMs = 2_500;
const waitingLimit = 256;
