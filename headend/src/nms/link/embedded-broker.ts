import type { EventEmitter } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { AccessControl, type BrokerAccess } from './access-control.ts';
import { type Breach, guardConnection } from './connection-guard.ts';
import { aedesOptions, brokerLimits, tlsOptions } from './broker-limits.ts';
import type { BrokerLimits, BrokerTls } from './broker-limits.ts';
import { GatewayRates } from './gateway-rates.ts';
import { Inbox } from './inbox.ts';
import { topicFault } from './link.ts';
import type {
  Link,
  LinkLog,
  LinkState,
  LinkStats,
  MessageHandler,
  Published,
  PublishOptions,
  StateHandler,
  SubscribeOptions,
} from './link.ts';
import { peerOf } from './peer-certificate.ts';
import { SoleSession } from './sole-session.ts';
import type { SecondAgent } from './sole-session.ts';
import { WaitingRoom } from './waiting-room.ts';

/** `port` 0 takes a free one, told by `port` after the start. `host` is this machine alone unless set. */
export type EmbeddedBrokerSettings = { host?: string; port: number; tls: BrokerTls; limits?: Partial<BrokerLimits> };

/** So long a client has to hear why it was cut off. */
const leaveMs = 500;

/** Why a client was cut off; the keys of `LinkStats.cutOff`. */
type CutOff =
  | Breach
  | 'connections'
  | 'connections-of-one'
  | 'handshakes'
  | 'second-agent'
  | 'connect-timeout'
  | 'handshake'
  | 'keepalive'
  | 'rule'
  | 'network-or-protocol';

/**
 * An MQTT 3.1.1 broker inside this process, so that one program is a whole head-end: gateways connect to it over TLS, each with its
 * certificate, the NMS consumes and publishes in process. Three measured facts shape it, all about aedes 1.2.0:
 * - with its default `concurrency` a subscriber that leaves behind a backlog of about 10,000 messages ends the process (stack
 *   overflow in its emitter), so `concurrency` is 0;
 * - a publisher with several packets in one read waits for the slowest subscriber of its message: with one frozen subscriber
 *   3 % of the messages got through, with `concurrency: 0` and a `drainTimeout` too, until the latter was over. So the
 *   connection guard never makes anyone wait, and cuts the slow subscriber off;
 * - an exception of an in-process subscriber ends the process, so the inbox catches everything.
 *
 * It keeps no sessions: a queue for an absent client would be without bound, and a command delivered late is worse than
 * none. It keeps no retained message of a client either. Order holds within one QoS level of one client, not between levels.
 */
export class EmbeddedBroker implements Link {
  readonly #settings: EmbeddedBrokerSettings;
  readonly #limits: BrokerLimits;
  readonly #access: AccessControl;
  readonly #log: LinkLog;
  readonly #inbox: Inbox;
  readonly #stateHandlers: StateHandler[] = [];
  readonly #clients = new Map<string, Client>();
  readonly #holders = new Map<string, number>();
  readonly #rates: GatewayRates;
  readonly #handshakes: WaitingRoom;
  readonly #sole = new SoleSession((second) => this.#secondAgent(second));
  readonly #secondHandlers: ((second: SecondAgent) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  /** When the certificate of a connection is over: counted on, so that a clock that is set ends nothing. */
  readonly #overAtMs = new WeakMap<object, number>();
  readonly #cutOff: Partial<Record<CutOff, number>> = {};
  readonly #toldWhy = new WeakSet<object>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  #state: LinkState = 'down';
  #port: number | undefined;
  #published = 0;
  /** Settles when the last retained message is on its way. */
  #retained: Promise<unknown> = Promise.resolve();
  #slowed = 0;
  #publishFailures = 0;
  #connectionsLost = 0;

