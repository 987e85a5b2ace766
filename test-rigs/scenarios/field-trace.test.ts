import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSite } from '../devices/emulated-device.ts';
import type { RunningPort, SitePort } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { socatPresent, startPtyPair } from '../devices/pty-pair.ts';
import { rtuFrame } from '../devices/rtu-frame.ts';
import { openSerialStream } from '../devices/serial-stream.ts';
import { imageOf, Technician } from './technician.ts';
import { until } from './until.ts';

const values = { voltageAV: 230.5, activePowerW: 7_000, frequencyHz: 50.02 };
const sdm = ['--unit', '1', '--profile', 'eastron-sdm630'];

type Line = {
  at?: string;
  note?: string;
  direction?: string;
  role?: string;
  hex?: string;
  crc?: string;
  mark?: string;
  gapMs?: number;
  roundTripMs?: number;
  unit?: number;
  address?: number;
  values?: number[];
  exception?: { code: number; name: string };
  points?: { name: string; value?: number }[];
  say?: string;
};

function technician(args: readonly string[]): Technician {
  const started = new Technician(args);
  onTestFinished(async () => await started.kill());
  return started;
}

async function served(port: SitePort): Promise<RunningPort> {
  const started = await startSite({ ports: [port] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(async () => await started.site.stop());
  return started.site.ports[0]!;
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-trace-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const linesOf = (trace: Technician): readonly Line[] => trace.json;
const linesIn = (file: string): readonly Line[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('trace of what this program asks', { timeout: 40_000 }, () => {
  test.skipIf(!socatPresent())(
    'every frame both ways on a serial line, with points, and a late reply as late',
    // On a busy machine what is late may come after the next request, and is then told as its reply.
    { retry: 2 },
    async () => {
      const { image } = imageOf('eastron-sdm630', values);
      const faults = new FaultPlan({ seed: 1, say: () => undefined });
      const port = await served({ kind: 'rtu-pty', baudRate: 9600, faults, devices: [{ unit: 1, image }] });
      const path = 'path' in port.at ? port.at.path : '';
      const trace = technician(['trace', '--port', path, ...sdm, '--every', '300', '--timeout', '200', '--json']);
      const answered = await until('a reply with points', () =>
        linesOf(trace).find(({ points }) => points?.some(({ name, value }) => name === 'voltageAV' && value === 230.5)),
      );
      expect(answered).toMatchObject({ direction: 'in', role: 'reply', crc: 'good', unit: 1 });
      const request = linesOf(trace).find(({ direction }) => direction === 'out');
      expect(request).toMatchObject({
        role: 'request',
        crc: 'good',
        unit: 1,
        say: expect.stringMatching(/^unit 1 read \w+ registers \d+/) as string,
      });
      // The whole frame: 11 bits a character, and the reply of 80 registers is long.
      expect(answered.roundTripMs).toBeGreaterThan(20);
      const heal = faults.add({ fault: { kind: 'late', delayMs: 450 } });
      const late = await until('a late reply', () =>
        linesOf(trace).find(({ mark, role }) => mark === 'late' && role === 'reply'),
      );
      heal();
      expect(late).toMatchObject({ direction: 'in', role: 'reply', crc: 'good' });
      expect(late.roundTripMs).toBeGreaterThan(400);
      expect(linesOf(trace).some(({ note }) => note?.includes('no reply') === true)).toBe(true);
      expect(await trace.interrupt()).toBe(130);
      expect(trace.stderr).toMatch(/\d+ requests, \d+ replies/);
    },
  );

  test('spoilt replies are shown whole, and said to be spoilt', async () => {
    const { image } = imageOf('eastron-sdm630', values);
    const faults = new FaultPlan({ seed: 1, say: () => undefined, rules: [{ fault: { kind: 'bad-crc' } }] });
    const port = await served({ kind: 'rtu-over-tcp', baudRate: 115_200, faults, devices: [{ unit: 1, image }] });
    const at = 'port' in port.at ? `127.0.0.1:${port.at.port}` : '';
    const trace = technician([
      'trace',
      '--rtu-tcp',
      at,
      '--baud',
      '115200',
      ...sdm,
      '--every',
      '200',
      '--timeout',
      '300',
      '--for',
      '2',
      '--json',
    ]);
    expect(await trace.ended()).toBe(1);
    const spoilt = linesOf(trace).find(({ mark }) => mark === 'garbled');
    expect(spoilt).toMatchObject({ role: 'noise', crc: 'bad', direction: 'in' });
    expect(linesOf(trace).some(({ note }) => note?.includes('no correct reply') === true)).toBe(true);
  });

  test('Modbus TCP into a file of bounded size, in turn; put into words again', async () => {
    const { image } = imageOf('eastron-sdm630', values);
    const port = await served({ kind: 'tcp', devices: [{ unit: 1, image }] });
    const at = 'port' in port.at ? `127.0.0.1:${port.at.port}` : '';
    const directory = temporary();
    const file = join(directory, 'bus.jsonl');
    // One megabyte is the least; what is there already counts.
    writeFileSync(file, `${'#'.repeat(990_000)}\n`);
    const trace = technician([
      'trace',
      '--tcp',
      at,
      ...sdm,
      '--every',
      '50',
      '--for',
      '4',
      '--file',
      file,
      '--max-mb',
      '1',
      '--keep',
      '2',
      '--quiet',
    ]);
    expect(await trace.ended()).toBe(0);
    expect(trace.stdout).toBe('');
    expect(readdirSync(directory).toSorted()).toEqual(['bus.jsonl', 'bus.jsonl.1']);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(1_000_000);
    const all = linesIn(file);
    // The request to a first reply may be in the file that was put aside.
    const recorded = all.slice(all.findIndex(({ role }) => role === 'request'));
    expect(recorded.length).toBeGreaterThan(4);
    const again = technician(['trace', '--decode', file, '--profile', 'eastron-sdm630', '--json']);
    expect(await again.ended()).toBe(0);
    expect(
      linesOf(again)
        .slice(all.length - recorded.length)
        .map(({ say, hex, at: when }) => ({ say, hex, when })),
    ).toEqual(recorded.map(({ say, hex, at: when }) => ({ say, hex, when })));
  });

  test('a trace in text is read again as it was written', async () => {
    const { image } = imageOf('eastron-sdm630', values);
    const port = await served({ kind: 'tcp', devices: [{ unit: 1, image }] });
    const at = 'port' in port.at ? `127.0.0.1:${port.at.port}` : '';
    const file = join(temporary(), 'bus.txt');
    const trace = technician(['trace', '--tcp', at, ...sdm, '--for', '1', '--file', file, '--json']);
    expect(await trace.ended()).toBe(0);
    const again = technician(['trace', '--decode', file, '--json']);
    expect(await again.ended()).toBe(0);
    const shown = (lines: readonly Line[]) =>
      lines.filter(({ hex }) => hex !== undefined).map(({ hex, say, direction }) => ({ hex, say, direction }));
    expect(shown(linesOf(again))).toEqual(shown(linesOf(trace)));
  });

  test('lines of other programs', async () => {
    const file = join(temporary(), 'mbpoll.txt');
    const inBrackets = (bytes: Uint8Array, [open, close]: readonly [string, string]): string =>
      Array.from(bytes, (byte) => `${open}${byte.toString(16).padStart(2, '0').toUpperCase()}${close}`).join('');
    const asked = inBrackets(frame(1, 3, 0, 100, 0, 2), ['[', ']']);
    const answered = inBrackets(frame(1, 3, 4, 0, 5, 0xff, 0xff), ['<', '>']);
    writeFileSync(file, `${asked}\nWaiting for a confirmation...\n${answered}\n`);
    const trace = technician(['trace', '--decode', file, '--json']);
    expect(await trace.ended()).toBe(0);
    // Nobody wrote down when it was.
    expect(linesOf(trace).every(({ at }) => at === undefined)).toBe(true);
    expect(linesOf(trace).map(({ say }) => say)).toEqual([
      'unit 1 read holding registers 100–101',
      'unit 1 read holding registers 100–101 = 5 65535',
    ]);
    expect(trace.stderr).toContain('1 line holds no frame');
  });
});

describe('trace that only listens', { timeout: 40_000 }, () => {
  test.skipIf(!socatPresent())('a foreign master and its slaves on a serial line; nothing is ever sent', async () => {
    const made = await startPtyPair();
    if (!made.ok) throw new Error(made.say);
    onTestFinished(made.pair.stop);
    const opened = await openSerialStream({ path: made.pair.near, baudRate: 9600 });
    if (!opened.ok) throw new Error(opened.say);
    onTestFinished(opened.close);
    const sentByTrace: Buffer[] = [];
    opened.stream.on('data', (bytes: Buffer) => sentByTrace.push(bytes));
    const trace = technician(['trace', '--listen', '--port', made.pair.far, ...sdm, '--json']);
    await until('the port', () => linesOf(trace).some(({ note }) => note?.includes('listening') === true));
    await speak((bytes) => void opened.stream.write(bytes));
    await until('all of it', () => linesOf(trace).length >= 11);
    expect(await trace.interrupt()).toBe(130);
    expect(linesOf(trace).slice(1).map(brief)).toEqual(told);
    expect(linesOf(trace).find(({ points }) => points !== undefined)?.points).toContainEqual({
      name: 'voltageAV',
      value: 230.5,
    });
    expect(Buffer.concat(sentByTrace)).toEqual(Buffer.alloc(0));
  });

  test('the same through a transparent serial server, in pieces that have nothing to do with frames', async () => {
    let peer: Socket | undefined;
    let heard = 0;
    const server = createServer((socket) => {
      peer = socket;
      socket.setNoDelay();
      socket.on('data', (bytes) => (heard += bytes.length));
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void (peer?.destroy(), server.close()));
    const trace = technician([
      'trace',
      '--listen',
      '--rtu-tcp',
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
      '--json',
    ]);
    await until('the connection', () => peer);
    await speak((bytes) => {
      for (const byte of bytes) peer?.write(Uint8Array.of(byte));
    });
    await until('all of it', () => linesOf(trace).length >= 11);
    await trace.interrupt();
    expect(linesOf(trace).slice(1).map(brief)).toEqual(told);
    expect(heard).toBe(0);
  });

  test('a connection that is lost is told, and opened again', async () => {
    const peers: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      peers.push(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const peer of peers) peer.destroy();
      server.close();
    });
    const port = (server.address() as AddressInfo).port;
    const trace = technician(['trace', '--listen', '--rtu-tcp', `127.0.0.1:${port}`, '--json']);
    (await until('the connection', () => peers[0])).destroy();
    const again = await until('the next connection', () => peers[1]);
    again.write(frame(1, 4, 0, 0, 0, 2));
    await until('a frame', () => linesOf(trace).some(({ role }) => role === 'request'));
    expect(linesOf(trace).map(({ note, role }) => note ?? role)).toEqual([
      'listening; nothing is sent',
      expect.stringContaining('is lost'),
      'the port is open again',
      'request',
    ]);
    await trace.interrupt();
  });

  test('Modbus TCP cannot be listened to', async () => {
    const trace = technician(['trace', '--listen', '--tcp', '127.0.0.1']);
    expect(await trace.ended()).toBe(2);
    expect(trace.stderr).toContain('serial line');
  });
});

const frame = (unit: number, ...pdu: number[]): Uint8Array => rtuFrame(unit, Uint8Array.from(pdu));

/** What a master and its slaves say, as a line carries it. */
async function speak(say: (bytes: Uint8Array) => void): Promise<void> {
  const pieces = [
    frame(1, 4, 0, 0, 0, 2),
    frame(1, 4, 4, 0x43, 0x66, 0x80, 0),
    frame(7, 3, 0, 16, 0, 1),
    frame(1, 6, 0, 5, 0, 9),
    frame(1, 6, 0, 5, 0, 9),
    Uint8Array.of(0xff, 0x13, 0x77),
    frame(2, 1, 0, 0, 0, 20),
    frame(2, 1, 3, 1, 0, 8),
    frame(1, 3, 0, 0, 0, 1),
    frame(1, 0x83, 2),
  ];
  for (const piece of pieces) {
    say(piece);
    await sleep(60);
  }
}

const brief = ({ role, unit, address, mark, exception, values: told }: Line): string =>
  [role, unit, address, told?.slice(0, 2).join('/'), exception?.name, mark]
    .filter((part) => part !== undefined)
    .join(' ');

const told = [
  'request 1 0',
  'reply 1 0 17254/32768',
  'request 7 16',
  'request 1 5 9 after-no-reply',
  'reply 1 5 9',
  'noise garbled',
  'request 2 0',
  'reply 2 0 1/0',
  'request 1 0',
  'exception 1 no such address',
];
