import type { DatabaseSync } from 'node:sqlite';
import {
  acknowledgement,
  configuration,
  death,
  deviceBirth,
  gatewayBirth,
  inquiry,
  maxDevicesPerGateway,
  protocolVersion,
} from '@tiepoint/protocol';
import type {
  Acknowledgement,
  Configuration,
  DeviceConfiguration,
  DeviceUp,
  Measured,
  Topic,
} from '@tiepoint/protocol';
import type { BusLifecycle, BusSettings, ReadBus, WriteBus } from './bus/bus.ts';
import { within } from './clock.ts';
import type { EndTimer } from './clock.ts';
import { profileOf } from './configuration.ts';
import type { AgentSettings, DeviceSettings } from './configuration.ts';
import { Device } from './device.ts';
import type { DeviceOutlet } from './device-outlet.ts';
import { Journal } from './disk/journal.ts';
import { Outbox } from './disk/outbox.ts';
import { HistoryPump } from './history.ts';
import type { Log } from './log.ts';
import { machine } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
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

/** Who looks on while the gateway works, as a commissioning does. */
export type GatewayWitness = {
  acknowledged(deviceId: string, ack: Acknowledgement): void;
  looked(deviceId: string, measured: Measured, atMs: number): void;
};

type Sent = { readonly commandId: string; readonly ordinal: number };

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
  #database: DatabaseSync | undefined;
  #journal: Journal | undefined;
  #outbox: Outbox | undefined;
  #history: HistoryPump | undefined;
  #endTimers: readonly EndTimer[] = [];
  /** Acknowledgements that the broker has, not yet marked on disk: a lost mark only repeats them. */
  #sent: Sent[] = [];
  #endFlushTimer: EndTimer | undefined;
  #configuration: Configuration = { revision: 0, devices: [] };

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
    this.#uplink = new Uplink(settings.gateway.id, settings.mqtt, { ...this.#surroundings, log: deps.log });
  }

  /** Throws Error with a sentence for the technician where the disk cannot be used. Devices and broker may come later. */
  async start(): Promise<void> {
    const { gateway, outbox: bounds } = this.#settings;
    const { clock, openBus, openDatabase } = this.#surroundings;
    this.#database = openDatabase(gateway.dataDir);
    this.#journal = new Journal(this.#database);
    this.#outbox = new Outbox(this.#database, bounds);
    this.#history = new HistoryPump({
      clock,
      outbox: this.#outbox,
      entriesPerSecond: bounds.historyPerSecond,
      publish: (deviceId, payload) => this.#publish(deviceId, 'history', payload, 'may'),
      log: this.#log,
    });
    this.#loadConfiguration();
    for (const bus of this.#settings.buses)
      this.#buses.set(bus.name, openBus(this.#busSettings(bus), { nowMs: () => clock.monotonicMs(), log: this.#log }));
    await Promise.all([...this.#buses.values()].map((bus) => bus.start()));
    for (const settings of this.#settings.devices)
      this.#devices.set(settings.id, this.#device(settings, this.#journal, this.#outbox));
    this.#applyConfiguration();
    for (const device of this.#devices.values()) device.start();
    this.#uplink.start({
      online: () => this.#online(),
      offline: () => this.#history?.stop(),
      message: (topic, payload) => this.#take(topic, payload),
    });
    this.#settleOrphans(this.#journal);
    this.#endTimers = [
      clock.every(pruneMs, () => this.#prune()),
      clock.every(resendMs, () => this.#resendAcknowledgements()),
    ];
  }

  async stop(): Promise<void> {
    for (const end of this.#endTimers) end();
    this.#endFlushTimer?.();
    this.#history?.stop();
    const devices = Promise.all([...this.#devices.values()].map((device) => device.stop()));
    await within(this.#surroundings.clock, stopMs, devices);
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
    await devices;
    await this.#uplink.stop();
    this.#flush();
    this.#database?.close();
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
    const kept = this.#configuration.devices.find((each) => each.deviceId === deviceId);
    this.#devices.get(deviceId)?.configure({ deviceId, ...kept, ...settings });
  }

  #busSettings(bus: BusSettings): BusSettings {
    // Every device has at most one poll and one command waiting.
    const bounded = { ...bus, queueLimit: maxDevicesPerGateway };
    return this.#settings.gateway.readOnly ? { ...bounded, readOnly: true } : bounded;
  }

  #device(settings: DeviceSettings, journal: Journal, outbox: Outbox): Device {
    const profile = profileOf(this.#settings, settings.profile);
    const bus = this.#buses.get(settings.bus);
    const busSettings = this.#settings.buses.find(({ name }) => name === settings.bus);
    if (profile === undefined || bus === undefined || busSettings === undefined) {
      throw new Error(
        `${settings.id}: profile ${settings.profile} or bus ${settings.bus} went missing after the configuration was checked`,
      );
    }
    return new Device(settings, {
      phaseKey: `${this.#settings.gateway.id}/${Math.floor(this.#devices.size / devicesPerPhase)}`,
      clock: this.#surroundings.clock,
      profile,
      reader: bus,
      writer: 'write' in bus && !settings.readOnly ? bus : undefined,
      wireCost: wireCost(busSettings),
      journal,
      outlet: this.#outlet(settings.id, outbox),
      log: this.#log.child({ device: settings.id }),
      looked: this.#witness && ((measured, atMs) => this.#witness?.looked(settings.id, measured, atMs)),
    });
  }

  #outlet(deviceId: string, outbox: Outbox): DeviceOutlet {
    const uplink = this.#uplink;
    return {
      get session() {
        return uplink.session;
      },
      get timeQuality() {
        return uplink.timeQuality;
      },
      birth: (birth) => void this.#publish(deviceId, 'birth', deviceBirth.toBytes(birth), 'must'),
      death: (said) =>
        void this.#publish(deviceId, 'death', death.toBytes({ ...said, session: uplink.session }), 'must'),
      status: (bytes) =>
        void this.#publish(deviceId, 'status', bytes, 'may').then((taken) => {
          if (taken) return;
          this.#guard(() => outbox.keepStatus(deviceId, bytes));
          this.#flushSoon();
          this.#history?.wake();
        }),
      event: (bytes) => {
        // On disk first: an event must outlive a crash between the crossing and the broker's word.
        let id: number | undefined;
        this.#guard(() => (id = outbox.keepEvent(deviceId, bytes)));
        void this.#publish(deviceId, 'event', bytes, 'may').then((taken) => {
          if (taken && id !== undefined) this.#guard(() => outbox.remove([id as number]));
          else if (id === undefined) this.#flushSoon();
          if (!taken || id === undefined) this.#history?.wake();
        });
      },
      acknowledgement: (ack) => this.#acknowledge(deviceId, ack),
    };
  }

  #acknowledge(deviceId: string, ack: Acknowledgement): void {
    this.#sendAcknowledgement(deviceId, ack, acknowledgement.toBytes(ack));
    this.#witness?.acknowledged(deviceId, ack);
  }

  #sendAcknowledgement(deviceId: string, { commandId, ordinal }: Sent, bytes: Uint8Array): void {
    void this.#publish(deviceId, 'ack', bytes, 'must').then((taken) => {
      if (!taken) return;
      this.#sent.push({ commandId, ordinal });
      this.#flushSoon();
    });
  }

  #publish(deviceId: string, message: DeviceUp, payload: Uint8Array, lane: Lane): Promise<boolean> {
    const gatewayId = this.#settings.gateway.id;
    return this.#uplink.publish({ of: 'device', gatewayId, deviceId, message }, payload, lane);
  }

  /** A disk that fails must not stop the reporting; it is told, and commands are refused by the journal's own failure. */
  #guard(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.#log.error({ error: String(error) }, 'a fault, or the disk failed; the agent goes on');
    }
  }

  #online(): void {
    const { gateway } = this.#settings;
    const birth = gatewayBirth.toBytes({
      protocolVersion,
      session: this.#uplink.session,
      timeMs: this.#surroundings.clock.nowMs(),
      firmware: this.#firmware,
      deviceIds: [...this.#devices.keys()],
      readOnly: gateway.readOnly,
      configurationRevision: this.#configuration.revision,
      configurationHash: this.#configurationHash,
      timeQuality: this.#uplink.timeQuality,
    });
    void this.#uplink.publish({ of: 'gateway', gatewayId: gateway.id, message: 'birth' }, birth, 'must');
    for (const device of this.#devices.values()) this.#guard(() => device.introduce());
    this.#resendAcknowledgements();
    this.#history?.start();
  }

  #resendAcknowledgements(): void {
    if (!this.#uplink.online) return;
    this.#guard(() => {
      for (const { deviceId, bytes, ...sent } of this.#journal?.unsent() ?? [])
        this.#sendAcknowledgement(deviceId, sent, bytes);
    });
  }

  #take(topic: Topic, payload: Uint8Array): void {
    if (topic.of === 'device' && topic.message === 'command') {
      const device = this.#devices.get(topic.deviceId);
      if (device === undefined)
        this.#log.warn(
          { device: topic.deviceId },
          'a command for a device that this gateway does not carry was ignored',
        );
      else device.executor.take(payload);
    } else if (topic.of === 'gateway' && topic.message === 'inquiry') this.#inquire(payload);
    else if (topic.of === 'gateway' && topic.message === 'configuration') this.#configure(payload);
  }

  #inquire(payload: Uint8Array): void {
    const asked = inquiry.fromBytes(payload);
    if (!asked.ok) {
      this.#log.warn({ path: asked.path, why: asked.say }, 'an inquiry that cannot be read was ignored');
      return;
    }
    for (const { id, deviceId } of asked.value.commands ?? []) {
      const device = this.#devices.get(deviceId);
      if (device === undefined)
        this.#log.warn({ device: deviceId }, 'asked about a device that this gateway does not carry');
      else
        this.#guard(
          () =>
            device.executor.repeat(id) ||
            this.#acknowledge(deviceId, unknownHere(id, this.#surroundings.clock.nowMs())),
        );
    }
    if (asked.value.timeMs !== undefined) this.#uplink.compareClock(asked.value.timeMs);
    if (asked.value.rebirth === true) this.#online();
  }

  #configure(payload: Uint8Array): void {
    const change = configuration.fromBytes(payload);
    if (!change.ok) {
      this.#log.warn({ path: change.path, why: change.say }, 'a configuration that cannot be read was ignored');
      return;
    }
    if (change.value.revision <= this.#configuration.revision) return;
    this.#guard(() => {
      this.#database
        ?.prepare(
          `INSERT INTO setting VALUES ('configuration', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        )
        .run(payload);
      this.#configuration = change.value;
      this.#applyConfiguration();
      this.#log.info({ revision: change.value.revision }, 'configuration applied');
      // The birth names the revision. Only what is on disk is told as applied.
      this.#online();
    });
  }

  /** What a crash left open at devices that this gateway no longer carries: nobody can measure it any more. */
  #settleOrphans(journal: Journal): void {
    this.#guard(() => {
      for (const { deviceId, command, state, ordinal } of journal.unfinished()) {
        if (this.#devices.has(deviceId)) continue;
        const say = `The gateway does not carry ${deviceId} any more.`;
        const end = state === 'executing' ? 'unconfirmed' : 'failed';
        journal.move(deviceId, {
          commandId: command.id,
          state: end,
          reason: 'interrupted',
          say,
          timeMs: this.#surroundings.clock.nowMs(),
          ordinal: ordinal + 1,
        });
      }
    });
  }

  #loadConfiguration(): void {
    const row = this.#database?.prepare(`SELECT value FROM setting WHERE name = 'configuration'`).get();
    const kept = row && configuration.fromBytes(row['value'] as Uint8Array);
    if (kept?.ok === true) this.#configuration = kept.value;
  }

  #applyConfiguration(): void {
    for (const device of this.#devices.values())
      device.configure(this.#configuration.devices.find(({ deviceId }) => deviceId === device.id));
  }

  #flushSoon(): void {
    this.#endFlushTimer ??= this.#surroundings.clock.after(flushMs, () => this.#flush());
  }

  #flush(): void {
    this.#endFlushTimer = undefined;
    this.#guard(() => this.#outbox?.flush());
    const sent = this.#sent.splice(0);
    if (sent.length > 0) this.#guard(() => this.#journal?.markSent(sent));
  }

  #prune(): void {
    this.#guard(() => this.#journal?.prune());
  }
}

/** The command never came here, so nothing was done: the journal is written before any device is. */
function unknownHere(commandId: string, timeMs: number): Acknowledgement {
  return {
    commandId,
    state: 'failed',
    reason: 'unknown-to-agent',
    timeMs,
    ordinal: 0,
    say: 'The gateway never took this command in: nothing was done.',
  };
}
