import { createServer, type Socket } from 'node:net';
import { listen, stopListening } from './listening.ts';
import { openSerialStream } from './serial-stream.ts';

/** Objects of a telegram by OBIS code, as they stand between the brackets: `{ '1-0:1.7.0': '00.428*kW' }`. */
export type P1Objects = Readonly<Record<string, string>>;

export type P1Meter = { readonly path?: string; readonly port: number | undefined; stop(): Promise<void> };

/**
 * A smart meter that pushes a telegram every `everyMs` on a serial port, or to everybody who connects on TCP, as P1 adapters do.
 * `objects` is asked for each telegram; `undefined`: none is sent this time. `checksum: 'none'` is a meter before DSMR 4.
 */
export async function startP1Meter(options: {
  readonly objects: () => P1Objects | undefined;
  readonly everyMs: number;
  readonly checksum?: 'crc16' | 'none';
  /** The meter's end of a serial cable; absent: TCP on a free port of loopback. */
  readonly path?: string;
}): Promise<P1Meter> {
  const line = options.path === undefined ? await tcpLine() : await serialLine(options.path);
  const timer = setInterval(() => {
    const objects = options.objects();
    if (objects !== undefined) line.send(telegramOf(objects, options.checksum));
  }, options.everyMs);
  return {
    port: line.port,
    stop: async () => {
      clearInterval(timer);
      await line.close();
    },
  };
}

/** The bytes of one telegram, with the CRC counted by a table of its own. */
export function telegramOf(objects: P1Objects, checksum: 'crc16' | 'none' = 'crc16'): string {
  const lines = Object.entries(objects).map(([code, content]) => `${code}(${content})\r\n`);
  const body = `/TIE5\\Emulated P1 meter\r\n\r\n${lines.join('')}!`;
  return checksum === 'none' ? `${body}\r\n` : `${body}${crcText(body)}\r\n`;
}

type Line = { readonly port: number | undefined; send(text: string): void; close(): Promise<void> };

async function tcpLine(): Promise<Line> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  const at = await listen(server, '127.0.0.1', 0);
  if (!at.ok) throw new Error(at.say);
  return {
    port: at.port,
    send: (text) => {
      for (const socket of sockets) socket.write(text, 'latin1');
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await stopListening(server);
    },
  };
}

async function serialLine(path: string): Promise<Line> {
  const opened = await openSerialStream({ path, baudRate: 115_200, stopBits: 1 });
  if (!opened.ok) throw new Error(opened.say);
  return { port: undefined, send: (text) => void opened.stream.write(text, 'latin1'), close: opened.close };
}

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xa001 : 0);
  return crc;
});

function crcText(body: string): string {
  const crc = [...body].reduce((sum, letter) => (sum >>> 8) ^ crcTable[(sum ^ letter.charCodeAt(0)) & 0xff]!, 0);
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
