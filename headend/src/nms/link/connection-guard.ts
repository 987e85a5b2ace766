import type { Socket } from 'node:net';
import { followPackets, startOfStream } from './packet-length.ts';

export type GuardLimits = {
  maxPacketBytes: number;
  /** What may wait in this process for one client. Beyond it the client is cut off: it lost the thread anyhow. */
  maxBacklogBytes: number;
  /** A client that takes nothing at all for this long while something waits for it is cut off. */
  stallTimeoutMs: number;
};

export type Breach = 'packet-too-long' | 'packet-malformed' | 'backlog' | 'stalled';

/**
 * Bounds what one connection can cost the broker, by standing before `read` and `write` of its socket; call it before the
 * broker gets the socket. `onBreach` is called once at most, and the socket is destroyed.
 *
 * `write` always answers "go on": aedes holds a publisher back until the slowest subscriber of its message has drained, so
 * that one frozen subscriber would stop the reading from every gateway it listens to. Here a bystander costs a bounded
 * backlog and then its own connection, never a gateway's telemetry.
 */
export function guardConnection(socket: Socket, limits: GuardLimits, onBreach: (breach: Breach) => void): void {
  const cursor = { ...startOfStream };
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
  let stallTimer: NodeJS.Timeout | undefined;
  let takenBytes = 0;
  let broken = false;

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

  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array)) return chunk;
    const verdict = followPackets(cursor, chunk, limits.maxPacketBytes);
    if (verdict === 'fits') return chunk;
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
  socket.once('close', () => clearTimeout(stallTimer));
}
