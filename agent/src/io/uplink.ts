import { randomInt } from 'node:crypto';
import { connect } from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { death, formatTopic, gatewayClientId, hostState, parseTopic } from '@tiepoint/protocol';
import type { TimeQuality, Topic } from '@tiepoint/protocol';
import type { Log } from './log.ts';

export type UplinkSettings = {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly keepaliveS: number;
};

export type UplinkEvents = {
  /** Connected and subscribed: time for the births. */
  online(session: number): void;
  offline(): void;
  message(topic: Topic, payload: Uint8Array): void;
};

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Publishes waiting for the broker's word. At the bound a publish fails at once, and its content goes to the outbox. */
const maxInFlight = 128;
/** A broker that takes longer than this for one PUBACK is treated as gone for that message. */
const publishTimeoutMs = 15_000;
const clockToleranceMs = 2_000;

/**
 * The gateway's one MQTT connection. Each connection is a session of its own: a fresh number, a will that carries it, and a
 * new client, so that nothing queued by an earlier one is sent as if it were new. Reconnects with jittered, doubling pauses.
 */
export class Uplink {
  readonly #gatewayId: string;
  readonly #settings: UplinkSettings;
  readonly #log: Log;
  #events: UplinkEvents | undefined;
  #client: MqttClient | undefined;
  #online = false;
  #stopped = true;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  readonly #inFlight = new Set<(taken: boolean) => void>();
  #session = randomInt(1, 0xffff_ffff);
  #clockOffsetMs: number | undefined;
  connects = 0;

  constructor(gatewayId: string, settings: UplinkSettings, log: Log) {
    this.#gatewayId = gatewayId;
    this.#settings = settings;
    this.#log = log;
  }

  get session(): number {
    return this.#session;
  }

  get online(): boolean {
    return this.#online;
  }

  /** Against the head-end's clock, as last heard live in this session. */
  get timeQuality(): TimeQuality {
    if (this.#clockOffsetMs === undefined) return 'unknown';
    return Math.abs(this.#clockOffsetMs) <= clockToleranceMs ? 'synchronised' : 'unsynchronised';
  }

  /** `hostMs`: the head-end's clock, told a moment ago. */
  compareClock(hostMs: number): void {
    this.#clockOffsetMs = Date.now() - hostMs;
  }

  start(events: UplinkEvents): void {
    this.#events = events;
    this.#stopped = false;
    this.#connect();
  }

  /** Resolves true when the broker has it (PUBACK). It is then with the broker, not yet with the head-end. Never rejects. */
  publish(topic: Topic, payload: Uint8Array): Promise<boolean> {
    const client = this.#client;
    if (!this.#online || client === undefined || this.#inFlight.size >= maxInFlight) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (taken: boolean): void => {
        clearTimeout(timer);
        this.#inFlight.delete(settle);
        resolve(taken);
      };
      const timer = setTimeout(() => settle(false), publishTimeoutMs);
      this.#inFlight.add(settle);
      client.publish(formatTopic(topic), Buffer.from(payload), { qos: 1, retain: false }, (error) =>
        settle(error === undefined || error === null),
      );
    });
  }

  /** Says goodbye, so that the head-end need not wait for the will. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#online) {
      const goodbye = death.toBytes({ session: this.#session, cause: 'stopped', timeMs: Date.now() });
      await Promise.race([
        this.publish({ of: 'gateway', gatewayId: this.#gatewayId, message: 'death' }, goodbye),
        pause(1_000),
      ]);
    }
    const client = this.#client;
    this.#client = undefined;
    this.#online = false;
    if (client !== undefined) await Promise.race([client.endAsync().catch(() => undefined), pause(1_000)]);
  }

  #connect(): void {
    this.#session = randomInt(1, 0xffff_ffff);
    this.#clockOffsetMs = undefined;
    const session = this.#session;
    const client = connect(this.#settings.url, this.#options(session));
    this.#client = client;
    client.on('connect', () => void this.#subscribe(client, session));
    client.on('message', (topic, payload, packet) => this.#take(topic, payload, packet.retain));
    client.on('error', (error) => this.#log.debug({ error: error.message }, 'uplink error'));
    client.once('close', () => this.#lost(client));
  }

  #options(session: number): IClientOptions {
    const will = death.toBytes({ session, cause: 'line-lost' });
    return {
      clientId: gatewayClientId(this.#gatewayId),
      protocolVersion: 4,
      clean: true,
      keepalive: this.#settings.keepaliveS,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      queueQoSZero: false,
      resubscribe: false,
      ...(this.#settings.username === undefined ? {} : { username: this.#settings.username }),
      ...(this.#settings.password === undefined ? {} : { password: this.#settings.password }),
      will: {
        topic: formatTopic({ of: 'gateway', gatewayId: this.#gatewayId, message: 'death' }),
        payload: Buffer.from(will),
        qos: 1,
        retain: false,
      },
    };
  }

  async #subscribe(client: MqttClient, session: number): Promise<void> {
    const own = formatTopic({ of: 'gateway', gatewayId: this.#gatewayId, message: 'inquiry' }).replace(/inquiry$/, '');
    try {
      await client.subscribeAsync(
        [`${own}inquiry`, `${own}configuration`, `${own}+/command`, formatTopic({ of: 'host' })],
        { qos: 1 },
      );
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'the broker refused the subscription');
      client.end(true);
      return;
    }
    if (client !== this.#client || this.#stopped) return;
    this.#online = true;
    this.#pauseMs = firstPauseMs;
    this.connects += 1;
    this.#log.info({ url: withoutSecrets(this.#settings.url), session }, 'uplink online');
    this.#events?.online(session);
  }

  #take(text: string, payload: Uint8Array, retained: boolean): void {
    const topic = parseTopic(text);
    if (topic === undefined) return;
    if (topic.of === 'host') {
      const state = hostState.fromBytes(payload);
      // A retained word tells when it was said, not what time it is.
      if (state.ok && state.value.timeMs !== undefined && !retained) this.compareClock(state.value.timeMs);
      return;
    }
    if (retained) {
      this.#log.warn({ topic: text }, 'ignored: a retained command or inquiry would come again at every connect');
      return;
    }
    this.#events?.message(topic, payload);
  }

  #lost(client: MqttClient): void {
    client.removeAllListeners('message');
    client.end(true);
    if (client !== this.#client) return;
    this.#client = undefined;
    const wasOnline = this.#online;
    this.#online = false;
    for (const settle of this.#inFlight) settle(false);
    if (wasOnline) this.#events?.offline();
    if (this.#stopped) return;
    const waitMs = Math.round(this.#pauseMs * (0.5 + Math.random()));
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    this.#log.info(
      { url: withoutSecrets(this.#settings.url), nextTryMs: waitMs },
      wasOnline ? 'uplink lost' : 'no uplink',
    );
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
