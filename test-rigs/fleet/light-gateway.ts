import { DatabaseSync } from 'node:sqlite';
import { composeBirth } from '@tiepoint/agent/core/birth.ts';
import { floorTo } from '@tiepoint/agent/core/intervals-grid.ts';
import type { ClosedInterval } from '@tiepoint/agent/core/intervals.ts';
import { wait } from '@tiepoint/agent/io/clock.ts';
import type { EndTimer } from '@tiepoint/agent/io/clock.ts';
import { Downlink } from '@tiepoint/agent/io/downlink.ts';
import type { Log } from '@tiepoint/agent/io/log.ts';
import type { PresentRead } from '@tiepoint/agent/io/present-reading.ts';
import { ReadAnswers } from '@tiepoint/agent/io/read-answers.ts';
import { machine } from '@tiepoint/agent/io/surroundings.ts';
import { readTrustFile } from '@tiepoint/agent/io/trust.ts';
import { Uplink } from '@tiepoint/agent/io/uplink.ts';
import type { Lane } from '@tiepoint/agent/io/uplink.ts';
import { findProfile, layOut } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { deviceBirth, encodeStatus, gatewayBirth, protocolVersion } from '@tiepoint/protocol';
import type { DeviceUp } from '@tiepoint/protocol';
import { seededRandom } from '../devices/seeded-random.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import { customerOf, LoadCurve } from './load-curve.ts';

export type LightMeter = { readonly deviceId: string; readonly serialNumber: string; readonly seed: number };

export type LightGatewayOptions = {
  readonly id: string;
  /** The folder of key, certificate and trusted keys. */
  readonly identity: string;
  readonly mqttUrl: string;
  readonly meters: readonly LightMeter[];
  readonly settings: LightSettings;
  readonly log: Log;
  readonly count: (what: keyof LightCounts) => void;
};

export type LightSettings = {
  readonly seed: number;
  /** Of the meters: they are introduced, and nothing is heard of them again. */
  readonly silentShare: number;
  /** Of the answers: they never reach the broker, and nobody tells. */
  readonly lostShare: number;
  readonly intervalS: number;
  /** Each meter tells a status so often; the first within this time. */
  readonly heartbeatMs: number;
  /** How long a present reading takes, from and to. */
  readonly readMs: readonly [number, number];
  /** So many meters of a gateway are read at the same time. */
  readonly readLanes: number;
  /** So far back intervals are kept. */
  readonly keptDays: number;
};

export type LightCounts = { requests: number; answers: number; lost: number; statuses: number };

const { model } = layOut(findProfile('ami-meter-200a') as Profile);
const tickMs = 1_000;

/**
 * A concentrator with meters that are nothing but their load curve: what the shipped gateway has for the line, what comes down and the answers
 * to reads (`Uplink`, `Downlink`, `ReadAnswers`), without devices, buses and disk. It takes no commands.
 */
export class LightGateway {
  readonly #options: LightGatewayOptions;
  readonly #database = new DatabaseSync(':memory:');
  readonly #random: SeededRandom;
  readonly #curves: ReadonlyMap<string, LoadCurve>;
  readonly #silent: ReadonlySet<string>;
  readonly #downlink: Downlink;
  readonly #uplink: Uplink;
  readonly #answers: ReadAnswers;
  #endTimer: EndTimer | undefined;
  /** By device: each counts its own. */
  readonly #seqs = new Map<string, number>();
  #ticks = 0;

