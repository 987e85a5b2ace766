import type { Socket } from 'node:net';

/** `room`: one more came, and it was the oldest. `time`: it had its time. */
export type TurnedOut = 'room' | 'time';

/**
 * Connections that have yet to get somewhere, through the handshake of TLS or as far as to say who they are: a bounded number for a bounded
 * time, however they drip, for Node's own time-outs begin anew with every byte. Where one more begins, the oldest is ended: who sits
 * there loses it, and who comes to speak gets through, however many sit.
 */
export class WaitingRoom {
  readonly #room: number;
  readonly #limitMs: number;
  readonly #onTurnedOut: (why: TurnedOut) => void;
  /** By the far end; oldest first. */
  readonly #under = new Map<string, { socket: Socket; timer: NodeJS.Timeout }>();

  constructor({ room, limitMs }: { room: number; limitMs: number }, onTurnedOut: (why: TurnedOut) => void) {
    this.#room = room;
    this.#limitMs = limitMs;
    this.#onTurnedOut = onTurnedOut;
  }

  begun(socket: Socket): void {
    const end = farEnd(socket);
    this.#over(end);
    this.#under.set(end, { socket, timer: setTimeout(() => this.#turnOut(end, 'time'), this.#limitMs) });
    socket.once('close', () => {
      if (this.#under.get(end)?.socket === socket) this.#over(end);
    });
    if (this.#under.size <= this.#room) return;
    const [oldestEnd] = this.#under.keys();
    if (oldestEnd !== undefined) this.#turnOut(oldestEnd, 'room');
  }

  /** `socket`: the one that began, or that over TLS which came of it. */
  ended(socket: Socket): void {
    this.#over(farEnd(socket));
  }

  #turnOut(end: string, why: TurnedOut): void {
    const socket = this.#under.get(end)?.socket;
    this.#over(end);
    this.#onTurnedOut(why);
    socket?.destroy();
  }

  #over(end: string): void {
    clearTimeout(this.#under.get(end)?.timer);
    this.#under.delete(end);
  }
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
