import type {
  Acknowledgement,
  Death,
  DeviceBirth,
  DeviceEvent,
  FleetModeName,
  GatewayBirth,
  HistoryEntry,
  Status,
} from '@tiepoint/protocol';
import { protocolVersion } from '@tiepoint/protocol';
import type { DeviceRecord, EventEntry, GatewayRecord } from '../store/store.ts';
import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import { diedSay } from './death-words.ts';
import { deviceKeyOf, splitDeviceKey } from './device-key.ts';
import { eventWords } from './event-words.ts';
import { DevicesOfGateways, heldModes, isHeldBack } from './held-back.ts';
import { gatewayStep, newGateway, rememberedGateway } from './gateway-state.ts';
import type { GatewayInput, GatewayState } from './gateway-state.ts';
import type { FleetHearer, Refused } from './ingest.ts';
import type { Inquirer } from './inquirer.ts';
import { keptSample } from './kept-sample.ts';
import { NeverBorn } from './never-born.ts';
import { Returns } from './returns.ts';
import { gatewayRecord } from './write-anew.ts';
import { isRemoved, newTwin, rememberedTwin, twinStep } from './twins.ts';
import type { Twin, TwinEffect, TwinInput } from './twins.ts';

export type FleetParts = {
  writer: TelemetryWriter;
  inquirer: Pick<Inquirer, 'rebirth' | 'isAnswer'>;
  onDevice: (deviceKey: string) => void;
  onGateway: (gatewayId: string) => void;
  /** After each birth of a gateway, also of the same session. */
  onGatewayBorn: (gatewayId: string, birth: GatewayBirth) => void;
  onAcknowledged: (gatewayId: string, deviceId: string, ack: Acknowledgement) => void;
  /** The fleet mode that a gateway was told and has heard, while it holds. */
  heldMode: (gatewayId: string) => FleetModeName | undefined;
  now: () => number;
  limits?: { maxGateways: number; maxDevices: number };
};

const defaultLimits = { maxGateways: 50_000, maxDevices: 100_000 };

