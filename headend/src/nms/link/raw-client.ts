/** For tests: MQTT 3.1.1 by hand, to do what no client library lets one do (freeze, drip, lie about lengths). */
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';

export type RawWill = { topic: string; payload: string };

/** `instance`: of the process, as its user name. */
export function connectPacket(clientId: string, keepaliveS = 60, will?: RawWill, instance = '1'): Buffer {
  const flags = 0x82 | (will === undefined ? 0 : 0x04);
  const parts = [text('MQTT'), Buffer.from([4, flags, keepaliveS >> 8, keepaliveS & 0xff]), text(clientId)];
  if (will !== undefined) parts.push(text(will.topic), text(will.payload));
  parts.push(text(instance));
  return packet(0x10, Buffer.concat(parts));
}

export function subscribePacket(filter: string, qos: 0 | 1 = 0): Buffer {
  return packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([qos])]));
}

export function publishPacket(topic: string, payload: Uint8Array | string, retain = false): Buffer {
  return packet(retain ? 0x31 : 0x30, Buffer.concat([text(topic), Buffer.from(payload)]));
}

/** A connected socket that reads nothing until a `data` listener is set; errors (resets are expected) are swallowed. */
export async function rawSocket(port: number, { key, cert, ca }: TestIdentity): Promise<TLSSocket> {
  const tcp = connectTcp(port, '127.0.0.1').setNoDelay(true);
  tcp.on('error', () => undefined);
  const socket = connect({ socket: tcp, host: '127.0.0.1', key, cert, ca });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  // As a pulled plug: TLS itself has no way to say so.
  socket.resetAndDestroy = () => (tcp.resetAndDestroy(), socket.destroy());
  return socket;
}

/** Connects, and resolves with the CONNACK's return code, or `closed`. Throws where the handshake of TLS fails. */
export async function rawConnect(
  port: number,
  bytes: Buffer,
  identity: TestIdentity,
): Promise<{ socket: TLSSocket; answer: number | 'closed' }> {
  const socket = await rawSocket(port, identity);
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