  constructor(options: LightGatewayOptions) {
    const { id, identity, mqttUrl, meters, settings, log } = options;
    this.#options = options;
    this.#database.exec('CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT');
    this.#random = seededRandom(settings.seed ^ (meters[0]?.seed ?? 0));
    this.#curves = new Map(meters.map(({ deviceId, seed }) => [deviceId, new LoadCurve(customerOf(seed))]));
    const silent = meters.filter(() => this.#random.next() < settings.silentShare);
    this.#silent = new Set(silent.map(({ deviceId }) => deviceId));
    this.#downlink = new Downlink(this.#database, {
      first: readTrustFile(`${identity}/trust.json`),
      clock: machine.clock,
      log,
      events: {
        command: () => undefined,
        asked: ({ rebirth }) => rebirth === true && this.#introduceAll(),
        reads: (content) => {
          options.count('requests');
          this.#answers.take(content);
        },
        configured: () => this.#introduce(),
        modeChanged: () => undefined,
        birthWanted: () => this.#introduce(),
        refused: () => undefined,
      },
    });
    this.#uplink = new Uplink(
      id,
      { url: mqttUrl, keepaliveS: 60, identity },
      { ...machine, gate: this.#downlink, log },
    );
    this.#answers = this.#answering();
  }

  get id(): string {
    return this.#options.id;
  }

  get online(): boolean {
    return this.#uplink.online;
  }

  curve(deviceId: string): LoadCurve | undefined {
    return this.#curves.get(deviceId);
  }

  isSilent(deviceId: string): boolean {
    return this.#silent.has(deviceId);
  }

  start(): void {
    this.#downlink.load();
    this.#uplink.start({
      online: () => {
        this.#downlink.begin();
        this.#introduceAll();
      },
      offline: () => this.#answers.clear(),
      message: (topic, content, retained) => this.#downlink.take(topic, content, retained),
    });
    this.#endTimer = machine.clock.every(tickMs, () => this.#report());
  }

  async stop(): Promise<void> {
    this.#endTimer?.();
    this.#answers.clear();
    this.#downlink.mode.stop();
    await this.#uplink.stop();
    this.#database.close();
  }

  #answering(): ReadAnswers {
    const { settings, meters, log, count } = this.#options;
    const answering = meters.map(({ deviceId }, index) => {
      const meter = {
        bus: `${index % settings.readLanes}`,
        intervalS: settings.intervalS,
        present: async () => await this.#present(deviceId),
      };
      return [deviceId, meter] as const;
    });
    return new ReadAnswers({
      clock: machine.clock,
      random01: () => this.#random.next(),
      hostMs: () => this.#downlink.hostMs,
      timeQuality: () => this.#downlink.timeQuality,
      meters: new Map(answering),
      intervals: {
        lengthS: () => settings.intervalS,
        keptRows: (lengthS) => (settings.keptDays * 86_400) / lengthS,
        range: (deviceId, { fromMs, toMs, limit }) => this.#intervals(deviceId, fromMs, toMs).slice(-limit),
      },
      publish: async (deviceId, message, payload) => {
        // Whoever is silent, or whose answer is lost, leaves the head-end to wait.
        const isLost = this.#silent.has(deviceId) || this.#random.next() < settings.lostShare;
        count(isLost ? 'lost' : 'answers');
        return isLost || (await this.#publish(deviceId, message, payload, 'may'));
      },
      log,
    });
  }

  async #present(deviceId: string): Promise<PresentRead> {
    const [fromMs, toMs] = this.#options.settings.readMs;
    await wait(machine.clock, fromMs + this.#random.next() * (toMs - fromMs));
    const curve = this.#curves.get(deviceId);
    if (curve === undefined) return { ok: false, say: 'There is no such meter.' };
    const timeMs = machine.clock.nowMs();
    const [activePowerW, voltageV] = [curve.powerW(timeMs), curve.voltageV(timeMs)];
    const importedEnergyWh = Math.round(curve.importedWh(timeMs));
    const exportedEnergyWh = Math.round(curve.exportedWh(timeMs));
    const currentA = Math.abs(activePowerW) / voltageV;
    return { ok: true, timeMs, values: { activePowerW, currentA, voltageV, importedEnergyWh, exportedEnergyWh } };
  }

  #intervals(deviceId: string, fromMs: number, toMs: number): readonly ClosedInterval[] {
    const { intervalS, keptDays } = this.#options.settings;
    const curve = this.#curves.get(deviceId);
    const lengthMs = intervalS * 1_000;
    const nowMs = machine.clock.nowMs();
    const firstMs = floorTo(Math.max(fromMs, nowMs - keptDays * 86_400_000), intervalS);
    const intervals: ClosedInterval[] = [];
    for (let endMs = firstMs + lengthMs; curve !== undefined && endMs <= Math.min(toMs, nowMs); endMs += lengthMs)
      intervals.push(intervalOf(curve, endMs, intervalS));
    return intervals;
  }

  #introduceAll(): void {
    this.#introduce();
    for (const meter of this.#options.meters) this.#introduceMeter(meter);
  }

  #introduce(): void {
    const topic = { of: 'gateway', gatewayId: this.id, message: 'birth' } as const;
    const birth = {
      protocolVersion,
      ...this.#uplink.speaker,
      timeMs: machine.clock.nowMs(),
      firmware: 'light',
      deviceIds: [...this.#curves.keys()],
      readOnly: true,
      timeQuality: this.#downlink.timeQuality,
      ...this.#downlink.revisions,
    };
    this.#downlink.introduced(birth);
    void this.#uplink.publish(topic, gatewayBirth.toBytes(birth), 'must');
  }

  #introduceMeter({ deviceId, serialNumber }: LightMeter): void {
    const { heartbeatMs, intervalS } = this.#options.settings;
    const own = { ...model, identity: { ...model.identity, serialNumber } };
    const rhythm = { periodMs: 4_000, reporting: 'by-exception', heartbeatMs } as const;
    const { birth } = composeBirth(
      own,
      { ...rhythm, thresholdsPct: [], hysteresisPct: 2, intervalS },
      {
        session: this.#uplink.session,
        timeMs: machine.clock.nowMs(),
        nextSeq: (this.#seqs.get(deviceId) ?? 0) + 1,
        readOnly: true,
      },
    );
    void this.#publish(deviceId, 'birth', deviceBirth.toBytes(birth), 'must');
  }

  /** Of all meters in turn, so that each has its heartbeat. */
  #report(): void {
    if (!this.online) return;
    const { meters, settings, count } = this.#options;
    const perTick = (meters.length * tickMs) / settings.heartbeatMs;
    const [from, to] = [Math.floor(this.#ticks * perTick), Math.floor((this.#ticks += 1) * perTick)];
    for (let turn = from; turn < to; turn++) {
      const meter = meters[turn % meters.length];
      if (meter === undefined || this.#silent.has(meter.deviceId)) continue;
      count('statuses');
      void this.#publish(meter.deviceId, 'status', this.#status(meter.deviceId), 'may');
    }
  }

  #status(deviceId: string): Uint8Array {
    const timeMs = machine.clock.nowMs();
    const curve = this.#curves.get(deviceId);
    const seq = (this.#seqs.get(deviceId) ?? 0) + 1;
    this.#seqs.set(deviceId, seq);
    const status = {
      kind: 'meter',
      session: this.#uplink.session,
      seq,
      timeMs,
      timeQuality: this.#downlink.timeQuality,
      health: 'ok',
      switchState: 'closed',
      control: 'remote',
      activePowerW: curve?.powerW(timeMs),
      voltageV: curve?.voltageV(timeMs),
    } as const;
    return encodeStatus(status).bytes;
  }

  #publish(deviceId: string, message: DeviceUp, payload: Uint8Array, lane: Lane): Promise<boolean> {
    return this.#uplink.publish({ of: 'device', gatewayId: this.id, deviceId, message }, payload, lane);
  }
}

function intervalOf(curve: LoadCurve, endMs: number, lengthS: number): ClosedInterval {
  const startMs = endMs - lengthS * 1_000;
  const [from, to] = [startMs, endMs].map((atMs) => ({
    importedWh: Math.round(curve.importedWh(atMs)),
    exportedWh: Math.round(curve.exportedWh(atMs)),
  })) as [{ importedWh: number; exportedWh: number }, { importedWh: number; exportedWh: number }];
  const importedWh = to.importedWh - from.importedWh;
  return {
    endMs,
    lengthS,
    flags: [],
    importedWh,
    exportedWh: to.exportedWh - from.exportedWh,
    reactiveVarh: Math.round(0.2 * importedWh),
    voltageV: curve.voltageV(startMs + lengthS * 500),
    importedRegisterWh: to.importedWh,
    exportedRegisterWh: to.exportedWh,
  };
}
