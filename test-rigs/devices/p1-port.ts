import { createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { SiteClock } from './emulated-device.ts';
import { listen, stopListening } from './listening.ts';
import { startPtyPair } from './pty-pair.ts';
import { openSerialStream } from './serial-stream.ts';

export type P1Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'pty' }
  | { readonly kind: 'path'; readonly path: string };

export type P1Start = { ok: true; at: string; stop(): Promise<void> } | { ok: false; say: string };

/** A listener that does not read is given nothing more beyond this. */
const maxUnreadBytes = 65_536;
const maxListeners = 16;

/**
 * Pushes what `next` gives at every period to whoever listens: on a serial port, a pty, or each connection of a TCP port. Hears
 * nothing. `undefined` leaves one out.
 */
export async function startP1Port(
  place: P1Place,
  next: () => Uint8Array | undefined,
  { clock, periodMs = 1000, baudRate = 115_200 }: { clock: SiteClock; periodMs?: number; baudRate?: number },
): Promise<P1Start> {
  const listeners = new Set<Writable>();
  const opened = await openPlace(place, listeners, baudRate);
  if (!opened.ok) return opened;
  const end = clock.every(periodMs, () => {
    const bytes = next();
    if (bytes === undefined) return;
    for (const listener of listeners) if (listener.writableLength < maxUnreadBytes) listener.write(bytes);
  });
  const stop = async (): Promise<void> => {
    end();
    await opened.stop();
  };
  return { ok: true, at: opened.at, stop };
}

async function openPlace(place: P1Place, listeners: Set<Writable>, baudRate: number): Promise<P1Start> {
  if (place.kind === 'tcp') return openServer(place.host, place.port, listeners);
  const pair = place.kind === 'pty' ? await startPtyPair() : undefined;
  if (pair !== undefined && !pair.ok) return pair;
  const path = place.kind === 'path' ? place.path : (pair?.pair.near ?? '');
  const port = await openSerialStream({ path, baudRate, parity: 'none', stopBits: 1 });
  if (!port.ok) {
    await pair?.pair.stop();
    return port;
  }
  listeners.add(port.stream);
  // What somebody sends is thrown away: this port does not listen.
  port.stream.resume();
  const stop = async (): Promise<void> => {
    await port.close();
    await pair?.pair.stop();
  };
  return { ok: true, at: pair?.pair.far ?? path, stop };
}

async function openServer(host: string, port: number, listeners: Set<Writable>): Promise<P1Start> {
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    listeners.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => listeners.delete(socket));
    socket.resume();
  });
  server.maxConnections = maxListeners;
  const opened = await listen(server, host, port);
  if (!opened.ok) return opened;
  const stop = async (): Promise<void> => {
    for (const socket of listeners) socket.destroy();
    await stopListening(server);
  };
  return { ok: true, at: `${host}:${opened.port}`, stop };
}