/** All gateways and devices that ever introduced themselves: the pure steps of their states, and what follows from each. */
export class Fleet implements FleetHearer {
  readonly #parts: FleetParts;
  readonly #limits: { maxGateways: number; maxDevices: number };
  readonly #gateways = new Map<string, GatewayState>();
  readonly #twins = new Map<string, Twin>();
  /** Device keys by gateway, so that a death of a gateway does not walk the fleet. */
  readonly #carried = new Map<string, Set<string>>();
  readonly #neverBorn = new NeverBorn();
  readonly #returns = new Returns();

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? defaultLimits;
  }

  load(gateways: readonly GatewayRecord[], devices: readonly DeviceRecord[]): void {
    for (const { gatewayId, birth, ...times } of gateways) {
      const state = rememberedGateway(gatewayId, birth, times);
      this.#gateways.set(gatewayId, state);
      this.#returns.expect(state);
    }
    this.#returns.expectDevices(devices);
    for (const { deviceKey: key, birth, bornAtMs, lastStatus } of devices) {
      const names = splitDeviceKey(key);
      if (names === undefined) continue;
      const { status, receivedAtMs } = lastStatus ?? {};
      this.#put(rememberedTwin({ key, ...names, birth, bornAtMs, status, receivedAtMs }));
    }
  }

  /** Also of a device that its gateway no longer carries: what it told late is still kept. */
  twin(deviceKey: string): Twin | undefined {
    return this.#twins.get(deviceKey);
  }

  /** Of the devices that their gateways carry. */
  twins(): Iterable<Twin> {
    return this.#twins.values().filter((twin) => !isRemoved(twin));
  }

  gateway(gatewayId: string): GatewayState | undefined {
    return this.#gateways.get(gatewayId);
  }

  gateways(): Iterable<GatewayState> {
    return this.#gateways.values();
  }

  devicesOf(gatewayId: string): readonly Twin[] {
    const twins = [...(this.#carried.get(gatewayId) ?? [])].flatMap((key) => this.#twins.get(key) ?? []);
    return twins.filter((twin) => !isRemoved(twin));
  }

  /** Listed by the present birth of their gateway, but never introduced: not identified, say, or without a profile. */
  missingOf(gatewayId: string): ReturnType<NeverBorn['among']> {
    const there = new Set(this.devicesOf(gatewayId).map(({ deviceId }) => deviceId));
    const listed = this.#gateways.get(gatewayId)?.birth?.deviceIds ?? [];
    return this.#neverBorn.among(gatewayId, there, listed);
  }

  /** The AAS that this meter's service switch disconnects. */
  switchedBy(meterKey: string): readonly Twin[] {
    const names = splitDeviceKey(meterKey);
    return names === undefined
      ? []
      : this.devicesOf(names.gatewayId).filter(({ birth }) => birth.switchedBy === names.deviceId);
  }

  /** Called about twice a second: what is silent for too long is late, then lost. */
  sweep(linkUp: boolean): void {
    for (const missing of this.#returns.overdue(linkUp)) this.#note({ ...missing, kind: 'gateway-missing' });
    const devices = new DevicesOfGateways();
    const modes = heldModes(this.#gateways.values(), this.#parts.heldMode);
    for (const before of this.#twins.values()) {
      const held = isHeldBack(before, modes.get(before.gatewayId), (key) => this.switchedBy(key));
      if (before.heardAtMs !== undefined || before.resumedAtMs !== undefined || held !== (before.held === true))
        this.#step(before, { kind: 'time', held });
      devices.note(this.#twins.get(before.key) ?? before);
    }
    for (const { gatewayId, online } of this.#gateways.values())
      if (online) this.#stepGateway(gatewayId, { kind: 'time', devices: devices.of(gatewayId), linkUp });
  }

  /** The clock was set by so much since the last sweep. */
  clockSet(byMs: number): void {
    for (const twin of this.#twins.values()) this.#step(twin, { kind: 'clock-set', byMs });
    for (const gatewayId of this.#gateways.keys()) this.#stepGateway(gatewayId, { kind: 'clock-set' });
  }

  gatewayBorn(gatewayId: string, birth: GatewayBirth): Refused {
    if (birth.protocolVersion > protocolVersion) {
      return {
        reason: 'protocol-version',
        say: `${gatewayId} speaks protocol ${birth.protocolVersion}, this head-end ${protocolVersion}: update the head-end`,
      };
    }
    if (!this.#gateways.has(gatewayId) && this.#gateways.size >= this.#limits.maxGateways) {
      return { reason: 'full', say: `${this.#limits.maxGateways} gateways are known already` };
    }
    const isAnswer = this.#parts.inquirer.isAnswer(gatewayId, birth);
    const refused = this.#stepGateway(gatewayId, { kind: 'birth', birth, isAnswer });
    if (refused === undefined) this.#parts.onGatewayBorn(gatewayId, birth);
    return refused;
  }

  gatewayDied(gatewayId: string, death: Death): Refused {
    if (!this.#gateways.has(gatewayId))
      return { reason: 'unknown-gateway', say: `${gatewayId} never introduced itself` };
    return this.#stepGateway(gatewayId, { kind: 'death', death });
  }

  deviceBorn(gatewayId: string, deviceId: string, birth: DeviceBirth): Refused {
    const foreign = this.#foreign(gatewayId, deviceId, birth.session);
    if (foreign !== undefined) return foreign;
    const key = deviceKeyOf(gatewayId, deviceId);
    const nowMs = this.#parts.now();
    const before = this.#twins.get(key);
    if (before === undefined && this.#twins.size >= this.#limits.maxDevices) {
      return { reason: 'full', say: `${this.#limits.maxDevices} devices are known already` };
    }
    this.#parts.writer.device({ deviceKey: key, birth, bornAtMs: nowMs });
    if (before === undefined || isRemoved(before)) this.#parts.onGateway(gatewayId);
    if (before !== undefined) {
      this.#step(before, { kind: 'birth', birth });
      this.#parts.onDevice(key);
      return undefined;
    }
    this.#put(newTwin(gatewayId, deviceId, birth, nowMs));
    this.#note({
      gatewayId,
      deviceKey: key,
      kind: 'device-born',
      say: `New device: ${birth.title ?? deviceId} (${birth.profile})`,
    });
    this.#parts.onDevice(key);
    return undefined;
  }

  deviceDied(gatewayId: string, deviceId: string, death: Death): Refused {
    const twin = this.#twins.get(deviceKeyOf(gatewayId, deviceId));
    if (twin === undefined) return this.#neverCame(gatewayId, deviceId, death);
    this.#step(twin, { kind: 'death', death });
    return undefined;
  }

  status(gatewayId: string, deviceId: string, status: Status): Refused {
    return this.#fromDevice({ gatewayId, deviceId, session: status.session }, (twin) => {
      if (status.kind !== twin.birth.kind) {
        return {
          reason: 'kind-mismatch',
          say: `is the status of a ${status.kind}, but ${deviceId} introduced itself as ${twin.birth.kind}`,
        };
      }
      this.#step(twin, { kind: 'status', status });
      return undefined;
    });
  }

  event(gatewayId: string, deviceId: string, event: DeviceEvent): Refused {
    return this.#fromDevice({ gatewayId, deviceId, session: event.session }, (twin) => {
      this.#step(twin, { kind: 'event', event });
      return undefined;
    });
  }

  /** Kept, and never live. */
  history(gatewayId: string, deviceId: string, entries: readonly HistoryEntry[]): Refused {
    const twin = this.#twins.get(deviceKeyOf(gatewayId, deviceId));
    if (twin === undefined) return this.#unborn(gatewayId, deviceId);
    for (const entry of entries) {
      if (entry.of === 'event') this.#keepEvent(twin, entry.event, true);
      else if (entry.status.kind === twin.birth.kind) this.#keepSample(twin, entry.status, false);
    }
    return undefined;
  }

  acknowledged(gatewayId: string, deviceId: string, ack: Acknowledgement): void {
    this.#parts.onAcknowledged(gatewayId, deviceId, ack);
  }

  #stepGateway(gatewayId: string, input: GatewayInput): Refused {
    const before = this.#gateways.get(gatewayId) ?? newGateway(gatewayId);
    const { state, effects } = gatewayStep(before, input, this.#parts.now());
    if (state === before && effects.length === 0) return undefined;
    let refused: Refused;
    this.#gateways.set(gatewayId, state);
    for (const effect of effects) {
      switch (effect.kind) {
        case 'outdated':
          refused = { reason: 'other-session', say: `is of a session of ${gatewayId} that is over` };
          break;
        case 'born':
          this.#keepGateway(state);
          if (effect.anew) this.#neverBorn.sessionBegan(gatewayId);
          this.#endMissing(state);
          if (effect.anew && !this.#returns.gatewayBack(gatewayId))
            this.#note({
              gatewayId,
              kind: 'gateway-born',
              say: `Gateway on line, firmware ${state.birth?.firmware ?? 'unknown'}`,
            });
          break;
        case 'died':
          this.#returns.gatewayBack(gatewayId);
          this.#keepGateway(state);
          this.#note({ gatewayId, kind: 'gateway-died', say: diedSay(effect.death, this.devicesOf(gatewayId).length) });
          for (const twin of this.devicesOf(gatewayId))
            this.#step(twin, { kind: 'death', death: effect.death }, 'with-gateway');
          break;
        case 'ask':
          this.#parts.inquirer.rebirth(gatewayId);
          break;
        case 'silent':
          // Not kept over a start: its session is not over, and is taken up again when it is heard.
          this.#note({ gatewayId, kind: 'gateway-died', say: 'Nothing of it reports, and it does not answer' });
          break;
        case 'heard-again':
          this.#returns.gatewayBack(gatewayId);
          if (effect.unsilenced) this.#note({ gatewayId, kind: 'gateway-born', say: 'Gateway on line again' });
          this.#parts.inquirer.rebirth(gatewayId);
          break;
      }
    }
    if (state !== before) this.#parts.onGateway(gatewayId);
    return refused;
  }

  /** After a birth of the gateway: devices of an earlier session are not there until they introduce themselves. */
  #endMissing({ gatewayId, birth }: GatewayState): void {
    if (birth === undefined) return;
    const listed = new Set(birth.deviceIds);
    for (const twin of this.devicesOf(gatewayId)) {
      const { session } = twin.birth;
      if (!listed.has(twin.deviceId)) {
        this.#step(twin, { kind: 'death', death: { session, cause: 'removed' } });
        this.#parts.writer.removeDevice(twin.key);
      } else if (session !== birth.session) {
        this.#step(twin, { kind: 'death', death: { session, cause: 'line-lost' } }, 'with-gateway');
      }
    }
  }

  #fromDevice(
    { gatewayId, deviceId, session }: { gatewayId: string; deviceId: string; session: number },
    take: (twin: Twin) => Refused,
  ): Refused {
    const twin = this.#twins.get(deviceKeyOf(gatewayId, deviceId));
    if (twin === undefined) return this.#unborn(gatewayId, deviceId);
    const foreign = this.#foreign(gatewayId, deviceId, session);
    // A word of a session that is over is late, not lost: the twin counts it and keeps it as history.
    if (foreign !== undefined && foreign.reason !== 'other-session') return foreign;
    return take(twin) ?? foreign;
  }

  /** Why a message with this session is not of the gateway's present connection. */
  #foreign(gatewayId: string, deviceId: string, session: number): Refused {
    const gateway = this.#gateways.get(gatewayId);
    if (gateway?.birth === undefined) return this.#unborn(gatewayId, deviceId);
    if (gateway.session === session) {
      // The head-end was away, or the line was; what it says meanwhile is complete only after a new birth.
      if (!gateway.online) this.#stepGateway(gatewayId, { kind: 'heard-again' });
      return gateway.birth.deviceIds.includes(deviceId) ? undefined : this.#notListed(gatewayId, deviceId);
    }
    // Its birth was missed, or another was born in its name: it is asked for.
    if (!gateway.endedSessions.includes(session)) this.#parts.inquirer.rebirth(gatewayId);
    return { reason: 'other-session', say: `is of another session of ${gatewayId} than the present one` };
  }

  #neverCame(gatewayId: string, deviceId: string, death: Death): Refused {
    const foreign = this.#foreign(gatewayId, deviceId, death.session);
    if (foreign !== undefined) return foreign;
    this.#neverBorn.died(gatewayId, deviceId, death);
    this.#parts.onGateway(gatewayId);
    return undefined;
  }

  #unborn(gatewayId: string, deviceId: string): Refused {
    this.#parts.inquirer.rebirth(gatewayId);
    return { reason: 'unknown-device', say: `${deviceId} has not introduced itself` };
  }

  #notListed(gatewayId: string, deviceId: string): Refused {
    this.#parts.inquirer.rebirth(gatewayId);
    return { reason: 'not-listed', say: `${gatewayId} did not name ${deviceId} in its birth` };
  }

  #put(twin: Twin): void {
    this.#twins.set(twin.key, twin);
    const carried = this.#carried.get(twin.gatewayId) ?? new Set();
    this.#carried.set(twin.gatewayId, carried.add(twin.key));
  }

  #step(before: Twin, input: TwinInput, with_?: 'with-gateway'): void {
    const { twin, effects } = twinStep(before, input, this.#parts.now());
    if (twin === before) return;
    this.#twins.set(twin.key, twin);
    for (const effect of effects) if (with_ === undefined) this.#follow(twin, effect);
    this.#parts.onDevice(twin.key);
  }

  #follow(twin: Twin, effect: TwinEffect): void {
    const { gatewayId, key: deviceKey } = twin;
    switch (effect.kind) {
      case 'keep-status':
        if (effect.live)
          this.#parts.writer.lastStatus({ deviceKey, status: effect.status, receivedAtMs: this.#parts.now() });
        return this.#keepSample(twin, effect.status, effect.live);
      case 'keep-event':
        return this.#keepEvent(twin, effect.event, !effect.live);
      case 'counting-restarted':
        return this.#parts.inquirer.rebirth(gatewayId);
      case 'messages-lost':
        this.#parts.inquirer.rebirth(gatewayId);
        return this.#note({ gatewayId, deviceKey, kind: 'messages-lost', say: lostSay(effect.count) });
      case 'died':
        return this.#note({ gatewayId, deviceKey, kind: 'device-died', say: diedSay(effect.death) });
      case 'liveness':
        if (effect.to === 'lost' && twin.deathCause === undefined) {
          this.#note({ gatewayId, deviceKey, kind: 'device-lost', say: 'No report for three periods' });
        } else if (effect.to === 'live' && !this.#returns.deviceBack(deviceKey) && effect.from === 'lost') {
          this.#note({ gatewayId, deviceKey, kind: 'device-live', say: 'Reports again' });
        }
    }
  }

  #keepSample({ key }: Twin, status: Status, live: boolean): void {
    this.#parts.writer.sample(keptSample(key, status, live, this.#parts.now()));
  }

  #keepEvent({ key: deviceKey, gatewayId }: Twin, event: DeviceEvent, late: boolean): void {
    const atMs = this.#parts.now();
    this.#parts.writer.event({
      atMs,
      deviceTimeMs: event.timeMs,
      gatewayId,
      deviceKey,
      source: 'device',
      kind: event.kind,
      late,
      say: eventWords(event),
      detail: event,
    });
  }

  #keepGateway(state: GatewayState): void {
    const record = gatewayRecord(state);
    if (record !== undefined) this.#parts.writer.gateway(record);
  }

  #note(entry: Pick<EventEntry, 'gatewayId' | 'deviceKey' | 'kind' | 'say'>): void {
    this.#parts.writer.event({ ...entry, atMs: this.#parts.now(), source: 'head-end', late: false });
  }
}

const lostSay = (count: number): string => `${count} ${count === 1 ? 'message' : 'messages'} did not arrive`;
