import {
  acknowledgement,
  aasStatus,
  command,
  configuration,
  death,
  downFilters,
  deviceBirth,
  encodeHistory,
  encodeIntervals,
  event,
  fleetMode,
  formatTopic,
  gatewayBirth,
  gatewayClientId,
  hostState,
  inquiry,
  meterStatus,
  reading,
  readRequest,
  tagList,
  trustList,
} from '@tiepoint/protocol';
import { decodeSign1 } from '@tiepoint/protocol/envelope';
import type {
  AasStatus,
  Acknowledgement,
  Command,
  Configuration,
  DeviceBirth,
  DeviceEvent,
  FleetMode,
  GatewayBirth,
  HostState,
  Inquiry,
  IntervalBlock,
  MeterStatus,
  Reading,
  ReadRequest,
  TagList,
  TrustList,
} from '@tiepoint/protocol';
import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { GatewayTls } from './field-client.ts';

/** A gateway over a real socket that does what a test tells it, and nothing by itself. */
export class FakeAgent {
  readonly gatewayId: string;
  readonly session: number;
  readonly commands: Command[] = [];
  readonly inquiries: Inquiry[] = [];
  readonly configurations: Configuration[] = [];
  readonly hostStates: HostState[] = [];
  readonly tagLists: TagList[] = [];
  readonly trustLists: TrustList[] = [];
  readonly reads: ReadRequest[] = [];
  readonly modes: FleetMode[] = [];
  readonly #url: string;
  readonly #tls: GatewayTls;
  readonly #seqs = new Map<string, number>();
  #client: MqttClient | undefined;

  constructor(url: string, gatewayId: string, session: number, tls: GatewayTls) {
    this.#url = url;
    this.#tls = tls;
    this.gatewayId = gatewayId;
    this.session = session;
  }

  async start(): Promise<void> {
    const will = {
      topic: this.#topic('death'),
      payload: Buffer.from(death.toBytes({ session: this.session, cause: 'line-lost' })),
      qos: 1 as const,
      retain: false,
    };
    const client = connect(this.#url, {
      clientId: gatewayClientId(this.gatewayId),
      username: 'one process',
      ...this.#tls,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      keepalive: 60,
      will,
    });
    this.#client = client;
    client.on('message', (topic, payload) => this.#heard(topic, payload));
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    const { gatewayId } = this;
    await client.subscribeAsync([...downFilters(gatewayId)], { qos: 1 });
  }

  get isConnected(): boolean {
    return this.#client?.connected === true;
  }

  async stop(): Promise<void> {
    await this.#client?.endAsync();
  }

  /** Dies as a pulled plug does: the broker sends the will. */
  cut(): void {
    this.#client?.stream.destroy();
    this.#client?.end(true);
  }

