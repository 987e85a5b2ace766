import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FaultPlan, type FaultRule } from './faults.ts';
import { socatPresent, startPtyPair } from './pty-pair.ts';
import { RawClient, rawTcpClient } from './raw-client.ts';
import { RegisterImage } from './register-image.ts';
import { exchangeMs, rtuFrame, t35Ms } from './rtu-frame.ts';
import { type RtuLineOptions } from './rtu-line.ts';
import { type RtuPathServer, type RtuTcpServer, startRtuOnPath, startRtuOnPty, startRtuOverTcp } from './rtu-server.ts';
import { openSerialStream } from './serial-stream.ts';

const readTwo = rtuFrame(1, Uint8Array.of(3, 0, 0, 0, 2));
const two = rtuFrame(1, Uint8Array.of(3, 4, 0, 0, 0, 1));
const readMany = (count: number): Uint8Array => rtuFrame(1, Uint8Array.of(3, 0, 0, 0, count));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function image(): RegisterImage {
  const made = new RegisterImage();
  made.set(
    'holding',
    0,
    Array.from({ length: 125 }, (_, i) => i),
  );
  return made;
}

function options(more: Partial<RtuLineOptions> = {}, rules: FaultRule[] = []): RtuLineOptions {
  return { units: new Map([[1, image()]]), baudRate: 115_200, faults: new FaultPlan({ seed: 5, rules }), ...more };
}

async function overTcp(
  more: Partial<RtuLineOptions> = {},
  rules: FaultRule[] = [],
): Promise<{ server: RtuTcpServer; peer: RawClient }> {
  const started = await startRtuOverTcp(options(more, rules));
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.server.stop());
  const peer = await rawTcpClient(started.server.host, started.server.port);
  onTestFinished(() => void peer.stream.destroy());
  return { server: started.server, peer };
}

async function onPty(more: Partial<RtuLineOptions> = {}): Promise<{ server: RtuPathServer; peer: RawClient }> {
  const started = await startRtuOnPty(options(more));
  if (!started.ok) throw new Error(started.say);
  const opened = await openSerialStream({ path: started.server.path, baudRate: more.baudRate ?? 115_200 });
  if (!opened.ok) throw new Error(opened.say);
  onTestFinished(async () => {
    await opened.close();
    await started.server.stop();
  });
  return { server: started.server, peer: new RawClient(opened.stream).start() };
}

describe('frames', () => {
  test('a request in pieces is answered', async () => {
    const { peer } = await overTcp();
    for (const byte of readTwo) {
      peer.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await peer.take(9)).toEqual(Buffer.from(two));
  });

  test('two requests in one segment are answered in order', async () => {
    const { peer } = await overTcp();
    peer.send(Buffer.concat([readTwo, readMany(1)]));
    expect(await peer.take(16)).toEqual(Buffer.concat([two, rtuFrame(1, Uint8Array.of(3, 2, 0, 0))]));
  });

  test('noise takes the frame it touches; after a silence the line is well', async () => {
    const { server, peer } = await overTcp({ silenceMs: 10 });
    peer.send(Buffer.concat([Buffer.of(0xff, 0x00), readTwo]));
    expect(await peer.take(1, 60)).toEqual(Buffer.alloc(0));
    peer.send(readTwo);
    expect(await peer.take(9)).toEqual(Buffer.from(two));
    expect(server.counts()).toMatchObject({ garbled: 1, requests: 1, replies: 1 });
  });

  test('a function nobody has is answered after the silence', async () => {
    const { peer } = await overTcp({ silenceMs: 10 });
    peer.send(rtuFrame(1, Uint8Array.of(0x2b, 0x0e, 1, 0)));
    expect(await peer.take(5)).toEqual(Buffer.from(rtuFrame(1, Uint8Array.of(0xab, 1))));
  });

  test('another unit is silent; unit 0 is done by all and answered by none', async () => {
    const units = new Map([[1, image()], [2, image()]]); // prettier-ignore
    const { server, peer } = await overTcp({ units });
    peer.send(rtuFrame(9, Uint8Array.of(3, 0, 0, 0, 2)));
    peer.send(rtuFrame(0, Uint8Array.of(6, 0, 0, 0, 77)));
    expect(await peer.take(1, 60)).toEqual(Buffer.alloc(0));
    expect([...units.values()].map((device) => device.get('holding', 0))).toEqual([77, 77]);
    expect(server.counts()).toMatchObject({ otherUnits: 1, replies: 0 });
  });

  test('no bytes bring it down', async () => {
    const { peer } = await overTcp({ silenceMs: 2, pacing: 'none' });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 600 }), async (bytes) => {
        peer.send(bytes);
        await pause(4);
      }),
      { numRuns: 40 },
    );
    await pause(50);
    peer.received = Buffer.alloc(0);
    peer.send(readTwo);
    expect(await peer.take(9)).toEqual(Buffer.from(two));
  });

  test('requests beyond the bound are lost and counted', async () => {
    const { server, peer } = await overTcp();
    peer.send(Buffer.concat(Array.from({ length: 20 }, () => readTwo)));
    await peer.take(20 * 9, 400);
    const { requests, overrun } = server.counts();
    expect(overrun).toBeGreaterThan(0);
    expect(requests + overrun).toBe(20);
  });
});

