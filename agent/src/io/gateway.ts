import { gatewayBirth, gatewayEvent, maxDevicesPerGateway, protocolVersion } from '@tiepoint/protocol';
import type { DeviceConfiguration, DeviceUp, GatewayBirth, GatewayEventKind, Inquiry } from '@tiepoint/protocol';
import type { ModeInForce } from '../core/fleet-mode.ts';
import type { BusLifecycle, BusSettings, ReadBus, WriteBus } from './bus/bus.ts';
import { AskedBounds } from './asked-bounds.ts';
import { within } from './clock.ts';
import type { EndTimer } from './clock.ts';
import { profileOf } from './configuration.ts';
import type { AgentSettings, DeviceSettings } from './configuration.ts';
import { Device } from './device.ts';
import { deviceOutlet } from './device-outlet.ts';
import { GatewayDatabase } from './disk/gateway-database.ts';
import type { SetAside } from './disk/gateway-database.ts';
import { DiskNews } from './disk-news.ts';
import type { Downlink, DownlinkEvents } from './downlink.ts';
import { GatewayMemory } from './gateway-memory.ts';
import type { GatewayWitness } from './gateway-witness.ts';
import { HeldBack } from './held-back.ts';
import { HistoryPump } from './history.ts';
import { adoptEnrolledTags } from './keys/enrolled-tags.ts';
import { Renewal } from './keys/renewal.ts';
import type { Log } from './log.ts';
import { answeringMeters, ReadAnswers } from './read-answers.ts';
import { machine } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
import { readTrustFile } from './trust.ts';
import { Uplink } from './uplink.ts';
import type { Lane } from './uplink.ts';
import { wireCost } from './wire-cost.ts';

const flushMs = 1_000;
const pruneMs = 3_600_000;
const resendMs = 30_000;
/**
 * So many devices report at one instant, the next so many at another: to wake up costs a small gateway more than to report, and
 * a large one, and the fleet, still spread over the period.
 */
const devicesPerPhase = 8;
/** How long a clean stop waits for what is under way on the buses. */
const stopMs = 1_500;

/** One gateway: its buses, its devices, one MQTT connection, one disk. Constructing only assigns; `start` opens everything. */
export class Gateway {
  readonly #settings: AgentSettings;
  readonly #firmware: string;
  readonly #configurationHash: string;
  readonly #log: Log;
  readonly #uplink: Uplink;
  readonly #witness: GatewayWitness | undefined;
  readonly #surroundings: Surroundings;
  readonly #buses = new Map<string, (ReadBus | WriteBus) & BusLifecycle>();
  readonly #devices = new Map<string, Device>();
  readonly #held: HeldBack;
  readonly #diskNews = new DiskNews((kind, say) => this.#tell(kind, say));
  #database: GatewayDatabase | undefined;
  #memory: GatewayMemory | undefined;
  #history: HistoryPump | undefined;
  #reads: ReadAnswers | undefined;
  #renewal: Renewal | undefined;
  readonly #asked: AskedBounds;
  #endTimers: readonly EndTimer[] = [];
  #endFlushTimer: EndTimer | undefined;
  #isLoaded = false;

