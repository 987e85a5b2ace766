import type { Socket } from 'node:net';
import type { AedesOptions, Client } from 'aedes';
import type { LinkLog } from './link.ts';
import { peerOf } from './peer-certificate.ts';
import type { Peer } from './peer-certificate.ts';
import type { SoleSession } from './sole-session.ts';

type Hook<Name extends keyof AedesOptions> = NonNullable<AedesOptions[Name]>;

/** Who may do what at the embedded broker. Asked for every connection, subscription and message of a client. */
export type BrokerAccess = {
  mayConnect(request: ConnectRequest): Allowed;
  /** It has connected. */
  connected?(request: ConnectRequest): void;
  /** It was refused at its connect. */
  refused?(request: ConnectRequest): void;
  mayPublish(clientId: string, topic: string): boolean;
  maySubscribe(clientId: string, topicFilter: string): boolean;
};

export type ConnectRequest = {
  clientId: string;
  /** Undefined: its certificate names nobody of ours. */
  peer: Peer | undefined;
  remoteAddress: string | undefined;
};

export type Allowed = { ok: true } | { ok: false; say: string };

/**
 * Puts a `BrokerAccess` where aedes asks. Refused connections get a CONNACK that says so, refused subscriptions a SUBACK of 128;
 * a refused message ends the connection, for 3.1.1 knows no other way to tell a client that its message was not taken.
 */
export class AccessControl {
  readonly #access: BrokerAccess;
  readonly #maxSubscriptions: number;
  readonly #log: LinkLog;
  readonly #sole: SoleSession;
  readonly #keepalivesS = new WeakMap<Client, number>();
  readonly #seconds = new WeakSet<Client>();
  readonly #refusals = new WeakMap<Client, { returnCode: 2 | 5; say: string }>();
  readonly #filters = new WeakMap<Client, Set<string>>();
  readonly #ended = new WeakSet<Client>();

  constructor(access: BrokerAccess, maxSubscriptions: number, log: LinkLog, sole: SoleSession) {
    this.#access = access;
    this.#maxSubscriptions = maxSubscriptions;
    this.#log = log;
    this.#sole = sole;
  }

