import { Conversation, type Said, type Unit } from './conversation.ts';
import { Exchange, type StaleFrame } from './exchange.ts';
import { failed, type Fate } from './failure-words.ts';
import { loadModbusLibrary, ModbusCodec } from './modbus-codec.ts';
import { pacingOf } from './pacing.ts';
import { ReplySync } from './reply-sync.ts';
import { checkRead, wireWrite } from './request-check.ts';
import { RequestQueue } from './request-queue.ts';
import { RtuFraming } from './rtu-framing.ts';
import { TcpFraming } from './tcp-framing.ts';
import { Timers } from './timers.ts';
import { healthy, mayAsk, type BackOff } from './unit-health.ts';
import type {
  BusDeps,
  BusFailure,
  BusResult,
  ModbusSettings,
  BusStats,
  Priority,
  ReadRequest,
  UnitStats,
  WriteRequest,
} from './bus.ts';
import type { Link } from './link.ts';

/** The queue of one port, and the units behind it. See `openBus`. */
export class BusRunner {
  readonly #settings: ModbusSettings;
  readonly #deps: BusDeps;
  readonly #link: Link;
  readonly #timers: Timers;
  readonly #backOff: BackOff;
  readonly #queue: RequestQueue<Job>;
  readonly #units = new Map<number, Unit>();
  #port: { exchange: Exchange; conversation: Conversation } | undefined;
  #working: Promise<void> | undefined;
  #accepting = false;
  #busyMs = 0;

  constructor(settings: ModbusSettings, deps: BusDeps, link: Link) {
    this.#settings = settings;
    this.#deps = deps;
    this.#link = link;
    this.#timers = new Timers(deps);
    this.#queue = new RequestQueue(settings.queueLimit ?? 64);
    this.#backOff = { afterTimeouts: 2, firstMs: 4_000, maxMs: 60_000, ...settings.backOff };
  }

  async start(): Promise<void> {
    if (this.#accepting) return;
    this.#port ??= this.#makePort();
    this.#accepting = true;
    await this.#port.exchange.start();
  }

  async stop(): Promise<void> {
    this.#accepting = false;
    for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) job.fail({ reason: 'stopped' });
    await this.#port?.exchange.stop();
    await this.#working;
  }

  async read(request: ReadRequest, priority: Priority): Promise<BusResult<readonly number[]>> {
    checkRead(request, this.#settings.kind);
    const makesWay = () => this.#queue.isWaitingBefore(priority);
    return this.#enqueue(request.unit, priority, 'read', (conversation, unit) =>
      conversation.read(unit, request, makesWay),
    );
  }

  async write(request: WriteRequest, mayGo?: () => boolean): Promise<BusResult<void>> {
    const wire = wireWrite(request, this.#settings.kind);
    return this.#enqueue(request.unit, 'command', 'write-unsent', (conversation, unit) =>
      conversation.write(unit, wire, mayGo),
    );
  }

