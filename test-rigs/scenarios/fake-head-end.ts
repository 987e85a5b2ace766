import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import {
  acknowledgement,
  command as commandMessage,
  configuration,
  death,
  decodeHistory,
  decodeIntervals,
  decodeStatus,
  deviceBirth,
  event,
  fleetMode,
  formatTopic,
  gatewayBirth,
  gatewayEvent,
  hostState,
  inquiry,
  isFinal,
  parseTopic,
  readRequest,
  reading,
  tagList,
} from '@tiepoint/protocol';
import { placeOf, seal, signerOf } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { Trust } from '@tiepoint/protocol/field';
import type {
  Acknowledgement,
  Command,
  Configuration,
  Death,
  DeviceBirth,
  DeviceEvent,
  FleetMode,
  GatewayBirth,
  GatewayDown,
  GatewayEvent,
  HistoryEntry,
  Inquiry,
  IntervalBlock,
  ReadRequest,
  Reading,
  Status,
  TagList,
  Topic,
} from '@tiepoint/protocol';
import type { GatewayTls } from '@tiepoint/headend/nms/testing/field-client.ts';
import { until } from './until.ts';

type Received =
  | { of: 'gateway-birth'; value: GatewayBirth }
  | { of: 'gateway-death'; value: Death }
  | { of: 'gateway-event'; value: GatewayEvent }
  | { of: 'birth'; deviceId: string; value: DeviceBirth }
  | { of: 'death'; deviceId: string; value: Death }
  | { of: 'status'; deviceId: string; value: Status; bytes: Uint8Array }
  | { of: 'event'; deviceId: string; value: DeviceEvent }
  | { of: 'ack'; deviceId: string; value: Acknowledgement }
  | { of: 'intervals'; deviceId: string; value: IntervalBlock }
  | { of: 'reading'; deviceId: string; value: Reading }
  | { of: 'history'; deviceId: string; entries: readonly HistoryEntry[]; unreadable: number };

/** Listens to one gateway through a real broker and speaks to it as a head-end would; every message is decoded by the protocol and kept. */
export class FakeHeadEnd {
  readonly #gatewayId: string;
  readonly #client: MqttClient;
  /** What it signs with; `trust` is what an agent must be given to obey it. */
  readonly signer: Signer;
  readonly received: Received[] = [];
  #beacon: NodeJS.Timeout | undefined;
  #seq = 0;
  #clockErrorMs: number | null;
  /** Told to the gateway at each birth; `undefined`: nothing is told of tags. */
  tags: TagList | undefined = { revision: 1, tags: [] };

  private constructor(gatewayId: string, client: MqttClient, clockErrorMs: number | null, signer: Signer) {
    this.signer = signer;
    this.#clockErrorMs = clockErrorMs;
    this.#gatewayId = gatewayId;
    this.#client = client;
  }

