import { decodePoints, readsEvery, readsFor, WordImage } from '@tiepoint/hardware-profiles';
import type { Decoded, DeviceModel, Profile, SetpointName, Span, WireCost } from '@tiepoint/hardware-profiles';
import { encodeStatus } from '@tiepoint/protocol';
import type { Death, DeviceBirth, DeviceConfiguration, DeviceView, Measured, PointName } from '@tiepoint/protocol';
import { composeBirth } from '../core/birth.ts';
import { cadence, missedSince, nextDueMs } from '../core/cadence.ts';
import type { Cadence } from '../core/cadence.ts';
import { capacity } from '../core/capacity.ts';
import { changes, eventBytes, nothingKnown } from '../core/change.ts';
import type { Happening, KnownState } from '../core/change.ts';
import { withDerived } from '../core/derived.ts';
import { composeStatus, reportDue, reportingOf } from '../core/report.ts';
import type { ReportState } from '../core/report.ts';
import { followThresholds } from '../core/threshold.ts';
import type { ThresholdState } from '../core/threshold.ts';
import type { ReadBus, WriteBus } from './bus/bus.ts';
import { type Clock, type EndTimer, within } from './clock.ts';
import type { DeviceSettings } from './configuration.ts';
import { ControllerHeartbeat } from './controller-heartbeat.ts';
import type { DeviceOutlet } from './device-outlet.ts';
import { readSpans } from './device-reader.ts';
import type { ReadTarget } from './device-reader.ts';
import type { Beginning } from './disk/beginning.ts';
import type { Journal } from './disk/journal.ts';
import { type CommandTarget, Executor } from './executor.ts';
import { identifyAt } from './identification.ts';
import type { IntervalKeeper } from './interval-keeper.ts';
import { traceOf } from './log.ts';
import type { Log } from './log.ts';
import { PresentReader } from './present-reading.ts';
import type { PresentRead } from './present-reading.ts';
import type { Restraint } from './tag-keeper.ts';

export type DeviceDeps = {
  /** Devices with one key report at one instant of the period. */
  readonly phaseKey: string;
  readonly clock: Clock;
  readonly profile: Profile;
  readonly reader: ReadBus;
  /** Absent where the gateway is read-only: there is nothing to write with. */
  readonly writer: WriteBus | undefined;
  readonly wireCost: WireCost;
  readonly journal: Journal;
  readonly gatewayId: string;
  readonly restraint: Restraint;
  readonly safeMode: () => string | undefined;
  readonly beginning: Pick<Beginning, 'instantMs'>;
  readonly outlet: DeviceOutlet;
  readonly log: Log;
  /** What a meter counts is kept there. */
  readonly intervals: Pick<IntervalKeeper, 'wantsRegisters' | 'looked'>;
  /** Told of every look at the device. */
  readonly looked?: ((measured: Measured, atMs: number) => void) | undefined;
};

const identifyPausesMs = [2_000, 4_000, 8_000, 15_000, 30_000] as const;
const minuteMs = 60_000;
/** Cycles without a single answer after which the head-end is told. */
const cyclesToDeath = 2;
const longestStartMs = 2_000;
const lookMs = 2_000;

/** One device: identified, polled on its rhythm, reported, and commanded. Owns its sequence numbers; shares its bus. */
export class Device {
  readonly id: string;
  readonly executor: Executor;
  readonly #deps: DeviceDeps;
  readonly #configured: DeviceSettings;
  #settings: DeviceSettings;
  #model: DeviceModel | undefined;
  #cycleSpans: readonly Span[] = [];
  readonly #image = new WordImage();
  readonly #learned: ReadTarget['learned'] = { holes: { entries: [] } };
  #endTimer: EndTimer | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;
  #seq = 0;
  #known: KnownState = nothingKnown;
  #thresholds: readonly ThresholdState[] = [];
  #reported: ReportState;
  #servedReportMs: number | undefined;
  #missedCycles = 0;
  /** On the monotonic clock, as all times of reading: a clock that is set must make nothing old look fresh. */
  #minuteReadAtMs: number | undefined;
  #silentCycles = 0;
  #identifyTries = 0;
  #death: Omit<Death, 'session'> | undefined;
  /** Waits until it was introduced: nobody knows yet whose events they would be. */
  #untold: readonly Happening[] = [];
  readonly #heartbeat: ControllerHeartbeat | undefined;
  readonly #present: PresentReader;