  stats(): BusStats {
    const { exchange, conversation } = this.#port ?? {};
    const units: Record<number, UnitStats> = {};
    for (const [number, unit] of this.#units) units[number] = this.#statsOf(unit);
    return {
      connected: exchange?.connection.isOpen ?? false,
      requests: exchange?.counts.requests ?? 0,
      ok: exchange?.counts.ok ?? 0,
      timeouts: exchange?.counts.timeouts ?? 0,
      crcErrors: exchange?.counts.crcErrors ?? 0,
      exceptions: (exchange?.counts.exceptions ?? 0) - (conversation?.refusedBeyond ?? 0),
      staleDiscarded: exchange?.counts.staleDiscarded ?? 0,
      lastRoundTripMs: exchange?.counts.lastRoundTripMs,
      resyncs: conversation?.resyncs ?? 0,
      reconnects: exchange?.connection.reconnects ?? 0,
      refusedWrites: exchange?.connection.refusedWrites ?? 0,
      queued: this.#queue.size(),
      busyMs: this.#busyMs,
      units,
    };
  }

  #makePort(): { exchange: Exchange; conversation: Conversation } {
    const { name, kind, reconnect, readOnly = false } = this.#settings;
    const nowMs = () => this.#deps.nowMs();
    const pacing = pacingOf(this.#settings);
    const exchange = new Exchange({
      link: this.#link,
      framing: kind === 'tcp' ? new TcpFraming() : new RtuFraming(),
      codec: new ModbusCodec(loadModbusLibrary()),
      pacing,
      timers: this.#timers,
      nowMs,
      connection: {
        name,
        readOnly,
        functionCodeAt: kind === 'tcp' ? 7 : 1,
        reconnect: { firstMs: 250, maxMs: 30_000, ...reconnect },
      },
      log: this.#deps.log,
      onStale: (frame) => this.#onStale(frame),
      tap: this.#deps.tap,
    });
    const { timeoutMs } = pacing;
    const conversation = new Conversation({
      exchange,
      nowMs,
      backOff: this.#backOff,
      numbered: kind === 'tcp',
      timeoutMs,
    });
    return { exchange, conversation };
  }

  /** `fate`: what may be said of the request as long as it has not been sent. */
  #enqueue<T>(
    number: number,
    priority: Priority,
    fate: Fate,
    ask: (conversation: Conversation, unit: Unit) => Promise<Said<T>>,
  ): Promise<BusResult<T>> {
    const port = this.#port;
    if (!this.#accepting || port === undefined) return Promise.resolve(this.#fail(number, { reason: 'stopped' }, fate));
    const unit = this.#unit(number);
    const paused = this.#paused(unit, priority);
    if (paused !== undefined) return Promise.resolve(this.#fail(number, paused, fate));
    return new Promise((resolve, reject) => {
      const fail = (failure: BusFailure, sent = false) =>
        resolve(this.#fail(number, failure, sent && fate === 'write-unsent' ? 'write-sent' : fate));
      const run = async () => {
        // Another call may have found the unit dead while this one waited.
        const pausedNow = this.#paused(unit, priority);
        if (pausedNow !== undefined) return fail(pausedNow);
        const wasPaused = unit.health.untilMs !== undefined;
        const said = await ask(port.conversation, unit);
        this.#logHealth(unit, wasPaused);
        if (said.kind === 'done') return resolve({ ok: true, value: said.value });
        if (said.kind === 'failed') return fail(said.failure, said.sent);
        if (!this.#accepting) return fail({ reason: 'stopped' });
        this.#queue.putBack(job, priority);
      };
      const job: Job = { fail, run: () => run().catch(reject) };
      if (!this.#queue.put(job, priority)) return fail({ reason: 'queue-full' });
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) {
      const beganMs = this.#deps.nowMs();
      await job.run();
      this.#busyMs += this.#deps.nowMs() - beganMs;
    }
    this.#working = undefined;
  }

  #paused(unit: Unit, priority: Priority): BusFailure | undefined {
    if (mayAsk(unit.health, this.#deps.nowMs(), priority, this.#backOff)) return undefined;
    return { reason: 'backed-off', untilMs: unit.health.untilMs! };
  }

  #fail(unit: number, failure: BusFailure, fate: Fate): BusResult<never> & { ok: false } {
    const connectionSay = this.#port?.exchange.connection.say ?? '';
    const { name: bus, kind } = this.#settings;
    return failed(failure, { bus, kind, unit, fate, connectionSay });
  }

  #unit(number: number): Unit {
    let unit = this.#units.get(number);
    if (unit === undefined) {
      unit = { number, health: healthy, timeouts: 0, sync: new ReplySync(), readable: undefined };
      this.#units.set(number, unit);
    }
    return unit;
  }

  #statsOf({ health, sync, timeouts }: Unit): UnitStats {
    const suspect = !sync.inSync || health.failuresInARow > 0;
    const state = health.untilMs !== undefined ? 'backed-off' : suspect ? 'suspect' : 'ok';
    return { state, timeouts, backedOffUntilMs: health.untilMs };
  }

  #onStale(frame: StaleFrame): void {
    this.#units.get(frame.unit)?.sync.staleCame(frame.functionCode, frame.rtuBytes);
  }

  #logHealth(unit: Unit, wasPaused: boolean): void {
    const isPaused = unit.health.untilMs !== undefined;
    if (wasPaused === isPaused) return;
    const fields = { bus: this.#settings.name, unit: unit.number };
    if (isPaused)
      this.#deps.log?.warn(fields, `bus ${fields.bus}, unit ${fields.unit}: does not answer, is asked less often`);
    else this.#deps.log?.info(fields, `bus ${fields.bus}, unit ${fields.unit}: answers again`);
  }
}

type Job = { run(): Promise<void>; fail(failure: BusFailure): void };
