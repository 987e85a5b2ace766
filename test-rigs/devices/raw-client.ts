import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type Duplex } from 'node:stream';

/** Bytes sent and seen on a stream, with the time of each arrival: what a test needs to see the wire as it is. */
export class RawClient {
  readonly stream: Duplex;
  received: Buffer = Buffer.alloc(0);
  /** `performance.now()` of the newest bytes. */
  lastByteMs = 0;
  closed = false;
  #wake: () => void = () => undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
  }

  start(): this {
    this.stream.on('data', (chunk: Buffer) => {
      this.lastByteMs = performance.now();
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    this.stream.on('error', () => undefined); // 'close' follows
    this.stream.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    return this;
  }

  send(bytes: Uint8Array): void {
    this.stream.write(bytes);
  }

  /** Takes `count` bytes once they are there; fewer where the stream closes or the time is over. */
  async take(count: number, timeoutMs = 2000): Promise<Buffer> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.received.length < count && !this.closed) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const taken = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return taken;
  }
}

export async function rawTcpClient(host: string, port: number): Promise<RawClient> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new RawClient(socket).start();
}