  constructor(settings: DeviceSettings, deps: DeviceDeps) {
    this.id = settings.id;
    this.#configured = settings;
    this.#settings = settings;
    this.#deps = deps;
    const { writer: bus, clock, log } = deps;
    this.#present = new PresentReader(clock);
    if (settings.controllerHeartbeat && bus !== undefined)
      this.#heartbeat = new ControllerHeartbeat({ bus, unit: settings.unit, clock, log });
    this.executor = new Executor({
      ...deps,
      deviceId: settings.id,
      timeQuality: () => deps.outlet.timeQuality,
      journalSinceMs: () => deps.beginning.instantMs(deps.outlet.timeQuality),
      target: () => this.#commandTarget(),
      acknowledge: (ack) => deps.outlet.acknowledgement(ack),
      acted: () => this.#lookNow(),
    });
  }

  start(): void {
    this.#stopped = false;
    // Spread, so that a gateway of many devices does not ask all of a bus at once.
    this.#schedule(this.#reportCadence().phaseMs % Math.min(this.#settings.periodMs, longestStartMs));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endTimer?.();
    this.#heartbeat?.stop();
    await this.executor.stop();
    await this.#running;
  }

  /** Takes a configuration from the head-end; what it leaves out falls back to the gateway's own file. */
  configure(change: DeviceConfiguration | undefined): void {
    const given = Object.fromEntries(
      Object.entries(change ?? {}).filter(([name, value]) => name !== 'deviceId' && value !== undefined),
    );
    const settings = { ...this.#configured, ...given };
    // The looks must meet the reports: a period that the poll does not divide is looked at once.
    this.#settings = settings.periodMs % settings.pollMs === 0 ? settings : { ...settings, pollMs: settings.periodMs };
    this.#thresholds = [];
    this.#reported = undefined;
    this.#servedReportMs = undefined;
    if (!this.#stopped && this.#model !== undefined) this.#scheduleNext();
  }

  /** As identified now; `undefined` while it is not. */
  get model(): DeviceModel | undefined {
    return this.#model;
  }

  /** Why it is not identified or does not answer, where that was found. */
  get trouble(): string | undefined {
    return this.#death?.say;
  }

  /** Reads these points now; `undefined` where the device is not identified or does not answer. */
  async read(names: readonly (PointName | SetpointName)[]): Promise<Decoded | undefined> {
    const model = this.#model;
    if (model === undefined) return undefined;
    const image = new WordImage();
    const options = { priority: 'poll', nowMs: () => this.#deps.clock.monotonicMs() } as const;
    const { answered } = await readSpans(this.#readTarget(model), readsFor(model, names), image, options);
    return answered ? decodePoints(model, image) : undefined;
  }

  /** Reads what it measures now, over the bus; polls and commands go before. */
  async present(): Promise<PresentRead> {
    const model = this.#model;
    if (model === undefined) return { ok: false, say: this.trouble ?? 'It has not been identified yet.' };
    return await this.#present.read(this.#readTarget(model));
  }

  /** Says who it is, or why it cannot; for every new session. */
  introduce(): void {
    if (this.#model !== undefined && this.#death === undefined) this.#deps.outlet.birth(this.#birth(this.#model));
    else if (this.#death !== undefined) this.#deps.outlet.death({ ...this.#death, timeMs: this.#deps.clock.nowMs() });
  }

  /** An event that comes from elsewhere than its registers; told when it was identified. */
  tell(happening: Happening): void {
    if (this.#model === undefined) this.#untold = [...this.#untold, happening];
    else this.#sendEvent(happening, this.#deps.clock.nowMs());
  }

  #commandTarget(): CommandTarget | undefined {
    const model = this.#model;
    return (
      model && {
        ...this.#readTarget(model),
        bus: this.#deps.writer,
        view: (decoded) => this.#view(model, withDerived(model, decoded)),
      }
    );
  }

  #readTarget(model: DeviceModel): ReadTarget {
    const { reader, wireCost } = this.#deps;
    return { reader, unit: this.#settings.unit, model, wireCost, learned: this.#learned };
  }

  #view(model: DeviceModel, measured: Measured): DeviceView {
    return {
      deviceId: this.id,
      kind: model.profile.kind,
      capabilities: model.capabilities,
      commands: model.commands,
      limits: model.limits,
      readOnly: this.#deps.writer === undefined,
      // Measured a moment ago, which is as live as it gets.
      liveness: 'live',
      measured,
      tag: this.#deps.restraint.tag(),
    };
  }

  #birth(model: DeviceModel): DeviceBirth {
    const { outlet, writer, clock, log } = this.#deps;
    const stamp = {
      session: outlet.session,
      timeMs: clock.nowMs(),
      nextSeq: this.#seq,
      readOnly: writer === undefined,
    };
    const { birth, leftOut } = composeBirth(model, this.#settings, stamp);
    if (leftOut.length > 0)
      log.warn({ leftOut, limits: model.limits }, 'ratings that cannot be are left out of the birth');
    return birth;
  }

  #schedule(delayMs: number): void {
    this.#endTimer?.();
    if (this.#stopped) return;
    this.#endTimer = this.#deps.clock.after(delayMs, () => {
      this.#running = this.#running.then(() => this.#turn()).catch((error: unknown) => this.#fault(error));
    });
  }

  #fault(error: unknown): void {
    this.#deps.log.error({ error: traceOf(error) }, 'a fault in the agent ended this cycle');
    this.#schedule(this.#settings.pollMs);
  }

  async #turn(): Promise<void> {
    if (this.#stopped) return;
    const dueMs = this.#deps.clock.nowMs();
    const model = this.#model ?? (await this.#identify());
    if (model === undefined) {
      this.#schedule(identifyPausesMs[Math.min(this.#identifyTries++, identifyPausesMs.length - 1)] ?? 30_000);
      return;
    }
    await this.#poll(model, dueMs);
    this.#scheduleNext();
  }

  #pollCadence(): Cadence {
    const report = this.#reportCadence();
    const { pollMs } = this.#settings;
    return { periodMs: pollMs, phaseMs: report.phaseMs % pollMs };
  }

  #reportCadence(): Cadence {
    return cadence(this.#deps.phaseKey, this.#settings.periodMs);
  }

  #scheduleNext(): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#schedule(nextDueMs(this.#pollCadence(), nowMs) - nowMs);
  }

