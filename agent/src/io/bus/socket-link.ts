import { connect, type Socket } from 'node:net';
import type { Link, LinkEvents } from './link.ts';

const keepAliveMs = 10_000;

/** A TCP connection to a device or gateway. */
export class SocketLink implements Link {
  readonly keepsUnsent = true;
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;

  constructor({ host, port }: { host: string; port: number }) {
    this.#host = host;
    this.#port = port;
  }

  open(events: LinkEvents): Promise<{ ok: true } | { ok: false; say: string }> {
    const target = `${this.#host}:${this.#port}`;
    return new Promise((resolve) => {
      const socket = connect({
        host: this.#host,
        port: this.#port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveMs,
      });
      this.#socket = socket;
      let opened = false;
      let why = 'the other side closed the connection';
      socket.on('connect', () => {
        opened = true;
        resolve({ ok: true });
      });
      socket.on('data', (bytes: Buffer) => {
        if (this.#socket === socket) events.onBytes(bytes);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        why = explain(error);
      });
      socket.on('close', () => {
        const unexpected = this.#socket === socket;
        if (unexpected) this.#socket = undefined;
        if (!opened) resolve({ ok: false, say: `${target}: ${why}` });
        else if (unexpected) events.onClosed(`${target}: ${why}`);
      });
    });
  }

  send(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      // A mere end would let the system go on sending for minutes what a network that was cut did not take.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    });
  }

  stillThere(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused: is the port number right, and Modbus switched on in the device?';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route there: check address, cable and gateway';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known: check it, or give the IP address';
    case 'ETIMEDOUT':
      return 'no answer: check address, cable and power';
    default:
      return error.message;
  }
}