  /**
   * `clockErrorMs`: how far the head-end's clock is ahead of the true one. `null`: it never tells the time. `signer`: of another that speaks
   * through the same broker, which is the same head-end then.
   */
  static async start(
    url: string,
    gatewayId: string,
    { key, cert, ca }: GatewayTls,
    { clockErrorMs = 0, signer }: { clockErrorMs?: number | null; signer?: Signer } = {},
  ): Promise<FakeHeadEnd> {
    const client = connect(url, { reconnectPeriod: 200, key, cert, ca });
    const host = new FakeHeadEnd(gatewayId, client, clockErrorMs, signer ?? signerOf(randomBytes(32)));
    client.on('message', (topic, payload) => host.#take(topic, payload));
    await client.subscribeAsync('tiepoint/v1/#', { qos: 1 });
    if (clockErrorMs !== null) {
      const tell = (): void =>
        void host.say(
          { of: 'host' },
          hostState.toBytes({ online: true, session: 1, timeMs: Date.now() + clockErrorMs }),
        );
      host.#beacon = setInterval(tell, 100);
    }
    return host;
  }

  async stop(): Promise<void> {
    clearInterval(this.#beacon);
    await this.#client.endAsync(true);
  }

  all<O extends Received['of']>(of: O): Extract<Received, { of: O }>[] {
    return this.received.filter((each): each is Extract<Received, { of: O }> => each.of === of);
  }

  acknowledgements(commandId: string): Acknowledgement[] {
    return this.all('ack').flatMap(({ value }) => (value.commandId === commandId ? [value] : []));
  }

  async send(
    fields: Partial<Command> & Pick<Command, 'deviceId' | 'kind'>,
    topicDeviceId = fields.deviceId,
  ): Promise<Command> {
    const nowMs = Date.now();
    const command: Command = {
      id: randomUUID(),
      seq: ++this.#seq,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 30_000,
      operator: 'test',
      gatewayId: this.#gatewayId,
      ...fields,
    };
    await this.publish({ deviceId: topicDeviceId }, commandMessage.toBytes(command));
    return command;
  }

  /** `content` is signed as a command, whatever it is. */
  async publish({ deviceId }: { deviceId: string }, content: Uint8Array): Promise<void> {
    await this.say({ of: 'device', gatewayId: this.#gatewayId, deviceId, message: 'command' }, content);
  }

  async inquire(question: Inquiry): Promise<void> {
    await this.#toGateway('inquiry', inquiry.toBytes(question));
  }

  async configure(change: Configuration): Promise<void> {
    await this.#toGateway('configuration', configuration.toBytes(change));
  }

  async tell(tags: TagList): Promise<void> {
    await this.#toGateway('tags', tagList.toBytes(tags));
  }

  /** Its id. */
  async read(request: Partial<ReadRequest> & Pick<ReadRequest, 'wanted'>): Promise<string> {
    const id = randomUUID();
    const nowMs = Date.now() + (this.#clockErrorMs ?? 0);
    await this.#toGateway(
      'reads',
      readRequest.toBytes({ id, issuedAtMs: nowMs, expiresAtMs: nowMs + 30_000, ...request }),
    );
    return id;
  }

  async mode(mode: FleetMode): Promise<void> {
    await this.#toGateway('mode', fleetMode.toBytes(mode));
  }

  /** Signs this for its topic, and publishes it. */
  async say(topic: Topic, content: Uint8Array): Promise<void> {
    const place = placeOf(topic);
    if (place === undefined) throw new Error('nothing comes down there');
    await this.raw(formatTopic(topic), seal(content, place, this.signer));
  }

  /** As it is: whoever has the broker can do as much. */
  async raw(topic: string, payload: Uint8Array): Promise<void> {
    await this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1 });
  }

  get trust(): Trust {
    const key = Buffer.from(this.signer.publicKey).toString('base64url');
    return { revision: 1, commandKeys: [key], recoveryKey: key };
  }

  async #toGateway(message: GatewayDown, content: Uint8Array): Promise<void> {
    await this.say({ of: 'gateway', gatewayId: this.#gatewayId, message }, content);
  }

  /** As the head-end does: with the time, and with the tags that it does not have yet. */
  #answer({ session, timeMs: birthMs, tagsRevision }: GatewayBirth): void {
    if (this.#clockErrorMs !== null)
      void this.inquire({ timeMs: Date.now() + this.#clockErrorMs, answers: { session, birthMs } });
    if (this.tags !== undefined && tagsRevision !== this.tags.revision) void this.tell(this.tags);
  }

  /** The final acknowledgement of a command. */
  async outcome(commandId: string, withinMs = 20_000): Promise<Acknowledgement> {
    return await until(
      `the outcome of ${commandId}`,
      () => this.acknowledgements(commandId).find(({ state }) => isFinal(state)),
      withinMs,
    );
  }

  #take(text: string, payload: Uint8Array): void {
    const topic = parseTopic(text);
    if (topic === undefined || topic.of === 'host' || topic.gatewayId !== this.#gatewayId) return;
    const received =
      topic.of === 'gateway' ? ofGateway(topic.message, payload) : ofDevice(topic.deviceId, topic.message, payload);
    if (received !== undefined) this.received.push(received);
    if (received?.of === 'gateway-birth') this.#answer(received.value);
  }
}

function ofGateway(message: string, payload: Uint8Array): Received | undefined {
  if (message === 'birth') return { of: 'gateway-birth', value: whole(gatewayBirth.fromBytes(payload)) };
  if (message === 'event') return { of: 'gateway-event', value: whole(gatewayEvent.fromBytes(payload)) };
  return message === 'death' ? { of: 'gateway-death', value: whole(death.fromBytes(payload)) } : undefined;
}

function ofDevice(deviceId: string, message: string, payload: Uint8Array): Received | undefined {
  switch (message) {
    case 'birth':
      return { of: 'birth', deviceId, value: whole(deviceBirth.fromBytes(payload)) };
    case 'death':
      return { of: 'death', deviceId, value: whole(death.fromBytes(payload)) };
    case 'status':
      return { of: 'status', deviceId, value: whole(decodeStatus(payload)), bytes: payload };
    case 'event':
      return { of: 'event', deviceId, value: whole(event.fromBytes(payload)) };
    case 'ack':
      return { of: 'ack', deviceId, value: whole(acknowledgement.fromBytes(payload)) };
    case 'intervals':
      return { of: 'intervals', deviceId, value: whole(decodeIntervals(payload)) };
    case 'reading':
      return { of: 'reading', deviceId, value: whole(reading.fromBytes(payload)) };
    case 'history':
      return { of: 'history', deviceId, ...whole(decodeHistory(payload)) };
    default:
      return undefined;
  }
}

function whole<T>(decoded: { ok: true; value: T } | { ok: false; path: string; say: string }): T {
  if (!decoded.ok) throw new Error(`the agent sent what the protocol cannot read: ${decoded.path} ${decoded.say}`);
  return decoded.value;
}
