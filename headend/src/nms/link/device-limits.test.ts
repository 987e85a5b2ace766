import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import type { BrokerLimits } from './broker-limits.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { silentLog } from './link.ts';
import { connectPacket, publishPacket, rawConnect, rawSocket } from './raw-client.ts';

const waits = { timeout: 5_000, interval: 10 };
const status = 'tiepoint/v1/one/meter-1/status';

let authority: TestAuthority;
let broker: EmbeddedBroker;
let heard: number;
let warnings: string[];
let seconds: string[];
const sockets: Socket[] = [];

async function start(limits: Partial<BrokerLimits> = {}): Promise<number> {
  const log = { ...silentLog, warn: (_fields: unknown, say: string) => void warnings.push(say) };
  broker = new EmbeddedBroker({ port: 0, limits, tls: authority.server }, gatewayAccess({ stands: () => true }), log);
  broker.onMessage('tiepoint/#', () => (heard += 1));
  broker.onSecondAgent(({ clientId, remoteAddress }) => seconds.push(`${clientId} from ${remoteAddress}`));
  await broker.start();
  return broker.port ?? 0;
}

beforeAll(async () => {
  authority = await TestAuthority.make();
});
beforeEach(() => {
  [heard, warnings, seconds] = [0, [], []];
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await broker.stop();
});

async function gateway(
  port: number,
  { gatewayId = 'one', keepaliveS = 60, instance = '1' } = {},
): Promise<{ socket: TLSSocket; answer: number | 'closed' }> {
  const bytes = connectPacket(`gw-${gatewayId}`, keepaliveS, undefined, instance);
  const joined = await rawConnect(port, bytes, await authority.gateway(gatewayId));
  sockets.push(joined.socket);
  joined.socket.resume();
  return joined;
}

/** Not by `once`, which would throw where the far end resets the connection. */
const gone = (socket: Socket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.resume().once('close', resolve));

describe('a second agent of one gateway', () => {
  test('is refused while the first is there, and told when that is heard again', async () => {
    const port = await start();
    const first = await gateway(port);
    const second = await gateway(port, { instance: '2' });
    expect([first.answer, second.answer, seconds]).toEqual([0, 2, []]);
    first.socket.write(publishPacket(status, 'x'));
    await vi.waitFor(() => expect(seconds).toEqual(['gw-one from 127.0.0.1']), waits);
    expect([broker.connections(), broker.stats().cutOff, heard]).toEqual([1, { 'second-agent': 1 }, 1]);
  });

  test('is the same gateway after a power cut: it gets in when the first was silent for 1.5 keep-alives, and nothing is told', async () => {
    const port = await start();
    const first = await gateway(port, { keepaliveS: 1 });
    expect((await gateway(port, { keepaliveS: 1, instance: '2' })).answer).toBe(2);
    const beganMs = performance.now();
    await vi.waitFor(async () => expect((await gateway(port, { instance: '2' })).answer).toBe(0), waits);
    expect(performance.now() - beganMs).toBeGreaterThan(1_000);
    await gone(first.socket);
    expect([broker.connections(), seconds]).toEqual([1, []]);
  });

  test('is no second one: the same process takes over its own connection', async () => {
    const port = await start();
    const first = await gateway(port);
    expect((await gateway(port)).answer).toBe(0);
    await gone(first.socket);
    expect([broker.connections(), seconds]).toEqual([1, []]);
  });
});

