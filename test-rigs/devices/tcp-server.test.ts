import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FaultPlan, type FaultRule } from './faults.ts';
import { type RawClient, rawTcpClient } from './raw-client.ts';
import { RegisterImage } from './register-image.ts';
import { type TcpServer, type TcpServerOptions, startTcpServer } from './tcp-server.ts';
import { type Exchange } from './units.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ask = (transaction: string, unit = '01'): Buffer => hex(`${transaction} 0000 0006 ${unit} 03 0000 0002`);
const answer = (transaction: string, unit = '01'): Buffer => hex(`${transaction} 0000 0007 ${unit} 03 04 1122 3344`);

function image(): RegisterImage {
  const made = new RegisterImage();
  made.set('holding', 0, [0x1122, 0x3344]);
  return made;
}

async function serve(options: Partial<TcpServerOptions> = {}, rules: FaultRule[] = []): Promise<TcpServer> {
  const faults = new FaultPlan({ seed: 5, rules });
  const started = await startTcpServer({ units: new Map([[1, image()]]), faults, ...options });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.server.stop());
  return started.server;
}

async function client({ host, port }: TcpServer): Promise<RawClient> {
  const connected = await rawTcpClient(host, port);
  onTestFinished(() => void connected.stream.destroy());
  return connected;
}

describe('framing', () => {
  test('requests in one segment are answered in order', async () => {
    const peer = await client(await serve());
    peer.send(Buffer.concat([ask('0001'), ask('0002'), ask('0003')]));
    expect(await peer.take(39)).toEqual(Buffer.concat([answer('0001'), answer('0002'), answer('0003')]));
  });

  test('a request in single bytes is answered', async () => {
    const peer = await client(await serve());
    for (const byte of ask('beef')) {
      peer.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await peer.take(13)).toEqual(answer('beef'));
  });

  test('a thousand pipelined requests, more than may wait, are all answered', async () => {
    const peer = await client(await serve());
    const ids = Array.from({ length: 1000 }, (_, i) => i.toString(16).padStart(4, '0'));
    peer.send(Buffer.concat(ids.slice(0, 100).map((id) => ask(id))));
    await new Promise((resolve) => setTimeout(resolve, 20)); // the server stops reading in between
    peer.send(Buffer.concat(ids.slice(100).map((id) => ask(id))));
    expect(await peer.take(13_000, 5000)).toEqual(Buffer.concat(ids.map((id) => answer(id))));
  });

  test.each([
    { what: 'another protocol', bytes: '0001 0001 0006 01 03 0000 0002' },
    { what: 'a length of 1', bytes: '0001 0000 0001 01 03' },
    { what: 'a length beyond 254', bytes: '0001 0000 00ff 01 03' },
    { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex') },
  ])('$what closes the connection', async ({ bytes }) => {
    const server = await serve();
    const peer = await client(server);
    peer.send(hex(bytes));
    expect(await peer.take(1)).toEqual(Buffer.alloc(0));
    expect(peer.closed).toBe(true);
    expect(server.counts().notModbus).toBe(1);
  });

  test('no bytes bring it down', async () => {
    const server = await serve();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const noisy = await rawTcpClient(server.host, server.port);
        noisy.send(bytes);
        noisy.stream.destroy();
      }),
      { numRuns: 50 },
    );
    const peer = await client(server);
    peer.send(ask('0001'));
    expect(await peer.take(13)).toEqual(answer('0001'));
  });
});

describe('units', () => {
  const two = (): TcpServerOptions['units'] => new Map([[1, image()], [9, image()]]); // prettier-ignore
  test.each([
    { name: 'an absent unit is silent', options: {}, unit: '05', gives: '' },
    {
      name: 'a gateway says so',
      options: { absentUnit: 'gateway-exception' },
      unit: '05',
      gives: '0001 0000 0003 05 83 0b',
    },
    { name: 'a lone device answers to 0', options: {}, unit: '00', gives: answer('0001', '00').toString('hex') },
    { name: 'a lone device answers to 255', options: {}, unit: 'ff', gives: answer('0001', 'ff').toString('hex') },
    { name: 'one of two does not', options: { units: two() }, unit: 'ff', gives: '' },
    { name: 'the second of two', options: { units: two() }, unit: '09', gives: answer('0001', '09').toString('hex') },
  ] as const)('$name', async ({ options, unit, gives }) => {
    const peer = await client(await serve(options));
    peer.send(ask('0001', unit));
    const expected = hex(gives);
    expect(await peer.take(expected.length || 1, expected.length > 0 ? 2000 : 50)).toEqual(expected);
  });
});

describe('faults', () => {
  const third: FaultRule['when'] = { requests: [1] };
  test('a late reply is overtaken', async () => {
    const peer = await client(await serve({}, [{ fault: { kind: 'late', delayMs: 60 }, when: third }]));
    peer.send(Buffer.concat([ask('0001'), ask('0002')]));
    expect(await peer.take(26)).toEqual(Buffer.concat([answer('0002'), answer('0001')]));
  });
  test('a slow device lets the next wait', async () => {
    const peer = await client(await serve({}, [{ fault: { kind: 'slow', delayMs: 60 }, when: third }]));
    const beganMs = performance.now();
    peer.send(Buffer.concat([ask('0001'), ask('0002')]));
    expect(await peer.take(26)).toEqual(Buffer.concat([answer('0001'), answer('0002')]));
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(60);
  });
  test('another transaction', async () => {
    const peer = await client(await serve({}, [{ fault: { kind: 'wrong-transaction' } }]));
    peer.send(ask('0001'));
    expect(await peer.take(13)).toEqual(answer('0002'));
  });
  test('a dropped connection, and the next one serves', async () => {
    const server = await serve({}, [{ fault: { kind: 'drop-connection' }, when: third }]);
    const peer = await client(server);
    peer.send(ask('0001'));
    expect(await peer.take(13)).toEqual(Buffer.alloc(0));
    expect(peer.closed).toBe(true);
    const next = await client(server);
    next.send(ask('0002'));
    expect(await next.take(13)).toEqual(answer('0002'));
  });
});

test('every exchange is shown, with its faults', async () => {
  const seen: Exchange[] = [];
  const server = await serve({ onExchange: (exchange) => seen.push(exchange) }, [
    { fault: { kind: 'lost' }, when: { requests: [2] } },
  ]);
  const peer = await client(server);
  peer.send(Buffer.concat([ask('0001'), ask('0002'), ask('0003')]));
  await peer.take(26);
  expect(seen.map(({ unit, faults }) => ({ unit, faults }))).toEqual([
    { unit: 1, faults: [] },
    { unit: 1, faults: ['lost'] },
    { unit: 1, faults: [] },
  ]);
  expect(server.counts()).toEqual({ connections: 1, requests: 3, replies: 2, notModbus: 0 });
});

test('a port that is taken is told as a value', async () => {
  const server = await serve();
  const second = await startTcpServer({ units: new Map(), port: server.port });
  expect(second).toMatchObject({
    ok: false,
    reason: 'port-unavailable',
    say: expect.stringContaining('another program'),
  });
});

test('stop closes the connections and frees the port', async () => {
  const server = await serve({}, [{ fault: { kind: 'late', delayMs: 60_000 } }]);
  const peer = await client(server);
  peer.send(ask('0001'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.stop();
  await peer.take(1);
  expect(peer.closed).toBe(true);
  const again = await serve({ port: server.port });
  expect(again.port).toBe(server.port);
});
