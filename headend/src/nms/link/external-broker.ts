import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { type BackOff, backOffMs } from './back-off.ts';
import { Inbox } from './inbox.ts';
import { topicFault } from './link.ts';
import type {
  Link,
  LinkLog,
  LinkState,
  LinkStats,
  MessageHandler,
  Published,
  PublishFailure,
  PublishOptions,
  StateHandler,
  SubscribeOptions,
} from './link.ts';

export type ExternalBrokerSettings = {
  /** `mqtts://host:8883`. */
  url: string;
  clientId: string;
  /** PEM: whom to trust, and what to show. A server that does not prove itself is never talked to. */
  tls: { ca: string; cert: string; key: string };
  /** What the broker says for the head-end when the head-end dies: asked for at each connection, for a broker takes it then alone. */
  will?: { topic: string; payload: () => Uint8Array; qos: 0 | 1; retain: boolean };
  limits?: Partial<ClientLimits>;
};

export type ClientLimits = {
  connectTimeoutMs: number;
  publishTimeoutMs: number;
  stopTimeoutMs: number;
  /** Publications not yet acknowledged; the next one beyond them is refused as `busy`. */
  maxInFlight: number;
  maxPayloadBytes: number;
  maxTopicLevels: number;
  keepaliveS: number;
  backOff: BackOff;
};

export const clientLimits: ClientLimits = {
  connectTimeoutMs: 10_000,
  publishTimeoutMs: 5_000,
  stopTimeoutMs: 2_000,
  maxInFlight: 1_000,
  maxPayloadBytes: 256 * 1024,
  maxTopicLevels: 8,
  keepaliveS: 30,
  backOff: { firstMs: 500, maxMs: 30_000 },
};

/**
 * The link over any MQTT 3.1.1 broker, for where one process is outgrown.
 *
 * The session is clean: a broker that keeps a session queues for an absent head-end up to a bound of its own, drops silently
 * beyond it, and replays old status as if it were new. After a gap the gateways' sequence numbers tell what is missing, and the
 * NMS asks for a new birth. Every connection is a new client without a store, so what was reported as not sent is
 * never sent later by a library that meant well.
 *
 * Frequent telemetry is subscribed at QoS 0: fan-in of QoS 1 to one subscriber starves (mosquitto 2.0.11: 82,000
 * acknowledged and 2,000 delivered a second). The rare messages keep QoS 1.
 */
export class ExternalBroker implements Link {
  readonly #settings: ExternalBrokerSettings;
  readonly #limits: ClientLimits;
  readonly #log: LinkLog;
  readonly #random01: () => number;
  readonly #inbox: Inbox;
  #tls: ExternalBrokerSettings['tls'];
  readonly #stateHandlers: StateHandler[] = [];
  #client: MqttClient | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #running = false;
  #state: LinkState = 'down';
  #attempt = 0;
  /** What the broker has for the death of the head-end. */
  #willBytes: Buffer | undefined;
  #waiting = new Set<(outcome: Published) => void>();
  #inFlight = 0;
  #published = 0;
  #publishFailures = 0;
  #connectionsLost = 0;

  constructor(settings: ExternalBrokerSettings, log: LinkLog, random01: () => number = Math.random) {
    this.#settings = settings;
    this.#tls = settings.tls;
    this.#limits = { ...clientLimits, ...settings.limits };
    this.#log = log;
    this.#random01 = random01;
    this.#inbox = new Inbox(log);
  }

