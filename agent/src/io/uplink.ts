import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { IClientOptions, MqttClient } from 'mqtt';
import { death, downFilters, formatTopic, gatewayClientId, parseTopic } from '@tiepoint/protocol';
import type { Topic } from '@tiepoint/protocol';
import { within } from './clock.ts';
import type { EndTimer } from './clock.ts';
import type { Gate } from './gate.ts';
import type { GatewayIdentity } from './keys/gateway-identity.ts';
import { traceOf } from './log.ts';
import type { Log } from './log.ts';
import type { Surroundings } from './surroundings.ts';

/** `identity`: the folder of key and certificate. It is read at each connection, so that a renewed one is used from the next on. */
export type UplinkSettings = { readonly url: string; readonly keepaliveS: number; readonly identity: string };

export type UplinkDeps = Pick<Surroundings, 'clock' | 'random01' | 'unguessable32' | 'connect' | 'readIdentity'> & {
  readonly gate: Pick<Gate, 'open'>;
  readonly log: Log;
};

export type UplinkEvents = {
  /** Connected and subscribed: time for the births. */
  online(session: number): void;
  offline(): void;
  /** Its signature is verified. `retained`: it was said at some time before. */
  message(topic: Topic, content: Uint8Array, retained: boolean): void;
};

/** `must`: births, deaths and acknowledgements wait for their turn. `may`: what has the outbox behind it fails at once instead. */
export type Lane = 'must' | 'may';

const firstPauseMs = 1_000;
/** With its jitter, so short that all of a fleet is back within a minute of its head-end, and so long that their handshakes are spread. */
const longestPauseMs = 20_000;
/** A connection has proved itself, and the next loss begins with the first pause again, after this long. */
const provenMs = 30_000;
const subscribeTimeoutMs = 10_000;
/** Publishes waiting for the broker's word at once. */
const maxInFlight = 128;
/** What must be sent and waits behind those. One more fails, and is made good by the next birth or the journal. */
const maxQueued = 4_096;
/** A broker that takes longer than this for a PUBACK is treated as gone for that message. */
const publishTimeoutMs = 15_000;
/**
 * One that owes PUBACKs and sends none for so long is treated as gone: it may answer pings and pass on nothing. Its messages are told again over
 * the next connection, births at once, also of a gateway that would have nothing more to say for a quarter of an hour. Shorter than `provenMs`, so
 * that a whole fleet does not come back every second to a broker that is overloaded.
 */
const silentBrokerMs = 25_000;
/** How long each step of a goodbye may take. */
const goodbyeMs = 1_000;

// mqtt.js keeps a buffer for each of the 65,536 packet numbers unless it is told not to: 8 MB for a gateway that sends two
// messages a second, and as much for the garbage collector to walk.
const packets = createRequire(createRequire(import.meta.url).resolve('mqtt'))('mqtt-packet') as {
  writeToStream: { cacheNumbers: boolean };
};
packets.writeToStream.cacheNumbers = false;

type Publication = { readonly topic: string; readonly payload: Uint8Array; readonly resolve: (taken: boolean) => void };

/**
 * The gateway's one MQTT connection. Each connection is a session of its own: a fresh number, a will that carries it, and a
 * new client, so that nothing queued by an earlier one is sent as if it were new. Reconnects with jittered, doubling pauses.
 */
export class Uplink {
  readonly #gatewayId: string;
  readonly #settings: UplinkSettings;
  readonly #deps: UplinkDeps;
  #events: UplinkEvents | undefined;
  #client: MqttClient | undefined;
  #online = false;
  #stopped = true;
  #pauseMs = firstPauseMs;
  #endTimer: EndTimer | undefined;
  readonly #inFlight = new Set<(taken: boolean) => void>();
  #queue: Publication[] = [];
  /** Runs while the broker owes a PUBACK, anew from each that comes. */
  #endWatch: EndTimer | undefined;
  /** Of the connection that is being made, or was lost last, why it came to nothing. */
  #why: string | undefined;
  #ticket: { readonly serial: string; readonly ticket: Buffer } | undefined;
  /** How long to stay away after the next loss, where a test asked for it. */
  #awayMs: number | undefined;
  #session: number;
  /** Of this process, until it ends. A broker that knows it lets it take over its own connection, and no other's. */
  readonly #instance: number;
  #onDrained: (() => void) | undefined;

  constructor(gatewayId: string, settings: UplinkSettings, deps: UplinkDeps) {
    this.#gatewayId = gatewayId;
    this.#settings = settings;
    this.#deps = deps;
    this.#session = deps.unguessable32();
    this.#instance = deps.unguessable32();
  }