  /** A poll and what it tells, now; waits for it no longer than `lookMs`. */
  async #lookNow(): Promise<void> {
    if (this.#stopped || this.#model === undefined) return;
    this.#running = this.#running.then(() => this.#turn()).catch((error: unknown) => this.#fault(error));
    await within(this.#deps.clock, lookMs, this.#running);
  }

  async #identify(): Promise<DeviceModel | undefined> {
    const found = await identifyAt(this.#deps, this.#settings, () => this.#stopped);
    if (found === undefined) return undefined;
    if (!found.ok) {
      const { say } = found;
      if (this.#identifyTries === 0 || this.#death === undefined) this.#deps.log.warn({ say }, 'not identified');
      this.#die({
        cause: this.#model === undefined && this.#silentCycles > 0 ? 'bus-unreachable' : 'not-identified',
        say: say.slice(0, 300),
      });
      return undefined;
    }
    this.#model = found.value;
    this.#cycleSpans = readsEvery(this.#model, ['cycle']);
    this.#identifyTries = 0;
    this.#silentCycles = 0;
    this.#death = undefined;
    this.#known = nothingKnown;
    this.#minuteReadAtMs = undefined;
    this.#heartbeat?.start(this.#model);
    this.#tellIdentified(this.#model);
    return this.#model;
  }

  #tellIdentified(model: DeviceModel): void {
    const { log, outlet } = this.#deps;
    log.info({ ...model.identity, commands: model.commands }, 'identified');
    if (model.withheld.length > 0)
      log.warn(
        { withheld: model.withheld },
        'commands withheld: registers that they need are unconfirmed; see `confirmed` in the configuration',
      );
    this.executor.recover();
    outlet.birth(this.#birth(model));
    for (const happening of this.#untold) this.#sendEvent(happening, this.#deps.clock.nowMs());
    this.#untold = [];
  }

  #die(death: Omit<Death, 'session'>): void {
    const news = this.#death === undefined;
    this.#death = death;
    if (news) this.#deps.outlet.death({ ...death, timeMs: this.#deps.clock.nowMs() });
  }

