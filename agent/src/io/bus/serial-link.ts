import { EventEmitter } from 'node:events';
import { realpath } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { SerialSettings } from './bus.ts';
import type { Link, LinkEvents } from './link.ts';

/** A serial port, locked for this process. `serialport` is loaded only here: an agent without serial buses saves its memory. */
export class SerialLink implements Link {
  readonly keepsUnsent = false;
  readonly #settings: SerialSettings;
  readonly #load: () => Promise<PortClass>;
  #port: SerialPort | undefined;
  #device: string | undefined;
  #attempt = 0;
  #opening: Promise<unknown> | undefined;

  /** `load`: the class that opens ports. */
  constructor(settings: SerialSettings, load: () => Promise<PortClass> = loadSerialPort) {
    this.#settings = settings;
    this.#load = load;
  }

  open(events: LinkEvents): Promise<{ ok: true } | { ok: false; say: string }> {
    const opening = this.#open(events);
    this.#opening = opening;
    return opening;
  }

  send(bytes: Uint8Array): void {
    this.#port?.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  async close(): Promise<void> {
    this.#attempt++;
    const port = this.#port;
    this.#port = undefined;
    if (port !== undefined) await closed(port);
    await this.#opening;
  }

  async stillThere(): Promise<boolean> {
    // A hung-up terminal reads as empty for ever; the name of an adapter that came back may lead to another device.
    return (await realpath(this.#settings.path).catch(() => undefined)) === this.#device;
  }

  async #open(events: LinkEvents): Promise<{ ok: true } | { ok: false; say: string }> {
    const { path, baudRate, parity = 'none', stopBits = 1, dataBits = 8 } = this.#settings;
    const attempt = ++this.#attempt;
    const Port = await this.#load();
    const device = await realpath(path).catch(() => undefined);
    if (device === undefined) return { ok: false, say: `${path}: no such port; is the adapter plugged in?` };
    const port = new Port({
      path: device,
      baudRate,
      parity,
      stopBits,
      dataBits,
      autoOpen: false,
      lock: true,
      highWaterMark: 4096,
    });
    let why = 'the port is gone; is the adapter plugged in?';
    port.on('error', (error) => {
      why = error.message;
    });
    const error = await new Promise<Error | null>((resolve) => port.open(resolve));
    if (error !== null) return { ok: false, say: explain(path, error) };
    if (attempt !== this.#attempt) {
      await closed(port);
      return { ok: false, say: `${path}: closed while it was being opened` };
    }
    this.#port = port;
    this.#device = device;
    wakeOnPoll(port.port);
    port.on('data', (bytes: Buffer) => {
      if (this.#port === port) events.onBytes(bytes);
    });
    // Whichever comes first: a port that was unplugged may only end its stream.
    const onEnd = () => {
      if (this.#port !== port) return;
      this.#port = undefined;
      void closed(port);
      events.onClosed(`${path}: ${why}`);
    };
    port.on('close', onEnd);
    port.on('end', onEnd);
    return { ok: true };
  }
}

type PortClass = typeof SerialPort;

async function loadSerialPort(): Promise<PortClass> {
  return (await import('serialport')).SerialPort;
}

/** `SerialPort.destroy` leaves the port open; only `close` gives the file back. */
function closed(port: SerialPort): Promise<void> {
  if (!port.isOpen) return Promise.resolve();
  return new Promise((resolve) => port.close(() => resolve()));
}

/**
 * serialport 13 calls JavaScript from its poller in a way that leaves promises undone until the event loop does something
 * else: on Node 26 bytes that have arrived are read only at the next timer, which may be the time-out. An immediate runs at
 * once after the poll.
 */
function wakeOnPoll(binding: unknown): void {
  if (typeof binding !== 'object' || binding === null || !('poller' in binding)) return;
  const { poller } = binding;
  if (!(poller instanceof EventEmitter)) return;
  for (const event of ['readable', 'writable']) poller.on(event, () => setImmediate(() => undefined));
}

function explain(path: string, error: Error): string {
  if (/permission denied/i.test(error.message))
    return `${path}: not allowed; add the agent's user to the group 'dialout'`;
  if (/cannot lock|is locked|temporarily unavailable|busy/i.test(error.message)) {
    return `${path}: another program holds the port; stop it, or choose another port`;
  }
  if (/inappropriate ioctl|is a directory/i.test(error.message))
    return `${path}: is no serial port; \`tiepoint-agent ports\` lists those of this machine`;
  return `${path}: ${error.message.replace(/^Error: /, '')}`;
}