  /** Runs before the id is taken over, so that a refused stranger cannot throw a gateway out. */
  readonly preConnect: Hook<'preConnect'> = (client, packet, callback) => {
    packet.clean = true; // the broker keeps no sessions, and says so: "session present" is never set
    const { clientId, will } = packet;
    // An empty id is given one by the broker. `$` begins the broker's own topics, and ids appear in them.
    if (!/^[A-Za-z0-9._:-]{0,80}$/.test(clientId)) {
      this.#refusals.set(client, {
        returnCode: 2,
        say: 'a client id has 80 characters at most: letters, digits, . _ : -',
      });
    } else if (will !== undefined && !this.#mayPublish(clientId, will.topic)) {
      this.#refusals.set(client, {
        returnCode: 5,
        say: `its will on ${will.topic.slice(0, 200)} is no message of this client`,
      });
    }
    if (will !== undefined) will.retain = false;
    this.#keepalivesS.set(client, packet.keepalive ?? 0);
    callback(null, true);
  };

  readonly authenticate: Hook<'authenticate'> = (client, username, _password, callback) => {
    const { remoteAddress } = client.conn as Socket;
    const refusal =
      this.#refusals.get(client) ?? this.connectRefusal(client) ?? this.#secondRefusal(client, username?.toString());
    if (refusal === undefined) return callback(null, true);
    this.#log.warn({ clientId: client.id.slice(0, 64), remoteAddress }, `connection refused: ${refusal.say}`);
    this.#ask(() => {
      this.#access.refused?.(requestOf(client));
      return true;
    });
    callback(Object.assign(new Error(refusal.say), { returnCode: refusal.returnCode }), null);
  };

  readonly authorizePublish: Hook<'authorizePublish'> = (client, packet, callback) => {
    // Only what the broker says for it is still taken: that it is gone.
    if (client !== null && this.#ended.has(client) && packet !== willOf(client))
      return callback(Object.assign(new Error('its connection was ended'), { rule: true }));
    if (client === null || !this.#mayPublish(client.id, packet.topic)) {
      const fields = { clientId: client?.id, topic: packet.topic.slice(0, 200) };
      this.#log.warn(fields, 'a client published where it may not: its connection is ended');
      return callback(Object.assign(new Error('publishing there is not allowed'), { rule: true }));
    }
    packet.retain = false; // what is kept for later subscribers is the head-end's alone, and so bounded
    callback(null);
  };

  readonly authorizeSubscribe: Hook<'authorizeSubscribe'> = (client, subscription, callback) => {
    const filters = this.#filters.get(client) ?? new Set<string>();
    this.#filters.set(client, filters);
    const allowed = filters.size < this.#maxSubscriptions || filters.has(subscription.topic);
    if (allowed && this.#ask(() => this.#access.maySubscribe(client.id, subscription.topic))) {
      filters.add(subscription.topic);
      return callback(null, subscription);
    }
    const fields = { clientId: client.id, filter: subscription.topic.slice(0, 200) };
    this.#log.warn(
      fields,
      allowed ? 'a subscription was refused' : 'a client has too many subscriptions: one was refused',
    );
    callback(null, null);
  };

  /** Gives back what an unsubscription frees of the bound on subscriptions. */
  unsubscribed(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#filters.get(client)?.delete(filter);
  }

  /** What of this client is under way already is not taken any more. */
  end(client: Client): void {
    this.#ended.add(client);
  }

  connected(client: Client): void {
    this.#ask(() => {
      this.#access.connected?.(requestOf(client));
      return true;
    });
  }

  /** Why this client may not connect, or no longer stay; undefined: it may. */
  connectRefusal(client: Client): { returnCode: 5; say: string } | undefined {
    let answer: Allowed = { ok: false, say: 'the rule that decides on connections failed' };
    this.#ask(() => {
      answer = this.#access.mayConnect(requestOf(client));
      return answer.ok;
    });
    return answer.ok ? undefined : { returnCode: 5, say: answer.say };
  }

  /** Was it refused because another of the same name is there? */
  isSecondAgent(client: Client): boolean {
    return this.#seconds.has(client);
  }

  /** The last question of all, for who passes it has the session. Tools may be as many as there are people. */
  #secondRefusal(client: Client, instance: string | undefined): { returnCode: 2; say: string } | undefined {
    if (peerOf(client.conn)?.holder.of !== 'gateway') return undefined;
    const { remoteAddress } = client.conn as Socket;
    const keepaliveS = this.#keepalivesS.get(client) ?? 0;
    const claimant = { clientId: client.id, instance, keepaliveS, remoteAddress };
    const waitMs = this.#sole.claim(claimant, client.conn, performance.now());
    if (waitMs === undefined) return undefined;
    this.#seconds.add(client);
    const restS = Math.ceil(waitMs / 1_000);
    return { returnCode: 2, say: `another agent of this gateway was heard a moment ago; without it, in ${restS} s` };
  }

  #mayPublish(clientId: string, topic: string): boolean {
    return !topic.startsWith('$') && this.#ask(() => this.#access.mayPublish(clientId, topic));
  }

  /** A rule that throws refuses: within the broker an exception would end the process. */
  #ask(rule: () => boolean): boolean {
    try {
      return rule();
    } catch (error) {
      this.#log.warn({ error: String(error).slice(0, 500) }, 'an access rule of the broker failed, and so refused');
      return false;
    }
  }
}

function requestOf({ id, conn }: Client): ConnectRequest {
  return { clientId: id, peer: peerOf(conn), remoteAddress: (conn as Socket).remoteAddress };
}

/** Aedes keeps it at the client, and leaves it out of its types. */
function willOf(client: Client): unknown {
  return (client as unknown as { will?: unknown }).will;
}
