import { createServer, type Server, type Socket } from 'node:net';

/** A raw TCP server: each chunk that arrives goes to `onChunk`, which answers as it likes. */
export class TcpSlave {
  readonly sockets = new Set<Socket>();
  /** Connections that the other side reset. */
  resets = 0;
  readonly #onChunk: (bytes: Uint8Array, socket: Socket) => void;
  #server: Server | undefined;

  constructor(onChunk: (bytes: Uint8Array, socket: Socket) => void) {
    this.#onChunk = onChunk;
  }

  /** Listens on loopback; returns the port. */
  async start(port = 0): Promise<number> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.setNoDelay();
      socket.on('data', (bytes: Buffer) => this.#onChunk(Uint8Array.from(bytes), socket));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') this.resets += 1;
        socket.destroy();
      });
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }
}