describe('faults', () => {
  test('a late reply comes after the reply of the next request', async () => {
    const { peer } = await overTcp({}, [{ fault: { kind: 'late', delayMs: 80 }, when: { requests: [1] } }]);
    peer.send(readTwo);
    await pause(30);
    peer.send(readMany(1));
    expect(await peer.take(16)).toEqual(Buffer.concat([rtuFrame(1, Uint8Array.of(3, 2, 0, 0)), two]));
  });
  test('a connection that drops', async () => {
    const { peer } = await overTcp({}, [{ fault: { kind: 'drop-connection' } }]);
    peer.send(readTwo);
    expect(await peer.take(9)).toEqual(Buffer.alloc(0));
    expect(peer.closed).toBe(true);
  });
  test('a duplicate takes its own time on the wire', async () => {
    const { peer } = await overTcp({ baudRate: 9600 }, [{ fault: { kind: 'duplicate' } }]);
    const beganMs = performance.now();
    peer.send(readTwo);
    expect(await peer.take(18)).toEqual(Buffer.concat([two, two]));
    expect(peer.lastByteMs - beganMs).toBeGreaterThanOrEqual(exchangeMs(9600, 8, 18) - t35Ms(9600));
  });
});

test('a request that comes too soon after a reply is counted, and ignored where the line is strict', async () => {
  const { server, peer } = await overTcp({ baudRate: 1200, strictSilence: true, silenceMs: 5 });
  peer.send(readTwo);
  await peer.take(9);
  peer.send(readTwo);
  expect(await peer.take(9, 300)).toEqual(Buffer.alloc(0));
  expect(server.counts()).toMatchObject({ early: 1, requests: 1 });
  peer.send(readTwo);
  expect(await peer.take(9)).toEqual(Buffer.from(two));
});

/** From the first byte sent to the last byte seen; the second t3.5 of an exchange comes after that. */
async function measureMs(peer: RawClient, baudRate: number, registers: number): Promise<number> {
  const beganMs = performance.now();
  peer.send(readMany(registers));
  expect((await peer.take(5 + 2 * registers)).length).toBe(5 + 2 * registers);
  const tookMs = peer.lastByteMs - beganMs;
  await pause(t35Ms(baudRate) + 1);
  return tookMs;
}

type Speed = { baudRate: number; registers: number; turnaroundMs: number };
const speeds: Speed[] = [
  { baudRate: 9600, registers: 50, turnaroundMs: 0 },
  { baudRate: 19_200, registers: 80, turnaroundMs: 0 },
  { baudRate: 115_200, registers: 125, turnaroundMs: 0 },
  { baudRate: 115_200, registers: 2, turnaroundMs: 0 },
  { baudRate: 19_200, registers: 10, turnaroundMs: 25 },
];

/**
 * How much longer than the wire's own time the best of some exchanges is. The best shows what the rig does when the machine
 * lets it; a late one on a busy machine says nothing, and is followed by more.
 */
async function excessMs(peer: RawClient, speed: Speed, expectedMs: number): Promise<number> {
  const took: number[] = [];
  const excess = (): number => Math.min(...took) - wireMs(speed);
  while (took.length < 5 || (took.length < 60 && excess() > expectedMs))
    took.push(await measureMs(peer, speed.baudRate, speed.registers));
  return excess();
}

