import type { Socket } from 'node:net';

/**
 * Handshakes under way, a bounded number for a bounded time: Node's own time-out begins anew with every byte, so that one byte a second
 * would keep it off for ever. Where one more begins, the oldest is ended: who sits on a handshake loses it, and who comes to
 * speak gets through, however many sit there.
 */
export class HandshakeRoom {
  readonly #room: number;
  readonly #limitMs: number;
  readonly #onEnded: () => void;
  /** By the far end; oldest first. */
  readonly #under = new Map<string, { socket: Socket; timer: NodeJS.Timeout }>();

  /** `onEnded`: one had to make room. */
  constructor({ room, limitMs }: { room: number; limitMs: number }, onEnded: () => void) {
    this.#room = room;
    this.#limitMs = limitMs;
    this.#onEnded = onEnded;
  }

  begun(socket: Socket): void {
    const end = farEnd(socket);
    this.#over(end);
    this.#under.set(end, { socket, timer: setTimeout(() => socket.destroy(), this.#limitMs) });
    socket.once('close', () => {
      if (this.#under.get(end)?.socket === socket) this.#over(end);
    });
    if (this.#under.size <= this.#room) return;
    const [[oldestEnd, oldest] = []] = this.#under;
    if (oldestEnd === undefined) return;
    this.#over(oldestEnd);
    this.#onEnded();
    oldest?.socket.destroy();
  }

  /** `socket`: the one over TLS that came of it. */
  ended(socket: Socket): void {
    this.#over(farEnd(socket));
  }

  #over(end: string): void {
    clearTimeout(this.#under.get(end)?.timer);
    this.#under.delete(end);
  }
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
