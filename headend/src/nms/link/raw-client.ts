/** For tests: MQTT 3.1.1 by hand, to do what no client library lets one do (freeze, drip, lie about lengths). */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export type RawWill = { topic: string; payload: string };

export function connectPacket(clientId: string, keepaliveS = 60, will?: RawWill): Buffer {
  const flags = 0x02 | (will === undefined ? 0 : 0x04);
  const parts = [text('MQTT'), Buffer.from([4, flags, keepaliveS >> 8, keepaliveS & 0xff]), text(clientId)];
  if (will !== undefined) parts.push(text(will.topic), text(will.payload));
  return packet(0x10, Buffer.concat(parts));
}

export function subscribePacket(filter: string, qos: 0 | 1 = 0): Buffer {
  return packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]));
}

export function publishPacket(topic: string, payload: Uint8Array | string, retain = false): Buffer {
  return packet(retain ? 0x31 : 0x30, Buffer.concat([text(topic), Buffer.from(payload)]));
}

/** A connected TCP socket that reads nothing until a `data` listener is set; errors (resets are expected) are swallowed. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Connects, and resolves with the CONNACK's return code, or `closed`. */
export async function rawConnect(port: number, bytes: Buffer): Promise<{ socket: Socket; answer: number | 'closed' }> {
  const socket = await rawSocket(port);
  const answer = new Promise<number | 'closed'>((resolve) => {
    const onData = (chunk: Buffer): void => {
      socket.off('data', onData);
      socket.pause();
      resolve(chunk[0] === 0x20 ? (chunk[3] ?? -1) : -1);
    };
    socket.on('data', onData);
    socket.once('close', () => resolve('closed'));
  });
  socket.write(bytes);
  return { socket, answer: await answer };
}

export function packet(header: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([header]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    bytes.push(rest > 0 ? low | 0x80 : low);
    if (rest === 0) return Buffer.from(bytes);
  }
}

function text(words: string): Buffer {
  const bytes = Buffer.from(words);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