describe('how fast a gateway may send', () => {
  const rate = { messagesPerS: 100, messagesBurst: 50, bytesPerS: 100_000, bytesBurst: 50_000 };

  test.each([
    { of: 'messages', count: 150, bytes: 1 },
    { of: 'bytes', count: 20, bytes: 8_000 },
  ])('too many $of: it is read more slowly, loses nothing, and it is told once', async ({ count, bytes }) => {
    const port = await start({ rate });
    const fast = await gateway(port);
    const other = await gateway(port, { gatewayId: 'two' });
    const beganMs = performance.now();
    for (let i = 0; i < count; i += 1) {
      fast.socket.write(publishPacket(status, Buffer.alloc(bytes)));
      if (i % 10 === 9) await sleep(1);
    }
    const otherBeganMs = performance.now();
    other.socket.write(Buffer.from([0xc0, 0]));
    await once(other.socket, 'data'); // another gateway waits for nothing
    expect(performance.now() - otherBeganMs).toBeLessThan(300);
    await vi.waitFor(() => expect(heard).toBe(count), { ...waits, timeout: 10_000 });
    fast.socket.write(Buffer.from([0xc0, 0]));
    await once(fast.socket, 'data'); // what it took on credit is made good before it is heard again
    expect(performance.now() - beganMs).toBeGreaterThan(600);
    expect(broker.stats()).toMatchObject({ slowed: 1, cutOff: {} });
    expect(warnings).toEqual(['a gateway sends faster than it may, and is read more slowly']);
  });

  test('nothing is won by connecting anew', async () => {
    const port = await start({ rate });
    const first = await gateway(port);
    for (let i = 0; i < 140; i += 1) first.socket.write(publishPacket(status, 'x'));
    await vi.waitFor(() => expect(heard).toBe(140), waits);
    const beganMs = performance.now();
    expect((await gateway(port)).answer).toBe(0);
    expect(performance.now() - beganMs).toBeGreaterThan(500);
    expect(broker.stats().slowed).toBe(1);
  });

  // 50 devices report every 4 s, and introduce themselves; the history of an outage goes beside, 500 entries a second in 50 messages of 64 at most.
  test('the shipped limits do not touch a gateway with 50 devices that makes good an outage', async () => {
    const port = await start();
    const { socket } = await gateway(port);
    for (let i = 0; i < 51; i += 1) socket.write(publishPacket('tiepoint/v1/one/meter-1/birth', Buffer.alloc(600)));
    for (let second = 0; second < 60; second += 1) {
      // As if a minute were one second, without the credit of the other 59.
      for (let i = 0; i < 13; i += 1) socket.write(publishPacket(status, Buffer.alloc(120)));
      for (let i = 0; i < 50; i += 1)
        socket.write(publishPacket('tiepoint/v1/one/meter-1/history', Buffer.alloc(1_000)));
    }
    await vi.waitFor(() => expect(heard).toBe(51 + 60 * 63), waits);
    expect(broker.stats()).toMatchObject({ slowed: 0, cutOff: {} });
  });
});

describe('who sits on a connection', () => {
  test('a drip-fed handshake ends in time, however it drips', async () => {
    const port = await start({ connectTimeoutMs: 300 });
    const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    const beganMs = performance.now();
    // The head of a ClientHello of 512 bytes, which then comes byte by byte.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]));
    const timer = setInterval(() => socket.write(Buffer.from([0])), 20);
    await gone(socket);
    clearInterval(timer);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    await vi.waitFor(() => expect(broker.stats().cutOff).toEqual({ handshake: 1 }), waits);
  });

  test('many half-open handshakes keep nobody out: the oldest go', async () => {
    const port = await start({ maxHandshakes: 20 });
    for (let i = 0; i < 100; i += 1) {
      const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const { answer } = await gateway(port);
    expect(answer).toBe(0);
    expect(broker.stats().cutOff['handshakes']).toBe(81);
  });

  test('a drip-fed PUBLISH is cut off, although keep-alives would carry it on', async () => {
    const port = await start({ packetTimeoutMs: 300 });
    const { socket } = await gateway(port, { keepaliveS: 300 });
    for (let i = 0; i < 3; i += 1) socket.write(publishPacket(status, 'whole'));
    socket.write(publishPacket(status, Buffer.alloc(200)).subarray(0, 10));
    const beganMs = performance.now();
    const timer = setInterval(() => socket.write(Buffer.from([0])), 20);
    await gone(socket);
    clearInterval(timer);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    expect([heard, broker.stats().cutOff]).toEqual([3, { 'packet-timeout': 1 }]);
  });

  test.each([
    { holder: 'a gateway', limits: { maxConnectionsPerGateway: 3 } },
    { holder: 'a tool', limits: { maxToolConnections: 3 } },
  ])('$holder has a bounded number of connections, whether it says CONNECT or not', async ({ holder, limits }) => {
    const port = await start(limits);
    const identity = holder === 'a tool' ? authority.headEnd : await authority.gateway('one');
    for (let i = 0; i < 4; i += 1) sockets.push(await rawSocket(port, identity));
    await vi.waitFor(() => expect(broker.stats().cutOff).toEqual({ 'connections-of-one': 1 }), waits);
    const last = sockets.at(-1);
    if (last !== undefined) await gone(last);
    sockets[0]?.destroy();
    const other = await gateway(port, { gatewayId: 'two' });
    expect(other.answer).toBe(0);
  });
});

describe('who has no certificate', () => {
  test('is not spoken to, plain or over TLS', async () => {
    const port = await start();
    const plain = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(plain);
    plain.write(connectPacket('gw-one'));
    await gone(plain);
    const anonymous = await rawConnect(port, connectPacket('gw-one'), {
      key: '',
      cert: '',
      ca: authority.server.ca,
      serial: '',
    }).catch(() => undefined);
    if (anonymous !== undefined) sockets.push(anonymous.socket);
    expect([undefined, 'closed']).toContain(anonymous?.answer);
    await vi.waitFor(() => expect(broker.stats().cutOff['handshake']).toBe(2), waits);
    expect([heard, broker.connections()]).toEqual([0, 0]);
  });
});
