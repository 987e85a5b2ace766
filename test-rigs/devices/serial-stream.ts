import { SerialPort } from 'serialport';

/**
 * Opens a serial port as a stream, raw, eight data bits. Expected failures (no such path, not allowed, in use) are a value.
 */
export async function openSerialStream(options: SerialLineOptions): Promise<SerialStreamStart> {
  const { path, baudRate, parity = 'none', stopBits = parity === 'none' ? 2 : 1 } = options;
  const port = new SerialPort({ path, baudRate, parity, stopBits, dataBits: 8, autoOpen: false });
  const failure = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (failure !== null) return { ok: false, reason: 'port-unavailable', say: `${path}: ${failure.message}` };
  port.on('error', () => undefined); // a port that is pulled out closes; nobody is there to answer
  wakeOnPoll(port.port);
  const close = async (): Promise<void> => {
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  };
  return { ok: true, stream: port, close };
}

export type SerialLineOptions = {
  path: string;
  baudRate: number;
  parity?: 'none' | 'even' | 'odd';
  /** Without it two with no parity and one with, so that a character has 11 bits. */
  stopBits?: 1 | 2;
};

export type SerialStreamStart =
  | { ok: true; stream: SerialPort; close: () => Promise<void> }
  | { ok: false; reason: 'port-unavailable'; say: string };

/**
 * serialport 13 calls JavaScript from its poller in a way that leaves promises undone until the event loop does something
 * else: on Node 26 a byte that has arrived is read only at the next timer, which may be seconds away. An immediate is such
 * a thing, and runs at once after the poll.
 */
function wakeOnPoll(binding: unknown): void {
  if (typeof binding !== 'object' || binding === null || !('poller' in binding)) return;
  const { poller } = binding;
  if (typeof poller !== 'object' || poller === null || !('on' in poller) || typeof poller.on !== 'function') return;
  for (const event of ['readable', 'writable']) poller.on(event, () => setImmediate(() => undefined));
}
