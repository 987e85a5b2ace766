import type { Socket } from 'node:net';
import type { DeviceRate } from './device-rate.ts';
import { followPackets, startOfStream } from './packet-length.ts';
import type { PacketCursor } from './packet-length.ts';

export type GuardLimits = {
  maxPacketBytes: number;
  /** What may wait in this process for one client. Beyond it the client is cut off: it lost the thread anyhow. */
  maxBacklogBytes: number;
  /** A client that takes nothing at all for this long while something waits for it is cut off. */
  stallTimeoutMs: number;
  /** For a packet to be whole once it has begun: a greatest one passes at 35 kbit/s. */
  packetTimeoutMs: number;
};

export type Breach = 'packet-too-long' | 'packet-malformed' | 'packet-timeout' | 'backlog' | 'stalled';

export type Guarded = {
  /** Called once at most; the socket is destroyed. */
  onBreach: (breach: Breach) => void;
  /** Something came. */
  onHeard: () => void;
  /** What it may send; undefined: as fast as it can. */
  rate: DeviceRate | undefined;
};

/**
 * Bounds what one connection can cost the broker, by standing before `read` and `write` of its socket; call it before the
 * broker gets the socket. Who sends faster than its rate is read more slowly, and loses nothing: TCP lets it wait.
 *
 * `write` always answers "go on": aedes holds a publisher back until the slowest subscriber of its message has drained, so
 * that one frozen subscriber would stop the reading from every gateway it listens to. Here a bystander costs a bounded
 * backlog and then its own connection, never a gateway's telemetry.
 */
export function guardConnection(socket: Socket, limits: GuardLimits, { onBreach, onHeard, rate }: Guarded): void {
  const cursor = { ...startOfStream };
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
  let stallTimer: NodeJS.Timeout | undefined;
  let takenBytes = 0;
  let broken = false;
  let waitTimer: NodeJS.Timeout | undefined;

  const breach = (kind: Breach): void => {
    if (broken) return;
    broken = true;
    onBreach(kind);
    socket.destroy(new Error(kind));
  };
  const watchForStall = (): void => {
    stallTimer = undefined;
    if (socket.destroyed || socket.writableLength === 0) return;
    const nowTakenBytes = socket.bytesWritten - socket.writableLength;
    if (nowTakenBytes === takenBytes) return breach('stalled');
    takenBytes = nowTakenBytes;
    stallTimer = setTimeout(watchForStall, limits.stallTimeoutMs);
  };

  const watchPackets = packetWatch(socket, cursor, limits.packetTimeoutMs, breach);
  const isToWait = (): boolean => {
    if (waitTimer !== undefined) return true;
    const waitMs = rate?.waitMs(performance.now()) ?? 0;
    if (waitMs <= 0) return false;
    waitTimer = setTimeout(() => {
      waitTimer = undefined;
      socket.emit('readable');
    }, waitMs);
    return true;
  };

  socket.read = (size?: number) => {
    if (isToWait()) return null;
    // All that is there: of Node 26 `read()` gives one piece alone, and aedes, which parses while it reads the next, would mix them up.
    const chunk: unknown = read(size ?? (socket.readableLength > 0 ? socket.readableLength : undefined));
    if (!(chunk instanceof Uint8Array)) return chunk;
    const before = cursor.packets;
    const verdict = followPackets(cursor, chunk, limits.maxPacketBytes);
    onHeard();
    rate?.take(cursor.packets - before, chunk.byteLength, performance.now());
    if (verdict === 'fits') {
      watchPackets();
      return chunk;
    }
    breach(verdict === 'too-long' ? 'packet-too-long' : 'packet-malformed');
    return null; // nothing of the chunk reaches the codec
  };
  socket.write = (...parts: unknown[]) => {
    if (broken || socket.destroyed) return true;
    if (!write(...parts) && stallTimer === undefined) {
      takenBytes = socket.bytesWritten - socket.writableLength;
      stallTimer = setTimeout(watchForStall, limits.stallTimeoutMs);
    }
    if (socket.writableLength > limits.maxBacklogBytes) breach('backlog');
    return true;
  };
  socket.once('close', () => {
    clearTimeout(stallTimer);
    clearTimeout(waitTimer);
  });
}

/** To be called after each piece: a packet that has begun has to be whole in time, however it drips. */
function packetWatch(
  socket: Socket,
  cursor: PacketCursor,
  timeoutMs: number,
  breach: (kind: Breach) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let partial = { packet: 0, sinceMs: 0 };
  const look = (): void => {
    timer = undefined;
    if (socket.destroyed || isBetweenPackets(cursor)) return;
    const restMs = partial.sinceMs + timeoutMs - performance.now();
    if (restMs <= 0) return breach('packet-timeout');
    timer = setTimeout(look, restMs);
  };
  socket.once('close', () => clearTimeout(timer));
  return () => {
    if (isBetweenPackets(cursor) || partial.packet === cursor.packets) return;
    partial = { packet: cursor.packets, sinceMs: performance.now() };
    timer ??= setTimeout(look, timeoutMs);
  };
}

function isBetweenPackets({ remaining, length }: PacketCursor): boolean {
  return remaining === 0 && length === undefined;
}
