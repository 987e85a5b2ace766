import { type Socket, createServer } from 'node:net';
import { listen, stopListening } from './listening.ts';
import { startPtyPair } from './pty-pair.ts';
import { type RtuCounts, RtuLine, type RtuLineOptions } from './rtu-line.ts';
import { type SerialLineOptions, openSerialStream } from './serial-stream.ts';

/** Devices on an RTU line that a program on this machine opens as a serial port (`path`): a pty pair made by socat. */
export async function startRtuOnPty(options: RtuLineOptions): Promise<RtuServerStart<RtuPathServer>> {
  const made = await startPtyPair();
  if (!made.ok) return made;
  const { pair } = made;
  const opened = await startRtuOnPath({ ...options, path: pair.near });
  if (!opened.ok) {
    await pair.stop();
    return opened;
  }
  const { server } = opened;
  const stop = async (): Promise<void> => {
    await server.stop();
    await pair.stop();
  };
  return { ok: true, server: { path: pair.far, counts: server.counts, stop } };
}

/**
 * Devices on a serial port that is there already: one end of a pty pair, or a real converter (then with `pacing: 'none'`,
 * for the line itself takes the time).
 */
export async function startRtuOnPath(options: RtuPathOptions): Promise<RtuServerStart<RtuPathServer>> {
  const opened = await openSerialStream(options);
  if (!opened.ok) return opened;
  const line = new RtuLine(opened.stream, options);
  line.start();
  const stop = async (): Promise<void> => {
    line.stop();
    await opened.close();
  };
  return { ok: true, server: { path: options.path, counts: () => line.counts(), stop } };
}

/** Devices behind a transparent serial device server: RTU frames on a TCP connection. Each connection is a line of its own. */
export async function startRtuOverTcp(options: RtuTcpOptions): Promise<RtuServerStart<RtuTcpServer>> {
  const { host = '127.0.0.1', port = 0, maxConnections = 4 } = options;
  const lines = new Map<Socket, RtuLine>();
  const past: RtuCounts[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const line = new RtuLine(socket, { ...options, hasConnection: true });
    lines.set(socket, line);
    socket.on('error', () => socket.destroy()); // the peer went away; 'close' follows
    socket.on('close', () => {
      line.stop();
      past.splice(0, past.length, sumCounts([...past, line.counts()]));
      lines.delete(socket);
    });
    line.start();
  });
  server.maxConnections = maxConnections;
  const opened = await listen(server, host, port);
  if (!opened.ok) return opened;
  const dropConnections = (): void => {
    for (const socket of lines.keys()) socket.destroy();
  };
  const stop = async (): Promise<void> => {
    dropConnections();
    await stopListening(server);
  };
  const counts = (): RtuCounts => sumCounts([...past, ...[...lines.values()].map((line) => line.counts())]);
  return { ok: true, server: { host, port: opened.port, counts, dropConnections, stop } };
}

export type RtuPathOptions = RtuLineOptions & SerialLineOptions;

/** Connections beyond `maxConnections` (4) are closed at once. `port` 0, the default, takes a free one. */
export type RtuTcpOptions = RtuLineOptions & { host?: string; port?: number; maxConnections?: number };

export type RtuServerStart<Running> =
  | { ok: true; server: Running }
  | { ok: false; reason: 'no-pty' | 'port-unavailable'; say: string };

export type RtuPathServer = {
  /** What the program under test opens. */
  path: string;
  counts: () => Readonly<RtuCounts>;
  stop: () => Promise<void>;
};

export type RtuTcpServer = {
  host: string;
  port: number;
  counts: () => Readonly<RtuCounts>;
  dropConnections: () => void;
  stop: () => Promise<void>;
};

function sumCounts(all: readonly Readonly<RtuCounts>[]): RtuCounts {
  const sum: RtuCounts = { requests: 0, replies: 0, garbled: 0, otherUnits: 0, early: 0, overrun: 0 };
  for (const counts of all) {
    for (const name of Object.keys(sum) as (keyof RtuCounts)[]) sum[name] += counts[name];
  }
  return sum;
}