  get session(): number {
    return this.#session;
  }

  get speaker(): { readonly session: number; readonly instance: number } {
    return { session: this.#session, instance: this.#instance };
  }

  get online(): boolean {
    return this.#online;
  }

  start(events: UplinkEvents): void {
    this.#events = events;
    this.#stopped = false;
    this.#connect();
  }

  /** Resolves true when the broker has it (PUBACK). It is then with the broker, not yet with the head-end. Never rejects. */
  publish(topic: Topic, payload: Uint8Array, lane: Lane): Promise<boolean> {
    const text = this.#topicText(topic);
    if (text === undefined || !this.#online) return Promise.resolve(false);
    return new Promise((resolve) => {
      const publication: Publication = { topic: text, payload, resolve };
      if (this.#inFlight.size < maxInFlight && this.#queue.length === 0) this.#send(publication);
      else if (lane === 'must' && this.#queue.length < maxQueued) this.#queue.push(publication);
      else resolve(false);
    });
  }

  /** Cuts the line as a fault would, so that the broker tells the will, and connects again after so long. */
  cut(awayMs: number): void {
    const client = this.#client;
    if (client === undefined) return;
    this.#awayMs = awayMs;
    this.#drop(client, 'cut for a test');
  }

  /** Makes the line anew, with the identity as it is on the disk now. What the broker has not taken by then goes the outbox's way. */
  async renew(): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#stopped) return;
    this.#awayMs = 0;
    this.#why = 'the certificate was renewed';
    if (this.#online) {
      this.#online = false;
      this.#guarded(() => this.#events?.offline());
      if (this.#inFlight.size > 0)
        await within(this.#deps.clock, goodbyeMs, new Promise<void>((resolve) => (this.#onDrained = resolve)));
    }
    // A goodbye without a death: it is back at once.
    const ended = client.endAsync().catch(() => undefined);
    await within(this.#deps.clock, goodbyeMs, ended);
    this.#lost(client);
  }

  /** Says goodbye, so that the head-end need not wait for the will. What is not acknowledged by then resolves false. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endTimer?.();
    if (this.#online) {
      const goodbye = death.toBytes({ session: this.#session, cause: 'stopped', timeMs: this.#deps.clock.nowMs() });
      const topic: Topic = { of: 'gateway', gatewayId: this.#gatewayId, message: 'death' };
      await within(this.#deps.clock, goodbyeMs, this.publish(topic, goodbye, 'must'));
    }
    const client = this.#client;
    this.#client = undefined;
    this.#online = false;
    this.#giveUpAll();
    if (client !== undefined)
      await within(
        this.#deps.clock,
        goodbyeMs,
        client.endAsync().catch(() => undefined),
      );
  }

  #topicText(topic: Topic): string | undefined {
    try {
      return formatTopic(topic);
    } catch (error) {
      this.#deps.log.error({ error: String(error) }, 'nothing is sent to a topic that cannot be');
      return undefined;
    }
  }

  #send({ topic, payload, resolve }: Publication): void {
    const client = this.#client;
    if (client === undefined) {
      resolve(false);
      return;
    }
    const settle = (taken: boolean): void => {
      endTimer();
      if (!this.#inFlight.delete(settle)) return;
      if (this.#inFlight.size === 0) this.#onDrained?.();
      resolve(taken);
      const next = this.#online ? this.#queue.shift() : undefined;
      if (next !== undefined) this.#send(next);
    };
    const endTimer = this.#deps.clock.after(publishTimeoutMs, () => settle(false));
    this.#inFlight.add(settle);
    this.#watch(client);
    client.publish(topic, Buffer.from(payload), { qos: 1, retain: false }, (error) => {
      const taken = error === undefined || error === null;
      settle(taken);
      if (!taken || client !== this.#client) return;
      this.#unwatch();
      if (this.#inFlight.size > 0) this.#watch(client);
    });
  }

  #watch(client: MqttClient): void {
    this.#endWatch ??= this.#deps.clock.after(silentBrokerMs, () =>
      this.#drop(client, 'the broker acknowledges nothing'),
    );
  }

  #unwatch(): void {
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  #giveUpAll(): void {
    this.#unwatch();
    const queued = this.#queue;
    this.#queue = [];
    for (const { resolve } of queued) resolve(false);
    for (const settle of this.#inFlight) settle(false);
  }

  /** From 1 up to the last but one of 32 bits. */
  #connect(): void {
    this.#session = this.#deps.unguessable32();
    const session = this.#session;
    this.#why = undefined;
    const identity = this.#deps.readIdentity(this.#settings.identity, this.#gatewayId);
    if (!identity.ok) {
      this.#why = identity.say;
      this.#again(false);
      return;
    }
    const client = this.#deps.connect(this.#settings.url, this.#options(session, identity.identity));
    this.#client = client;
    this.#keepTicket(client, identity.identity.serial);
    client.on('connect', () => void this.#subscribe(client, session));
    client.on('message', (topic, payload, packet) => this.#guarded(() => this.#take(topic, payload, packet.retain)));
    client.on('error', (error) => (this.#why = refusalWords(error) ?? error.message));
    client.once('close', () => this.#lost(client));
  }

  /** With it, coming back costs neither end the signatures of a whole handshake. It is good for this certificate alone. */
  #keepTicket(client: MqttClient, serial: string): void {
    // A line that is no TLS, as one on stepped time, has no tickets.
    const { stream }: { stream?: Duplex } = client;
    stream?.on('session', (ticket: Buffer) => (this.#ticket = { serial, ticket }));
  }

  #options(session: number, { tls, serial }: GatewayIdentity): IClientOptions {
    const { keepaliveS } = this.#settings;
    const resumed = this.#ticket?.serial === serial ? { session: this.#ticket.ticket } : {};
    return {
      ...tls,
      ...resumed,
      clientId: gatewayClientId(this.#gatewayId),
      username: `${this.#instance}`,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      queueQoSZero: false,
      resubscribe: false,
      will: {
        topic: formatTopic({ of: 'gateway', gatewayId: this.#gatewayId, message: 'death' }),
        payload: Buffer.from(death.toBytes({ session, cause: 'line-lost' })),
        qos: 1,
        retain: false,
      },
    };
  }

  async #subscribe(client: MqttClient, session: number): Promise<void> {
    const endTimer = this.#deps.clock.after(subscribeTimeoutMs, () =>
      this.#drop(client, 'the broker does not answer the subscription'),
    );
    try {
      await client.subscribeAsync([...downFilters(this.#gatewayId)], { qos: 1 });
    } catch (error) {
      this.#drop(client, `the broker refused the subscription: ${String(error)}`);
      return;
    } finally {
      endTimer();
    }
    if (client !== this.#client || this.#stopped) return;
    this.#online = true;
    this.#endTimer = this.#deps.clock.after(provenMs, () => (this.#pauseMs = firstPauseMs));
    this.#deps.log.info({ url: this.#settings.url, session }, 'uplink online');
    this.#guarded(() => this.#events?.online(session));
  }

  #take(text: string, payload: Uint8Array, retained: boolean): void {
    const topic = parseTopic(text);
    if (topic === undefined) return;
    if (retained && topic.of !== 'host') {
      this.#deps.log.warn({ topic: text }, 'ignored: a retained command or inquiry would come again at every connect');
      return;
    }
    const content = this.#deps.gate.open(topic, payload);
    if (content !== undefined) this.#events?.message(topic, content, retained);
  }

  /** What a message sets off must not end the process: the fault is told, and the next message comes. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.log.error({ error: traceOf(error) }, 'a fault in the agent');
    }
  }

  #drop(client: MqttClient, why: string): void {
    if (client !== this.#client) return;
    this.#deps.log.warn({ why }, 'uplink dropped');
    client.end(true);
    this.#lost(client);
  }

  #lost(client: MqttClient): void {
    client.removeAllListeners('message');
    client.end(true);
    if (client !== this.#client) return;
    this.#client = undefined;
    const wasOnline = this.#online;
    this.#online = false;
    this.#endTimer?.();
    this.#giveUpAll();
    if (wasOnline) this.#guarded(() => this.#events?.offline());
    if (!this.#stopped) this.#again(wasOnline);
  }

  #again(wasOnline: boolean): void {
    const waitMs = this.#awayMs ?? Math.round(this.#pauseMs * (0.5 + this.#deps.random01()));
    this.#awayMs = undefined;
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    const { url } = this.#settings;
    this.#deps.log.info({ url, nextTryMs: waitMs, why: this.#why }, wasOnline ? 'uplink lost' : 'no uplink');
    this.#endTimer = this.#deps.clock.after(waitMs, () => this.#connect());
  }
}

/** CONNACK 2 (MQTT 3.1.1, table 3.1): the name is good, for the certificate proves it, so it is taken. */
const nameTaken = 2;

function refusalWords(error: Error & { code?: unknown }): string | undefined {
  return error.code === nameTaken
    ? 'another agent is connected with the identity of this gateway. If this one has just come back after a loss of power, it gets in within 1.5 keep-alives. Else end the other one: each gateway needs an enrolment of its own'
    : undefined;
}
