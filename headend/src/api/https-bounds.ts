import type { IncomingMessage } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WaitingRoom } from '../nms/link/waiting-room.ts';

export type HttpsLimits = {
  /** Above all rooms below, so that those who have proven who they are always find a place. */
  maxConnections: number;
  /** Under way at once, and the time of one from the first byte of TCP on. */
  maxHandshakes: number;
  handshakeMs: number;
  /** Of those that have not proven who they are; a page of the console comes through in this time also over 128 kbit/s. */
  maxStrangers: number;
  strangerMs: number;
  /** For the head of a request to be whole. */
  headersMs: number;
  /** For a body: what the longest that its route takes needs at this rate, and within these bounds. */
  bodyBytesPerS: number;
  leastBodyMs: number;
  mostBodyMs: number;
};

export const httpsLimits: HttpsLimits = {
  maxConnections: 4_096,
  maxHandshakes: 1_024,
  handshakeMs: 10_000,
  maxStrangers: 512,
  strangerMs: 120_000,
  headersMs: 10_000,
  bodyBytesPerS: 16 * 1024,
  leastBodyMs: 15_000,
  // A report with photographs, over a line of 2 Mbit/s.
  mostBodyMs: 150_000,
};

/** Why a connection was ended, or not taken. */
export type HttpsCutOff =
  | 'connections'
  | 'handshakes'
  | 'handshake-time'
  | 'handshake'
  | 'strangers'
  | 'stranger-time'
  | 'body-time';

const lookEveryMs = 1_000;

/** For Node's own time-outs. */
export function boundedOptions({ headersMs, mostBodyMs, handshakeMs }: HttpsLimits): ServerOptions {
  return {
    headersTimeout: headersMs,
    requestTimeout: mostBodyMs,
    handshakeTimeout: handshakeMs,
    connectionsCheckingInterval: Math.min(lookEveryMs, headersMs),
  };
}

/**
 * Bounds what connections can cost a server, whatever they drip: handshakes, heads, bodies, and those that never say who they are. Who is
 * over a bound loses the connection, and nobody else does.
 */
export class HttpsBounds {
  readonly #limits: HttpsLimits;
  readonly #count: (why: HttpsCutOff) => void;
  readonly #handshakes: WaitingRoom;
  readonly #strangers: WaitingRoom;
  readonly #bodies = new WeakMap<IncomingMessage, NodeJS.Timeout>();

  constructor(count: (why: HttpsCutOff) => void, limits: HttpsLimits) {
    const { maxHandshakes, handshakeMs, maxStrangers, strangerMs } = limits;
    this.#limits = limits;
    this.#count = count;
    this.#handshakes = new WaitingRoom({ room: maxHandshakes, limitMs: handshakeMs }, (why) =>
      count(why === 'room' ? 'handshakes' : 'handshake-time'),
    );
    this.#strangers = new WaitingRoom({ room: maxStrangers, limitMs: strangerMs }, (why) =>
      count(why === 'room' ? 'strangers' : 'stranger-time'),
    );
  }

  /** Before the routes and whoever asks them who calls. `isKnown`: by the certificate that it shows. */
  guard(app: FastifyInstance, isKnown: (socket: TLSSocket) => boolean = () => false): void {
    const server = app.server as unknown as Server;
    server.maxConnections = this.#limits.maxConnections;
    server.on('drop', () => this.#count('connections'));
    server.on('connection', (socket: Socket) => this.#handshakes.begun(socket));
    // The server's own timer runs as long as ours, and may come first.
    server.on('tlsClientError', (error: NodeJS.ErrnoException) =>
      this.#count(error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'handshake-time' : 'handshake'),
    );
    server.on('secureConnection', (socket) => {
      this.#handshakes.ended(socket);
      if (!isKnown(socket)) this.#strangers.begun(socket);
    });
    app.addHook('onRequest', (request, _reply, done) => {
      this.#timeBody(request, this.#limits.leastBodyMs);
      done();
    });
    // Who gets as far was not refused.
    app.addHook('preParsing', (request, _reply, payload, done) => {
      this.#timeBody(request, this.#bodyMs(request.routeOptions.bodyLimit));
      done(null, payload);
    });
  }

  /** Whoever speaks by this connection has proven who it is. */
  known(socket: Socket): void {
    this.#strangers.ended(socket);
  }

  #bodyMs(bytes = 0): number {
    const { bodyBytesPerS, leastBodyMs, mostBodyMs } = this.#limits;
    return Math.min(mostBodyMs, Math.max(leastBodyMs, (bytes / bodyBytesPerS) * 1_000));
  }

  #timeBody({ raw }: FastifyRequest, limitMs: number): void {
    clearTimeout(this.#bodies.get(raw));
    if (raw.complete) return;
    const timer = setTimeout(() => {
      if (raw.complete) return;
      this.#count('body-time');
      raw.socket.destroy();
    }, limitMs);
    this.#bodies.set(raw, timer);
    raw.once('close', () => clearTimeout(timer));
  }
}