  /** Starts to try and returns; `onState` tells when the link is up. Throws for an address that can never work. */
  async start(): Promise<void> {
    if (this.#running) throw new Error('the external broker link is started already');
    const address = URL.parse(this.#settings.url);
    if (address === null || address.protocol !== 'mqtts:' || address.hostname === '') {
      throw new Error("the external broker's address begins with mqtts:// and names a host");
    }
    this.#running = true;
    this.#inbox.open();
    this.#connect();
  }

  /** Shown from the next connection on. */
  renew(shown: { cert: string; key: string }): void {
    this.#tls = { ...this.#tls, ...shown };
  }

  /**
   * Makes the line anew where the will is another by now, as after an exchange of the key that signs it. Nothing more is taken until it is up
   * again, and what was is waited for.
   */
  async renewWill(): Promise<void> {
    const client = this.#client;
    const wanted = this.#settings.will?.payload();
    if (client === undefined || this.#state === 'down' || wanted === undefined) return;
    if (this.#willBytes?.equals(wanted) === true) return;
    this.#log.info({}, 'the line to the broker is made anew, with a will that is signed with the present key');
    this.#tell('down');
    const { stopTimeoutMs } = this.#limits;
    for (let waitedMs = 0; this.#waiting.size > 0 && waitedMs < stopTimeoutMs; waitedMs += drainLookMs)
      await new Promise((resolve) => setTimeout(resolve, drainLookMs));
    // Lost or stopped meanwhile: what comes next has the new will anyhow.
    if (client !== this.#client) return;
    this.#client = undefined;
    await this.#goodbye(client);
    if (this.#running && this.#client === undefined) this.#connect();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#inbox.close();
    clearTimeout(this.#retryTimer);
    const client = this.#client;
    this.#client = undefined;
    this.#down();
    if (client !== undefined) await this.#goodbye(client);
  }

  /** A broker that was told so says no will. */
  async #goodbye(client: MqttClient): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        client.end(true);
        resolve();
      }, this.#limits.stopTimeoutMs);
      client.end(!client.connected, {}, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async publish(topic: string, payload: Uint8Array, { qos, retain = false }: PublishOptions): Promise<Published> {
    const { maxTopicLevels, maxPayloadBytes, maxInFlight, publishTimeoutMs } = this.#limits;
    const client = this.#client;
    const fault = topicFault(topic, maxTopicLevels);
    if (fault !== undefined) return this.#counted(fail('invalid', `not published: ${fault}`));
    if (payload.byteLength > maxPayloadBytes) {
      return this.#counted(
        fail('too-large', `not published on ${topic}: ${payload.byteLength} bytes, at most ${maxPayloadBytes} fit`),
      );
    }
    if (client === undefined || this.#state === 'down') {
      return this.#counted(fail('link-down', `not published on ${topic}: no connection to the broker`));
    }
    if (this.#inFlight >= maxInFlight) {
      return this.#counted(
        fail('busy', `not published on ${topic}: ${maxInFlight} messages wait for the broker already`),
      );
    }
    return new Promise<Published>((resolve) => {
      const settle = (outcome: Published): void => {
        if (!this.#waiting.delete(settle)) return;
        clearTimeout(timer);
        resolve(this.#counted(outcome));
      };
      const say = `the broker did not acknowledge ${topic} within ${publishTimeoutMs} ms; it may have been sent`;
      const timer = setTimeout(() => settle(fail('timeout', say)), publishTimeoutMs);
      this.#waiting.add(settle);
      this.#inFlight += 1;
      client.publish(topic, Buffer.from(payload), { qos, retain }, (error) => {
        // A message that timed out goes on counting until the broker answers or the connection ends.
        if (client === this.#client) this.#inFlight -= 1;
        settle(error ? fail('timeout', `${topic}: ${error.message}; it may have been sent`) : { ok: true });
      });
    });
  }

  onMessage(topicFilter: string, handler: MessageHandler, options?: SubscribeOptions): void {
    this.#inbox.add(topicFilter, handler, options);
  }

  onState(handler: StateHandler): void {
    this.#stateHandlers.push(handler);
  }

  stats(): LinkStats {
    return {
      state: this.#state,
      received: this.#inbox.received,
      receivedBytes: this.#inbox.receivedBytes,
      published: this.#published,
      publishFailures: this.#publishFailures,
      handlerFailures: this.#inbox.handlerFailures,
      connectionsLost: this.#connectionsLost,
      slowed: 0,
      cutOff: {},
    };
  }

  #connect(): void {
    const client = connect(this.#settings.url, this.#clientOptions());
    this.#client = client;
    let why = 'the broker closed the connection';
    client.on('error', (error) => {
      why = error.message || String((error as NodeJS.ErrnoException).code ?? error);
    });
    client.on('connect', () => {
      void this.#subscribe(client).then((refusal) => {
        if (client !== this.#client) return;
        if (refusal === undefined) return this.#up();
        why = refusal;
        client.end(true);
      });
    });
    client.on('message', (topic, payload, packet) => {
      if (client === this.#client) this.#inbox.dispatch({ topic, payload, retained: packet.retain });
    });
    client.once('close', () => {
      if (client !== this.#client) return;
      this.#client = undefined;
      client.end(true);
      this.#lost(why);
    });
  }

  #clientOptions(): IClientOptions {
    const { clientId, will } = this.#settings;
    const tls = this.#tls;
    this.#willBytes = will && Buffer.from(will.payload());
    return {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: this.#limits.keepaliveS,
      connectTimeout: this.#limits.connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      rejectUnauthorized: true,
      ...tls,
      ...strict,
      ...(will === undefined || this.#willBytes === undefined ? {} : { will: { ...will, payload: this.#willBytes } }),
    };
  }

  /** Resolves to what is wrong, or undefined once the broker has granted every filter at the QoS asked for. */
  #subscribe(client: MqttClient): Promise<string | undefined> {
    const wanted = new Map<string, 0 | 1>();
    for (const { filter, qos } of this.#inbox.subscriptions) {
      wanted.set(filter, Math.max(qos, wanted.get(filter) ?? 0) as 0 | 1);
    }
    if (wanted.size === 0) return Promise.resolve(undefined);
    const map = Object.fromEntries([...wanted].map(([filter, qos]) => [filter, { qos }]));
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => resolve('the broker did not answer the subscription'),
        this.#limits.connectTimeoutMs,
      );
      client.subscribe(map, (error, granted) => {
        clearTimeout(timer);
        const refused = granted?.filter(({ qos }) => qos === 128).map(({ topic }) => topic) ?? [];
        if (error === null && refused.length === 0) return resolve(undefined);
        resolve(
          `the broker refuses to let ${client.options.clientId} subscribe: check its access list (${error?.message ?? refused.join(', ')})`,
        );
      });
    });
  }

  #up(): void {
    this.#attempt = 0;
    this.#inFlight = 0;
    this.#log.info({}, 'the link to the broker is up');
    this.#tell('up');
  }

  #lost(why: string): void {
    if (this.#state === 'up') this.#connectionsLost += 1;
    this.#down();
    if (!this.#running) return;
    const waitMs = backOffMs(this.#attempt, this.#limits.backOff, this.#random01());
    this.#attempt += 1;
    this.#log.warn({ why, waitMs, attempt: this.#attempt }, 'the link to the broker is down; trying again');
    this.#retryTimer = setTimeout(() => this.#connect(), waitMs);
  }

  #down(): void {
    this.#tell('down');
    const say = 'the connection ended before the broker acknowledged; it may have been sent';
    for (const settle of this.#waiting) settle(fail('timeout', say));
  }

  #counted(outcome: Published): Published {
    if (outcome.ok) this.#published += 1;
    else this.#publishFailures += 1;
    return outcome;
  }

  #tell(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const handler of this.#stateHandlers) handler(state);
  }
}

const drainLookMs = 20;

/** mqtt.js hands these on to TLS, and does not know them by name. */
const strict: object = { minVersion: 'TLSv1.2', allowPartialTrustChain: true };

function fail(reason: PublishFailure['reason'], say: string): PublishFailure {
  return { ok: false, reason, say };
}
