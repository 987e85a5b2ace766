import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { TestAuthority } from '../authority/testing/test-authority.ts';
import { boundedOptions, HttpsBounds, httpsLimits } from './https-bounds.ts';
import type { HttpsCutOff, HttpsLimits } from './https-bounds.ts';

let authority: TestAuthority;
let app: FastifyInstance | undefined;
let cutOff: HttpsCutOff[];
const sockets: Socket[] = [];
const timers: NodeJS.Timeout[] = [];

beforeAll(async () => {
  authority = await TestAuthority.make();
});
afterEach(async () => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const socket of sockets.splice(0)) socket.destroy();
  await app?.close();
});

/** With routes that take short and long bodies; who sends `x-name` has proven who it is, who sends `x-refused` is refused. */
async function start(changes: Partial<HttpsLimits>): Promise<number> {
  const limits = { ...httpsLimits, ...changes };
  // What the end of the test before leaves behind is not told to this one.
  const own: HttpsCutOff[] = [];
  cutOff = own;
  const bounds = new HttpsBounds((why) => own.push(why), limits);
  const made = fastify({
    https: { ...authority.server, minVersion: 'TLSv1.2', ...boundedOptions(limits) },
    requestTimeout: limits.mostBodyMs,
  }) as unknown as FastifyInstance;
  bounds.guard(made);
  made.addHook('onRequest', async ({ headers, raw }, reply) => {
    if (headers['x-refused'] !== undefined) await reply.code(401).send('sign in first');
    if (headers['x-name'] !== undefined) bounds.known(raw.socket);
  });
  made.get('/', () => 'hello');
  made.post('/short', { bodyLimit: 1_000 }, ({ body }) => body);
  made.post('/long', { bodyLimit: 100_000 }, ({ body }) => body);
  await made.listen({ host: '127.0.0.1', port: 0 });
  app = made;
  return (made.server.address() as AddressInfo).port;
}

function tcp(port: number): Socket {
  const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

async function tls(port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', ca: authority.server.ca });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

/** One after the other, as `everyMs` has it; `times` at most. */
function drip(socket: Socket, bytes: string | Buffer, { everyMs = 20, times = Number.POSITIVE_INFINITY } = {}): void {
  let left = times;
  const timer = setInterval(() => {
    if (left <= 0 || socket.destroyed) clearInterval(timer);
    else socket.write(bytes);
    left -= 1;
  }, everyMs);
  timers.push(timer);
}

/** After how long the far end ended it. */
async function goneAfterMs(socket: Socket): Promise<number> {
  const beganMs = performance.now();
  if (!socket.closed) await new Promise((resolve) => socket.resume().once('close', resolve));
  return performance.now() - beganMs;
}

async function answer(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString().split('\r\n')[0] ?? '';
}
const get = 'GET / HTTP/1.1\r\nhost: x\r\n';

describe('a handshake', () => {
  // The head of a ClientHello of 512 bytes. What comes after it, byte by byte, is its random of 32 bytes, which says nothing wrong
  // for longer than a busy machine is late.
  const begun = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

  test.each([
    { what: 'drips', first: begun, next: Buffer.from([0]) },
    { what: 'says nothing', first: undefined, next: undefined },
  ])('that $what ends in time', async ({ first, next }) => {
    const socket = tcp(await start({ handshakeMs: 300 }));
    await once(socket, 'connect');
    if (first !== undefined) socket.write(first);
    if (next !== undefined) drip(socket, next, { everyMs: 60 });
    expect(await goneAfterMs(socket)).toBeLessThan(2_000);
    await vi.waitFor(() => expect(cutOff).toContain('handshake-time'));
  });

  test('keeps nobody out, however many there are: the oldest go', async () => {
    const port = await start({ maxHandshakes: 20 });
    for (let i = 0; i < 60; i += 1) await once(tcp(port), 'connect');
    const honest = await tls(port);
    honest.write(`${get}\r\n`);
    expect(await answer(honest)).toBe('HTTP/1.1 200 OK');
    await vi.waitFor(() => expect(cutOff.filter((why) => why === 'handshakes')).toHaveLength(41));
  });
});

describe('a stranger', () => {
  test('who says nothing, or never who it is, has its time', async () => {
    const port = await start({ strangerMs: 400, headersMs: 20_000, mostBodyMs: 20_000 });
    const [silent, speaking] = [await tls(port), await tls(port)];
    drip(speaking, `${get}\r\n`, { everyMs: 50 });
    expect(await goneAfterMs(silent)).toBeLessThan(2_000);
    expect(await goneAfterMs(speaking)).toBeLessThan(2_000);
    expect(cutOff).toEqual(['stranger-time', 'stranger-time']);
  });

  test('keeps out nobody who is known: the oldest strangers go, and no others', async () => {
    const port = await start({ maxStrangers: 10 });
    const known = await tls(port);
    known.write(`${get}x-name: ada\r\n\r\n`);
    expect(await answer(known)).toBe('HTTP/1.1 200 OK');
    for (let i = 0; i < 30; i += 1) await tls(port);
    await vi.waitFor(() => expect(cutOff.filter((why) => why === 'strangers')).toHaveLength(20));
    known.write(`${get}\r\n`);
    expect(await answer(known)).toBe('HTTP/1.1 200 OK');
  });
});

describe('who drips', () => {
  test('the head of a request is answered 408 and ended', async () => {
    const socket = await tls(await start({ headersMs: 400, mostBodyMs: 5_000 }));
    socket.write(get);
    drip(socket, 'x-more: 1\r\n');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await goneAfterMs(socket)).toBeLessThan(3_000);
    expect(text).toContain('408 Request Timeout');
  });

  test.each([
    { what: 'a body', headers: 'content-length: 900\r\n', bytes: 'x' },
    { what: 'a body in chunks', headers: 'transfer-encoding: chunked\r\n', bytes: '1\r\nx\r\n' },
    { what: 'a body after it was refused', headers: 'x-refused: 1\r\ncontent-length: 900\r\n', bytes: 'x' },
  ])('$what is ended', async ({ headers, bytes }) => {
    const socket = await tls(await start({ leastBodyMs: 300 }));
    socket.write(`POST /short HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n${headers}\r\n`);
    drip(socket, bytes);
    expect(await goneAfterMs(socket)).toBeLessThan(2_000);
    expect(cutOff).toEqual(['body-time']);
  });

  test('a long body, where one is taken, has time for it', async () => {
    const socket = await tls(await start({ leastBodyMs: 200, bodyBytesPerS: 50_000 }));
    socket.write('POST /long HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 30\r\n\r\n');
    drip(socket, 'x', { times: 30 });
    expect(await answer(socket)).toBe('HTTP/1.1 200 OK');
    expect(cutOff).toEqual([]);
  });
});

test('one connection more than there may be is not taken', async () => {
  const port = await start({ maxConnections: 3 });
  for (let i = 0; i < 3; i += 1) await tls(port);
  expect(await goneAfterMs(tcp(port))).toBeLessThan(1_000);
  expect(cutOff).toEqual(['connections']);
});