function wireMs({ baudRate, registers, turnaroundMs }: Speed): number {
  return exchangeMs(baudRate, 8, 5 + 2 * registers, turnaroundMs) - t35Ms(baudRate);
}

// Single milliseconds: a machine that does other things meanwhile may need another try.
describe('pacing: the time of an exchange against the wire', { retry: 3 }, () => {
  // A socket takes some 0.2 ms by itself, socat and its ptys some 0.5 ms.
  test.each(speeds)(
    '$registers registers at $baudRate baud, turnaround $turnaroundMs ms, on a socket',
    async (speed) => {
      const { peer } = await overTcp(speed);
      const mostMs = 0.01 * wireMs(speed) + 1;
      const excess = await excessMs(peer, speed, mostMs);
      expect(excess).toBeGreaterThan(-0.05);
      expect(excess).toBeLessThanOrEqual(mostMs);
    },
  );
  test.skipIf(!socatPresent()).each(speeds)(
    '$registers registers at $baudRate baud, turnaround $turnaroundMs ms, on a pty (needs socat)',
    async (speed) => {
      const { peer } = await onPty(speed);
      const mostMs = 0.01 * wireMs(speed) + 2;
      const excess = await excessMs(peer, speed, mostMs);
      expect(excess).toBeGreaterThan(-0.05);
      expect(excess).toBeLessThanOrEqual(mostMs);
    },
  );
  test('without pacing a reply waits for t3.5 alone', async () => {
    const { peer } = await overTcp({ baudRate: 300, pacing: 'none', turnaroundMs: 0 });
    const tookMs = await measureMs(peer, 115_200, 125);
    expect(tookMs).toBeGreaterThanOrEqual(t35Ms(300));
    expect(tookMs).toBeLessThan(exchangeMs(300, 8, 255) / 2);
  });
  test('the bytes of a reply are spread over its time', async () => {
    const { peer } = await overTcp({ baudRate: 9600 });
    const arrivals: { atMs: number; count: number }[] = [];
    peer.stream.on('data', (chunk: Buffer) => arrivals.push({ atMs: performance.now(), count: chunk.length }));
    peer.send(readMany(50));
    await peer.take(105);
    expect(arrivals.length).toBeGreaterThan(20);
    expect(Math.max(...arrivals.map(({ count }) => count))).toBeLessThan(40);
  });
});

describe.skipIf(!socatPresent())('on a pty (needs socat)', () => {
  test('a program may close the port and open it again', async () => {
    const started = await startRtuOnPty(options());
    if (!started.ok) throw new Error(started.say);
    onTestFinished(() => started.server.stop());
    for (let i = 0; i < 3; i++) {
      const opened = await openSerialStream({ path: started.server.path, baudRate: 115_200 });
      if (!opened.ok) throw new Error(opened.say);
      const peer = new RawClient(opened.stream).start();
      peer.send(readTwo);
      expect(await peer.take(9)).toEqual(Buffer.from(two));
      await opened.close();
    }
  });

  test('socat ends with the program that started it, even if that is killed', async () => {
    const script = `const { startPtyPair } = await import(${JSON.stringify(import.meta.resolve('./pty-pair.ts'))});
      const { pair } = await startPtyPair(); console.log(pair.pid); setInterval(() => undefined, 1000);`;
    const program = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void program.kill('SIGKILL'));
    const pid = await new Promise<number>((resolve) => program.stdout.once('data', (line) => resolve(Number(line))));
    expect(() => process.kill(pid, 0)).not.toThrow();
    program.kill('SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 15_000 });
  });

  test('stop ends socat and closes the port', async () => {
    const started = await startPtyPair();
    if (!started.ok) throw new Error(started.say);
    const { pair } = started;
    expect(() => process.kill(pair.pid, 0)).not.toThrow();
    const served = await startRtuOnPath({ ...options(), path: pair.near });
    if (!served.ok) throw new Error(served.say);
    await served.server.stop();
    await pair.stop();
    expect(() => process.kill(pair.pid, 0)).toThrow('ESRCH');
  });
});

test('a path that is no serial port is told as a value', async () => {
  const started = await startRtuOnPath({ ...options(), path: '/nowhere/tty0' });
  expect(started).toMatchObject({
    ok: false,
    reason: 'port-unavailable',
    say: expect.stringContaining('/nowhere/tty0'),
  });
});
