import { type Server, type Socket, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type FaultPlan } from './faults.ts';
import { type Framing, type ReplyPlan, replyTo } from './faulty-reply.ts';
import { listen, stopListening } from './listening.ts';
import { exceptionPdu } from './modbus-slave.ts';
import { type RegisterImage } from './register-image.ts';
import { type Exchange, type Units } from './units.ts';
import { waitUntil } from './precise-wait.ts';

/**
 * Serves devices over Modbus TCP. Requests may come pipelined or in pieces; each connection is answered in order. Fails as a
 * value where the port cannot be opened. Source: Modbus messaging on TCP/IP V1.0b.
 */
export async function startTcpServer(options: TcpServerOptions): Promise<TcpServerStart> {
  const { host = '127.0.0.1', port = 0, maxConnections = 64 } = options;
  const state: ServerState = { options, sockets: new Set(), counts: newCounts() };
  const server = createServer({ noDelay: true }, (socket) => serveConnection(socket, state));
  server.maxConnections = maxConnections;
  const opened = await listen(server, host, port);
  if (!opened.ok) return opened;
  return { ok: true, server: runningServer(server, state, host, opened.port) };
}

export type TcpServerOptions = {
  units: Units;
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** How long a device thinks before it answers. */
  turnaroundMs?: number;
  /** What a unit that is not there does: nothing, or exception 11 as a gateway says it. */
  absentUnit?: 'silent' | 'gateway-exception';
  /** Connections beyond this number are closed at once. */
  maxConnections?: number;
  faults?: FaultPlan;
  onExchange?: (exchange: Exchange) => void;
};

export type TcpServerStart = { ok: true; server: TcpServer } | { ok: false; reason: 'port-unavailable'; say: string };

export type TcpServer = {
  host: string;
  port: number;
  counts: () => Readonly<TcpCounts>;
  /** Closes every connection, as a device that restarts. New ones are taken. */
  dropConnections: () => void;
  stop: () => Promise<void>;
};

/** `notModbus` counts connections closed because their bytes were no Modbus TCP. */
export type TcpCounts = { connections: number; requests: number; replies: number; notModbus: number };

type ServerState = {
  options: TcpServerOptions;
  sockets: Set<Socket>;
  counts: TcpCounts;
};

/** At most this many requests of a connection wait; the socket is not read further until some are answered. */
const maxWaitingRequests = 32;
/** Late replies beyond this number are never sent. */
const maxLateReplies = 256;
const headerBytes = 7;
const maxPduBytes = 253;

function newCounts(): TcpCounts {
  return { connections: 0, requests: 0, replies: 0, notModbus: 0 };
}

function runningServer(server: Server, state: ServerState, host: string, port: number): TcpServer {
  const dropConnections = (): void => {
    for (const socket of state.sockets) socket.destroy();
  };
  return {
    host,
    port,
    counts: () => ({ ...state.counts }),
    dropConnections,
    stop: async () => {
      dropConnections();
      await stopListening(server);
    },
  };
}

function serveConnection(socket: Socket, state: ServerState): void {
  const closed = new AbortController();
  state.sockets.add(socket);
  state.counts.connections++;
  socket.on('error', () => socket.destroy()); // the peer went away; 'close' follows
  socket.on('close', () => {
    closed.abort();
    state.sockets.delete(socket);
  });

  let received: Buffer = Buffer.alloc(0);
  const waiting: MbapRequest[] = [];
  const connection: Connection = { socket, closed: closed.signal, lateReplies: 0 };
  let working = false;
  const work = async (): Promise<void> => {
    working = true;
    for (let next = waiting.shift(); next !== undefined && !closed.signal.aborted; next = waiting.shift()) {
      take();
      await answerRequest(connection, next, state);
    }
    working = false;
  };
  const take = (): void => {
    while (waiting.length < maxWaitingRequests) {
      const parsed = parseMbap(received);
      if (parsed === 'more') break;
      if (parsed === 'not-modbus') {
        state.counts.notModbus++;
        socket.destroy();
        return;
      }
      waiting.push(parsed.request);
      received = received.subarray(parsed.length);
    }
    if (waiting.length >= maxWaitingRequests) socket.pause();
    else socket.resume();
  };
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    take();
    if (!working) void work();
  });
}