  constructor(settings: EmbeddedBrokerSettings, access: BrokerAccess, log: LinkLog) {
    this.#settings = settings;
    this.#limits = { ...brokerLimits, ...settings.limits };
    this.#access = new AccessControl(access, this.#limits.maxSubscriptionsPerClient, log, this.#sole);
    this.#log = log;
    this.#rates = new GatewayRates(this.#limits.rate, (gatewayId) => {
      this.#slowed += 1;
      this.#log.warn(
        { gatewayId, ...this.#limits.rate },
        'a gateway sends faster than it may, and is read more slowly',
      );
    });
    const { maxHandshakes: room, connectTimeoutMs: limitMs } = this.#limits;
    // One that had its time is counted with those that fail.
    this.#handshakes = new WaitingRoom({ room, limitMs }, (why) => why === 'room' && this.#count('handshakes'));
    this.#inbox = new Inbox(log);
  }

  /** The bound port; undefined while not started. */
  get port(): number | undefined {
    return this.#port;
  }

  async start(): Promise<void> {
    if (this.#aedes !== undefined) throw new Error('the embedded broker is started already');
    const aedes = new Aedes(aedesOptions(this.#limits, this.#access));
    await aedes.listen();
    this.#observe(aedes);
    await new Promise<void>((resolve) => {
      aedes.subscribe('#', (packet, done) => this.#received(packet, done), resolve);
    });
    this.#inbox.open();
    const server = createServer(tlsOptions(this.#settings.tls, this.#limits), (socket) => this.#accept(aedes, socket));
    server.maxConnections = this.#limits.maxConnections;
    server.on('drop', () => this.#count('connections'));
    // So that a stop ends those, too, that are still in their handshake.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#handshakes.begun(socket);
    });
    server.on('tlsClientError', (error, socket) => {
      this.#count('handshake');
      const why = wordsOf(error);
      this.#log.info({ remote: socket.remoteAddress, why }, 'a client did not come through the handshake of TLS');
    });
    try {
      this.#port = await listen(server, this.#settings.host ?? '127.0.0.1', this.#settings.port);
    } catch (error) {
      this.#inbox.close();
      aedes.close();
      throw error;
    }
    this.#aedes = aedes;
    this.#server = server;
    this.#tell('up');
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    const server = this.#server;
    if (aedes === undefined || server === undefined) return;
    this.#inbox.close(); // before the connections end: the wills that they leave are our doing, no deaths
    this.#aedes = undefined;
    this.#server = undefined;
    this.#port = undefined;
    const ended = new Promise<void>((resolve) => {
      server.close();
      aedes.close(() => resolve());
    });
    await within(this.#limits.stopTimeoutMs, ended);
    for (const socket of this.#sockets) socket.destroy();
    this.#clients.clear();
    this.#tell('down');
  }

  async publish(topic: string, payload: Uint8Array, { qos, retain = false }: PublishOptions): Promise<Published> {
    const aedes = this.#aedes;
    if (aedes === undefined) return this.#refuse('link-down', 'the embedded broker is not running');
    const fault = topicFault(topic, this.#limits.maxTopicLevels);
    if (fault !== undefined) return this.#refuse('invalid', `not published: ${fault}`);
    const { maxPacketBytes } = this.#limits;
    if (payload.byteLength + Buffer.byteLength(topic) + 4 > maxPacketBytes) {
      return this.#refuse(
        'too-large',
        `not published on ${topic}: ${payload.byteLength} bytes, at most ${maxPacketBytes} fit`,
      );
    }
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const retained = this.#retained;
    const published = retained.then(() => taken(aedes, { topic, payload: bytes, qos, retain }));
    // To keep a message takes the broker longer, and one that another for the same client has overtaken it takes for a duplicate.
    if (retain) this.#retained = published;
    const error = await published;
    if (error !== undefined) return this.#refuse('link-down', `not published on ${topic}: ${error.message}`);
    this.#published += 1;
    return { ok: true };
  }

  onMessage(topicFilter: string, handler: MessageHandler, options?: SubscribeOptions): void {
    this.#inbox.add(topicFilter, handler, options);
  }

  /** An agent was refused because another of the same gateway is there, which was heard again since. */
  onSecondAgent(handler: (second: SecondAgent) => void): void {
    this.#secondHandlers.push(handler);
  }

  onState(handler: StateHandler): void {
    this.#stateHandlers.push(handler);
  }

  connections(): number {
    return this.#clients.size;
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
      slowed: this.#slowed,
      cutOff: { ...this.#cutOff },
    };
  }

  /** Ends the connections of those that might not connect any more: their certificates were revoked, or are over. */
  recheck(): void {
    for (const client of this.#clients.values()) {
      const over = performance.now() > (this.#overAtMs.get(client.conn) ?? Infinity);
      const refusal = over ? { say: 'its certificate is over' } : this.#access.connectRefusal(client);
      if (refusal === undefined) continue;
      this.#access.end(client);
      this.#toldWhy.add(client);
      this.#count('rule');
      this.#log.warn({ clientId: client.id }, `a connection is ended: ${refusal.say}`);
      (client.conn as Socket).destroy();
    }
  }

  /** New connections are served with this from now on. */
  renew(tls: BrokerTls): void {
    this.#server?.setSecureContext(tlsOptions(tls, this.#limits));
  }

  #accept(aedes: Aedes, socket: Socket): void {
    this.#handshakes.ended(socket);
    const leftMs = (peerOf(socket)?.notAfterMs ?? 0) - Date.now();
    // A session that is resumed is not looked at again by TLS.
    if (leftMs <= 0) {
      this.#count('handshake');
      socket.destroy();
      return;
    }
    this.#overAtMs.set(socket, performance.now() + leftMs);
    socket.setNoDelay(true);
    const holder = peerOf(socket)?.holder;
    const gatewayId = holder?.of === 'gateway' ? holder.gatewayId : undefined;
    if (!this.#admit(socket, gatewayId)) return;
    guardConnection(socket, this.#limits, {
      onBreach: (breach) => {
        this.#toldWhy.add(socket);
        this.#count(breach);
        const fields = { breach, gatewayId, remote: socket.remoteAddress };
        this.#log.warn(fields, 'a client broke a bound of the broker and was cut off');
      },
      onHeard: () => this.#sole.heard(socket, performance.now()),
      rate: gatewayId === undefined ? undefined : this.#rates.of(gatewayId, performance.now()),
    });
    socket.once('close', () => this.#sole.left(socket));
    aedes.handle(socket);
  }

  /** Counts the connections of one holder, and ends one too many. */
  #admit(socket: Socket, gatewayId: string | undefined): boolean {
    const { maxConnectionsPerGateway, maxToolConnections } = this.#limits;
    const of = gatewayId ?? '';
    const count = (this.#holders.get(of) ?? 0) + 1;
    if (count > (gatewayId === undefined ? maxToolConnections : maxConnectionsPerGateway)) {
      this.#count('connections-of-one');
      this.#log.warn({ gatewayId, remote: socket.remoteAddress }, 'one connection too many of one client was refused');
      socket.destroy();
      return false;
    }
    this.#holders.set(of, count);
    socket.once('close', () => {
      const rest = (this.#holders.get(of) ?? 1) - 1;
      if (rest > 0) this.#holders.set(of, rest);
      else this.#holders.delete(of);
    });
    return true;
  }

  #secondAgent(second: SecondAgent): void {
    for (const handler of this.#secondHandlers) handler(second);
  }

  #received(packet: AedesPublishPacket, done: () => void): void {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (!packet.topic.startsWith('$')) {
      this.#inbox.dispatch({ topic: packet.topic, payload, retained: packet.retain === true });
    }
    done();
  }

  #observe(aedes: Aedes): void {
    aedes.on('client', (client) => {
      const before = this.#clients.get(client.id);
      this.#clients.set(client.id, client);
      if (before !== undefined && before !== client && !before.closed) before.close();
    });
    aedes.on('clientReady', (client) => this.#access.connected(client));
    aedes.on('clientDisconnect', (client) => {
      this.#connectionsLost += 1;
      const current = this.#clients.get(client.id);
      if (current === client) this.#clients.delete(client.id);
      // A connection that ends while its successor registers makes the broker forget the successor, and a third with the
      // same id would then live beside it. So the successor is entered again.
      else if (current !== undefined)
        (aedes as unknown as { clients: Record<string, Client> }).clients[client.id] = current;
    });
    aedes.on('unsubscribe', (filters, client) => this.#access.unsubscribed(client, filters));
    const failed = (client: Client, error: Error): void => {
      if (this.#toldWhy.has(client) || this.#toldWhy.has(client.conn)) return;
      this.#toldWhy.add(client);
      this.#count(this.#access.isSecondAgent(client) ? 'second-agent' : cutOffOf(error));
      // Over TLS a client that goes on sending never takes its leave by itself.
      setTimeout(() => (client.conn as Socket).destroy(), leaveMs).unref();
    };
    aedes.on('clientError', failed);
    aedes.on('connectionError', failed);
    const faults: EventEmitter = aedes; // its types leave out `error`, which unheard would end the process
    faults.on('error', (error: Error) =>
      this.#log.warn({ error: error.message }, 'the embedded broker reports a fault'),
    );
  }

  #count(kind: CutOff): void {
    this.#cutOff[kind] = (this.#cutOff[kind] ?? 0) + 1;
  }

  #refuse(reason: 'link-down' | 'too-large' | 'invalid', say: string): Published {
    this.#publishFailures += 1;
    return { ok: false, reason, say };
  }

  #tell(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const handler of this.#stateHandlers) handler(state);
  }
}

function wordsOf(error: Error & { code?: string }): string {
  return (error.code ?? error.message).slice(0, 200);
}

/**
 * The broker's callback comes when the last subscriber was served. It has taken the message over as soon as its in-memory steps are
 * through, and those are promises that settle before the next turn of the event loop: no wait depends on a client.
 */
function taken(
  aedes: Aedes,
  message: { topic: string; payload: Buffer; qos: 0 | 1; retain: boolean },
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    aedes.publish({ cmd: 'publish', ...message, dup: false }, (fail) => resolve(fail ?? undefined));
    setImmediate(resolve, undefined);
  });
}

function cutOffOf(error: Error & { errorCode?: number; rule?: boolean }): CutOff {
  if (error.message === 'connect did not arrive in time') return 'connect-timeout';
  if (error.message === 'keep alive timeout') return 'keepalive';
  if (error.rule === true || error.errorCode !== undefined) return 'rule';
  return 'network-or-protocol';
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'another program listens there: stop it, or set another port' : error.message;
      reject(new Error(`the embedded broker cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