  constructor(
    settings: AgentSettings,
    deps: {
      firmware: string;
      configurationHash: string;
      log: Log;
      witness?: GatewayWitness;
      /** The machine itself, unless told otherwise. */
      surroundings?: Surroundings;
    },
  ) {
    this.#settings = settings;
    this.#firmware = deps.firmware;
    this.#configurationHash = deps.configurationHash;
    this.#log = deps.log;
    this.#witness = deps.witness;
    this.#surroundings = deps.surroundings ?? machine;
    this.#asked = new AskedBounds({
      clock: this.#surroundings.clock,
      log: deps.log,
      introduce: () => this.#uplink.online && this.#online(),
      tell: (say, count) => void this.#tell('asked-too-often', say, count),
    });
    this.#held = new HeldBack(settings, () => this.#memory?.downlink.mode.name ?? 'normal');
    const gate: Pick<Downlink, 'open'> = { open: (topic, payload) => this.#memory?.downlink.open(topic, payload) };
    const { gateway, mqtt, identity } = settings;
    this.#uplink = new Uplink(gateway.id, { ...mqtt, identity }, { ...this.#surroundings, gate, log: deps.log });
  }

  /** Throws Error with a sentence for the technician where the disk, or the file of trusted keys, cannot be used. Devices and broker may come later. */
  async start(): Promise<void> {
    const { gateway, outbox: bounds, trust } = this.#settings;
    const { clock, openBus, openDatabase } = this.#surroundings;
    const first = readTrustFile(trust);
    const database = (this.#database = new GatewayDatabase(gateway.dataDir, {
      clock,
      log: this.#log,
      openDatabase,
      exchanged: (setAside) => this.#exchanged(setAside),
      failing: (why) => this.#diskFailing(why),
    }));
    database.start();
    const memory = (this.#memory = new GatewayMemory(database, {
      settings: this.#settings,
      clock,
      log: this.#log,
      first,
      events: this.#downEvents(),
      publish: (deviceId, message, payload, lane) => this.#publish(deviceId, message, payload, lane),
      flushSoon: () => this.#flushSoon(),
      said: (deviceId, ack) => this.#witness?.acknowledged(deviceId, ack),
      guard: (work) => this.#guard(work),
    }));
    const { downlink } = memory;
    this.#history = new HistoryPump({
      ...this.#surroundings,
      outbox: memory.outbox,
      entriesPerSecond: bounds.historyPerSecond,
      heldBack: () => this.#held.devices,
      publish: (deviceId, payload) => this.#publish(deviceId, 'history', payload, 'may'),
      log: this.#log,
    });
    const isSetAside = this.#diskNews.isSetAside;
    this.#isLoaded = memory.load({ setAside: isSetAside });
    this.#guard(() => adoptEnrolledTags(this.#settings, isSetAside ? undefined : downlink));
    for (const bus of this.#settings.buses)
      this.#buses.set(bus.name, openBus(this.#busSettings(bus), { nowMs: () => clock.monotonicMs(), log: this.#log }));
    await Promise.all([...this.#buses.values()].map((bus) => bus.start()));
    for (const settings of this.#settings.devices) this.#devices.set(settings.id, this.#device(settings, memory));
    this.#applyConfiguration();
    this.#reads = this.#answers(memory);
    for (const device of this.#devices.values()) device.start();
    this.#uplink.start({
      online: () => {
        downlink.begin();
        this.#online();
      },
      offline: () => {
        this.#history?.stop();
        this.#reads?.clear();
      },
      message: (topic, content, retained) => downlink.take(topic, content, retained),
    });
    this.#renewal = new Renewal(this.#settings, this.#surroundings, {
      log: this.#log,
      tell: (kind, say) => this.#tell(kind, say),
      onRenewed: () => void this.#uplink.renew(),
    });
    this.#renewal.start();
    this.#settleOrphans();
    this.#endTimers = [
      clock.every(pruneMs, () => memory.prune()),
      clock.every(resendMs, () => this.#guard(() => this.#uplink.online && memory.acknowledger.resend())),
    ];
  }

  async stop(): Promise<void> {
    this.#renewal?.stop();
    this.#asked.stop();
    for (const end of this.#endTimers) end();
    this.#endFlushTimer?.();
    this.#history?.stop();
    this.#reads?.clear();
    const devices = Promise.all([...this.#devices.values()].map((device) => device.stop()));
    await within(this.#surroundings.clock, stopMs, devices);
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
    await devices;
    await this.#uplink.stop();
    this.#memory?.leave();
    this.#database?.stop();
  }

  device(deviceId: string): Device | undefined {
    return this.#devices.get(deviceId);
  }

  get online(): boolean {
    return this.#uplink.online;
  }

  /** Cuts the line to the head-end for so long, as a fault would. */
  cutLink(awayMs: number): void {
    this.#uplink.cut(awayMs);
  }

  /** Lays settings over a device's own until it is called without them, or a configuration comes from the head-end. */
  tryOut(deviceId: string, settings: Omit<DeviceConfiguration, 'deviceId'> = {}): void {
    const kept = this.#memory?.downlink.configuration.value.devices.find((each) => each.deviceId === deviceId);
    this.#devices.get(deviceId)?.configure({ deviceId, ...kept, ...settings });
  }

  #busSettings(bus: BusSettings): BusSettings {
    // Every device has at most one poll and one command waiting.
    const bounded = { ...bus, queueLimit: maxDevicesPerGateway };
    return this.#settings.gateway.readOnly ? { ...bounded, readOnly: true } : bounded;
  }

  #downEvents(): DownlinkEvents {
    return {
      command: (deviceId, content) => this.#command(deviceId, content),
      asked: (question) => this.#answer(question),
      reads: (content) => void (this.#asked.questions(1) > 0 && this.#reads?.take(content)),
      configured: () => this.#configured(),
      modeChanged: (now, before) => this.#modeChanged(now, before),
      birthWanted: () => this.#introduce(),
      refused: (say, count) => void this.#tell('message-refused', say, count),
    };
  }

  #device(settings: DeviceSettings, memory: GatewayMemory): Device {
    const { journal, outbox, beginning, downlink, acknowledger, intervals } = memory;
    const profile = profileOf(this.#settings, settings.profile);
    const bus = this.#buses.get(settings.bus);
    const busSettings = this.#settings.buses.find(({ name }) => name === settings.bus);
    if (profile === undefined || bus === undefined || busSettings === undefined) {
      throw new Error(
        `${settings.id}: profile ${settings.profile} or bus ${settings.bus} went missing after the configuration was checked`,
      );
    }
    return new Device(settings, {
      gatewayId: this.#settings.gateway.id,
      restraint: downlink.tags.restraintOf(settings.id, this.#behind(settings.id)),
      safeMode: () => downlink.mode.refusal,
      phaseKey: `${this.#settings.gateway.id}/${Math.floor(this.#devices.size / devicesPerPhase)}`,
      clock: this.#surroundings.clock,
      profile,
      reader: bus,
      writer: 'write' in bus && !settings.readOnly ? bus : undefined,
      wireCost: wireCost(busSettings),
      journal,
      beginning,
      intervals,
      outlet: deviceOutlet(settings.id, {
        uplink: this.#uplink,
        downlink,
        outbox,
        acknowledger,
        clock: this.#surroundings.clock,
        publish: (message, payload, lane) => this.#publish(settings.id, message, payload, lane),
        isHeldBack: () => this.#held.has(settings.id),
        flushSoon: () => this.#flushSoon(),
        kept: () => this.#history?.wake(),
        guard: (work) => this.#guard(work),
      }),
      log: this.#log.child({ device: settings.id }),
      looked: this.#witness && ((measured, atMs) => this.#witness?.looked(settings.id, measured, atMs)),
    });
  }

  #answers({ intervals, downlink }: GatewayMemory): ReadAnswers {
    const { clock, random01 } = this.#surroundings;
    return new ReadAnswers({
      clock,
      random01,
      hostMs: () => downlink.hostMs,
      timeQuality: () => downlink.timeQuality,
      meters: answeringMeters(this.#settings, (id) => this.#devices.get(id)),
      intervals,
      publish: (deviceId, message, payload) => this.#publish(deviceId, message, payload, 'may'),
      log: this.#log,
    });
  }

  #behind(switchId: string): readonly string[] {
    return this.#settings.devices.flatMap(({ id, switchedBy }) => (switchedBy === switchId ? [id] : []));
  }

  #publish(deviceId: string, message: DeviceUp, payload: Uint8Array, lane: Lane): Promise<boolean> {
    const gatewayId = this.#settings.gateway.id;
    return this.#uplink.publish({ of: 'device', gatewayId, deviceId, message }, payload, lane);
  }

  /** A disk that fails must not stop the reporting; it is told, and commands are refused by the journal's own failure. */
  #guard(work: () => unknown): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#log.error({ error: String(error) }, 'a fault, or the disk failed; the agent goes on');
      return false;
    }
  }

  #online(): void {
    this.#introduce();
    this.#diskNews.online();
    for (const device of this.#devices.values()) this.#guard(() => device.introduce());
    this.#guard(() => this.#uplink.online && this.#memory?.acknowledger.resend());
    this.#history?.start();
  }

  /** The gateway alone: its devices are as they were. */
  #introduce(): void {
    const { gateway } = this.#settings;
    const downlink = this.#memory?.downlink;
    if (downlink === undefined || !this.#uplink.online) return;
    const birth: GatewayBirth = {
      protocolVersion,
      ...this.#uplink.speaker,
      timeMs: this.#surroundings.clock.nowMs(),
      firmware: this.#firmware,
      deviceIds: [...this.#devices.keys()],
      readOnly: gateway.readOnly,
      configurationHash: this.#configurationHash,
      timeQuality: downlink.timeQuality,
      ...downlink.revisions,
    };
    downlink.introduced(birth);
    const topic = { of: 'gateway', gatewayId: gateway.id, message: 'birth' } as const;
    void this.#uplink.publish(topic, gatewayBirth.toBytes(birth), 'must');
  }

  /** To the head-end's operator. False: the broker does not have it. */
  #tell(kind: GatewayEventKind, say: string, count?: number): Promise<boolean> {
    const topic = { of: 'gateway', gatewayId: this.#settings.gateway.id, message: 'event' } as const;
    const stamp = { session: this.#uplink.session, timeMs: this.#surroundings.clock.nowMs() };
    return this.#uplink.publish(topic, gatewayEvent.toBytes({ ...stamp, kind, say: say.slice(0, 300), count }), 'may');
  }

  #diskFailing(why: string | undefined): void {
    // What could not be read at the start is taken up as if the disk were another; not in the midst of the write that went well.
    if (why === undefined && !this.#isLoaded) this.#surroundings.clock.after(0, () => this.#exchanged(undefined));
    this.#diskNews.failing(why);
  }

  #command(deviceId: string, content: Uint8Array): void {
    if (this.#asked.questions(1) === 0) return;
    const device = this.#devices.get(deviceId);
    if (device !== undefined) device.executor.take(content);
    else this.#log.warn({ device: deviceId }, 'a command for a device that this gateway does not carry was ignored');
  }

  #answer({ commands = [], keptEvents = [], rebirth }: Inquiry): void {
    const answered = commands.length === 0 ? 0 : this.#asked.questions(commands.length);
    for (const { id, deviceId, issuedAtMs } of commands.slice(0, answered)) {
      const device = this.#devices.get(deviceId);
      if (device === undefined)
        this.#log.warn({ device: deviceId }, 'asked about a device that this gateway does not carry');
      else this.#guard(() => this.#tellOf(device, { id, issuedAtMs }));
    }
    this.#guard(() => keptEvents.forEach(({ deviceId, ...name }) => this.#memory?.outbox.keptEvent(deviceId, name)));
    if (rebirth === true) this.#asked.birth();
  }

  #tellOf({ executor }: Device, asked: { id: string; issuedAtMs: number | undefined }): void {
    const acknowledger = this.#memory?.acknowledger;
    if (!executor.repeat(asked.id) && acknowledger !== undefined) executor.disown(acknowledger.unknown(asked));
  }

  #configured(): void {
    this.#applyConfiguration();
    // The birth names the revision.
    this.#online();
  }

  #modeChanged(now: ModeInForce | undefined, before: ModeInForce | undefined): void {
    if (before === undefined || now?.mode.mode === before.mode.mode) return;
    this.#history?.resume(this.#surroundings.clock.monotonicMs() - before.sinceMs);
  }

  #settleOrphans(): void {
    this.#memory?.settleOrphans((deviceId) => this.#devices.has(deviceId), this.#surroundings.clock.nowMs());
  }

  /** Another database is in use: what is under way goes into it, and what it holds is taken up. */
  #exchanged(setAside: SetAside | undefined): void {
    if (setAside !== undefined) this.#diskNews.setAside(setAside);
    // At the start everything is about to be loaded anyway.
    if (this.#devices.size === 0) return;
    this.#isLoaded = this.#memory?.exchanged({ setAside: setAside !== undefined }) === true;
    for (const { executor } of this.#devices.values()) {
      this.#guard(() => setAside !== undefined && executor.rewrite());
      executor.recover();
    }
    this.#settleOrphans();
    this.#applyConfiguration();
    if (this.#uplink.online) this.#online();
  }

  #applyConfiguration(): void {
    const wanted = this.#memory?.downlink.configuration.value.devices ?? [];
    for (const device of this.#devices.values())
      device.configure(wanted.find(({ deviceId }) => deviceId === device.id));
  }

  #flushSoon(): void {
    this.#endFlushTimer ??= this.#surroundings.clock.after(flushMs, () => this.#flush());
  }

  #flush(): void {
    this.#endFlushTimer = undefined;
    this.#memory?.flush();
  }
}