  born(deviceIds: readonly string[], changes: Partial<GatewayBirth> = {}): Promise<void> {
    const birth = {
      protocolVersion: 1,
      session: this.session,
      timeMs: Date.now(),
      firmware: 'fake',
      deviceIds,
      readOnly: false,
      configurationRevision: 0,
      configurationHash: 'c0ffee',
      trustRevision: 1,
      ...changes,
    };
    return this.raw(this.#topic('birth'), gatewayBirth.toBytes(birth));
  }

  deviceBorn(deviceId: string, birth: DeviceBirth): Promise<void> {
    this.#seqs.set(deviceId, birth.nextSeq);
    return this.raw(this.#topic('birth', deviceId), deviceBirth.toBytes({ ...birth, session: this.session }));
  }

  meter(deviceId: string, status: Partial<MeterStatus>): Promise<void> {
    return this.raw(this.#topic('status', deviceId), meterStatus.encode({ ...this.#stamp(deviceId), ...status }).bytes);
  }

  aas(deviceId: string, status: Partial<AasStatus>): Promise<void> {
    return this.raw(this.#topic('status', deviceId), aasStatus.encode({ ...this.#stamp(deviceId), ...status }).bytes);
  }

  event(deviceId: string, told: Pick<DeviceEvent, 'kind'> & Partial<DeviceEvent>): Promise<void> {
    return this.raw(this.#topic('event', deviceId), event.toBytes({ ...this.#stamp(deviceId), ...told }));
  }

  history(deviceId: string, statuses: readonly MeterStatus[]): Promise<void> {
    const entries = statuses.map((status) => ({ of: 'status' as const, bytes: meterStatus.encode(status).bytes }));
    return this.raw(this.#topic('history', deviceId), encodeHistory(entries));
  }

  ack(deviceId: string, ack: Omit<Acknowledgement, 'timeMs'>): Promise<void> {
    return this.raw(this.#topic('ack', deviceId), acknowledgement.toBytes({ timeMs: Date.now(), ...ack }));
  }

  reading(deviceId: string, told: Omit<Reading, 'timeMs' | 'timeQuality'>): Promise<void> {
    const stamped = { timeMs: Date.now(), timeQuality: 'synchronised' as const, ...told };
    return this.raw(this.#topic('reading', deviceId), reading.toBytes(stamped));
  }

  intervals(deviceId: string, block: IntervalBlock): Promise<void> {
    return this.raw(this.#topic('intervals', deviceId), encodeIntervals(block));
  }

  async raw(topic: string, payload: Uint8Array): Promise<void> {
    await this.#client?.publishAsync(topic, Buffer.from(payload), { qos: 1 });
  }

  #stamp(deviceId: string): { session: number; seq: number; timeMs: number; timeQuality: 'synchronised' } {
    const seq = this.#seqs.get(deviceId) ?? 0;
    this.#seqs.set(deviceId, seq + 1);
    return { session: this.session, seq, timeMs: Date.now(), timeQuality: 'synchronised' };
  }

  #topic(
    message: 'birth' | 'death' | 'status' | 'event' | 'ack' | 'history' | 'intervals' | 'reading',
    deviceId?: string,
  ): string {
    const { gatewayId } = this;
    if (deviceId !== undefined) return formatTopic({ of: 'device', gatewayId, deviceId, message });
    return formatTopic({ of: 'gateway', gatewayId, message: message === 'birth' ? 'birth' : 'death' });
  }

  #heard(topic: string, payload: Uint8Array): void {
    const keep = <T>(list: T[], decoded: { ok: true; value: T } | { ok: false; say: string }): void => {
      if (!decoded.ok) throw new Error(`${topic}: ${decoded.say}`);
      list.push(decoded.value);
    };
    // Who signed it is looked at where that is what a test is about.
    const content = decodeSign1(payload)?.payload;
    if (content === undefined) throw new Error(`${topic}: came down unsigned`);
    if (topic.endsWith('/command')) keep(this.commands, command.fromBytes(content));
    else if (topic.endsWith('/inquiry')) keep(this.inquiries, inquiry.fromBytes(content));
    else if (topic.endsWith('/configuration')) keep(this.configurations, configuration.fromBytes(content));
    else if (topic.endsWith('/tags')) keep(this.tagLists, tagList.fromBytes(content));
    else if (topic.endsWith('/trust')) keep(this.trustLists, trustList.fromBytes(content));
    else if (topic.endsWith('/reads')) keep(this.reads, readRequest.fromBytes(content));
    else if (topic.endsWith('/mode')) keep(this.modes, fleetMode.fromBytes(content));
    else keep(this.hostStates, hostState.fromBytes(content));
  }
}

/** A 200 A meter with service switch, periodic every 4 s. */
export const meterBirth: DeviceBirth = {
  session: 1,
  timeMs: 0,
  nextSeq: 0,
  kind: 'meter',
  profile: 'test/meter',
  profileHash: 'x',
  capabilities: ['meter', 'service-switch'],
  commands: ['connect', 'disconnect'],
  limits: { switchRatingA: 200 },
  periodMs: 4_000,
  reporting: 'periodic',
  readOnly: false,
};

/** A PV inverter of 5 kW behind that meter, without a disconnect of its own. */
export const pvBirth: DeviceBirth = {
  ...meterBirth,
  kind: 'aas',
  profile: 'test/pv',
  capabilities: ['generation'],
  commands: ['limit-power'],
  limits: { ratedPowerW: 5_000, ratedCurrentA: 22 },
  switchedBy: 'meter-1',
};