  async #poll(model: DeviceModel, dueMs: number): Promise<void> {
    const beganMs = this.#deps.clock.monotonicMs();
    const { intervalS, pollMs } = this.#settings;
    const counting = model.profile.kind === 'meter' ? this.#deps.intervals : undefined;
    const isNearBoundary = counting?.wantsRegisters(this.id, pollMs, intervalS) === true;
    const isMinute = this.#minuteReadAtMs === undefined || beganMs - this.#minuteReadAtMs >= minuteMs;
    const withMinute = isNearBoundary || isMinute;
    const spans = withMinute ? readsEvery(model, ['cycle', 'minute']) : this.#cycleSpans;
    const monotonic = { priority: 'poll', nowMs: () => this.#deps.clock.monotonicMs() } as const;
    const read = await readSpans(this.#readTarget(model), spans, this.#image, monotonic);
    if (this.#stopped) return;
    // Slow points outlive a silence; they make no report.
    if (!read.answered) {
      this.#silent(read.failure ?? 'nothing could be read');
      return;
    }
    const decoded = decodePoints(model, this.#image, {
      newerThanMs: { cycle: beganMs, minute: beganMs - 2 * minuteMs },
    });
    if (withMinute) this.#minuteReadAtMs = beganMs;
    this.#silentCycles = 0;
    counting?.looked(
      this.id,
      { model, image: this.#image, measured: decoded.measured, beganMs },
      { intervalS, pollMs },
    );
    this.#tell(model, withDerived(model, decoded), dueMs);
  }

  #silent(say: string): void {
    this.#silentCycles += 1;
    if (this.#silentCycles < cyclesToDeath || this.#model === undefined) return;
    this.#deps.log.warn({ say }, 'the device does not answer');
    this.#die({ cause: 'bus-unreachable', say: say.slice(0, 300) });
    this.#heartbeat?.stop();
    // Who answers next may be another device: it is identified anew.
    this.#model = undefined;
  }

  #tell(model: DeviceModel, measured: Measured, dueMs: number): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#deps.looked?.(measured, nowMs);
    const { state, effects } = changes(this.#known, measured);
    this.#known = state;
    for (const happening of [...effects, ...this.#crossings(model, measured)]) this.#sendEvent(happening, nowMs);
    const due = this.#isReportDue(dueMs, measured, model);
    if (due || effects.length > 0) this.#sendStatus(model, measured, nowMs);
  }

  #isReportDue(dueMs: number, measured: Measured, model: DeviceModel): boolean {
    const rhythm = this.#reportCadence();
    // The report instant at or just before this poll: timers fire a little late, never early by more than a millisecond.
    const instantMs = nextDueMs(rhythm, dueMs + 1) - rhythm.periodMs;
    if (this.#servedReportMs !== undefined && instantMs <= this.#servedReportMs && dueMs >= this.#servedReportMs)
      return false;
    if (this.#servedReportMs !== undefined) this.#missedCycles += missedSince(rhythm, this.#servedReportMs, instantMs);
    this.#servedReportMs = instantMs;
    return reportDue(this.#reported, measured, dueMs, reportingOf(this.#settings, model.limits.ratedPowerW));
  }

  #crossings({ limits: { ratedPowerW } }: DeviceModel, { activePowerW }: Measured): readonly Happening[] {
    const { states, effects } = followThresholds(this.#thresholds, { activePowerW, ratedPowerW }, this.#settings);
    this.#thresholds = states;
    return effects.map((crossing): Happening => ({ kind: 'threshold-crossed', point: 'activePowerW', ...crossing }));
  }

  #sendStatus(model: DeviceModel, measured: Measured, timeMs: number): void {
    const { outlet } = this.#deps;
    const { kind } = model.profile;
    const able = kind === 'aas' ? capacity(measured, model.limits, model.capabilities, this.#settings.fuel) : {};
    const stamp = { session: outlet.session, seq: this.#seq++, timeMs, timeQuality: outlet.timeQuality };
    const { bytes, dropped } = encodeStatus(composeStatus(kind, stamp, { ...measured, ...able }, this.#missedCycles));
    this.#reported = { lastMs: timeMs, last: measured };
    outlet.status(bytes);
    if (dropped.length > 0)
      this.#deps.log.warn({ dropped }, 'values outside of what a status can carry were sent as unknown');
  }

  #sendEvent(happening: Happening, timeMs: number): void {
    const { outlet, log } = this.#deps;
    log.info({ ...happening }, 'event');
    const stamp = { session: outlet.session, seq: this.#seq++, timeMs, timeQuality: outlet.timeQuality };
    outlet.event(eventBytes(happening, stamp), stamp);
  }
}