type Connection = { socket: Socket; closed: AbortSignal; lateReplies: number };
type MbapRequest = { transaction: number; unit: number; pdu: Uint8Array };

function parseMbap(bytes: Buffer): { request: MbapRequest; length: number } | 'more' | 'not-modbus' {
  if (bytes.length < headerBytes) return 'more';
  const following = bytes.readUInt16BE(4);
  if (bytes.readUInt16BE(2) !== 0 || following < 2 || following > maxPduBytes + 1) return 'not-modbus';
  const length = headerBytes - 1 + following;
  if (bytes.length < length) return 'more';
  const pdu = Uint8Array.from(bytes.subarray(headerBytes, length));
  return { request: { transaction: bytes.readUInt16BE(0), unit: bytes.readUInt8(6), pdu }, length };
}

function mbapFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(headerBytes + pdu.length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(pdu.length + 1, 4);
  frame.writeUInt8(unit, 6);
  frame.set(pdu, headerBytes);
  return frame;
}

async function answerRequest(connection: Connection, request: MbapRequest, state: ServerState): Promise<void> {
  const { options, counts } = state;
  counts.requests++;
  const beganMs = performance.now();
  const plan = planReply(request, options);
  options.onExchange?.({ unit: request.unit, request: request.pdu, reply: plan.pdu, faults: plan.faults });
  const workMs = (options.turnaroundMs ?? 0) + plan.busyMs;
  if (workMs > 0 && (await waitUntil(beganMs + workMs, 'coarse', connection.closed)) === 'aborted') return;
  if (plan.drop) connection.socket.destroy();
  for (const { afterMs, bytes } of plan.deliveries) {
    if (afterMs <= 0) send(connection, bytes, counts);
    else if (connection.lateReplies < maxLateReplies) void sendLate(connection, afterMs, bytes, counts);
  }
}

function send({ socket, closed }: Connection, bytes: Uint8Array, counts: TcpCounts): void {
  if (closed.aborted || socket.destroyed) return;
  counts.replies++;
  socket.write(bytes);
}

async function sendLate(connection: Connection, afterMs: number, bytes: Uint8Array, counts: TcpCounts): Promise<void> {
  connection.lateReplies++;
  await waitUntil(performance.now() + afterMs, 'coarse', connection.closed);
  connection.lateReplies--;
  send(connection, bytes, counts);
}

function planReply(request: MbapRequest, { units, faults, absentUnit = 'silent' }: TcpServerOptions): ReplyPlan {
  const framing: Framing = {
    frame: (unit, pdu, { wrongTransaction }) =>
      mbapFrame(wrongTransaction ? (request.transaction + 1) & 0xffff : request.transaction, unit, pdu),
    hasCrc: false,
    hasTransaction: true,
    hasConnection: true,
  };
  const image = imageFor(units, request.unit);
  if (image !== undefined) return replyTo(request, image, framing, faults);
  const pdu = absentUnit === 'silent' ? undefined : exceptionPdu(request.pdu[0] ?? 0, 11);
  const deliveries =
    pdu === undefined ? [] : [{ afterMs: 0, bytes: mbapFrame(request.transaction, request.unit, pdu) }];
  return { deliveries, busyMs: 0, drop: false, faults: [], pdu };
}

/** A device that is alone behind its address answers to 0 and 255 too (messaging guide, clause 4.4.2.3, "unit identifier"). */
function imageFor(units: Units, unit: number): RegisterImage | undefined {
  const image = units.get(unit);
  if (image !== undefined || units.size !== 1 || (unit !== 0 && unit !== 255)) return image;
  return units.values().next().value;
}
