import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProfile, identify } from '@tiepoint/hardware-profiles';
import { openBus, type BusLifecycle, type BusSettings, type WriteBus } from '@tiepoint/agent/io/bus/bus.ts';
import { openForReading } from '@tiepoint/agent/field/connection-options.ts';
import { steppedClock, wallClock, type SiteClock } from '../devices/emulated-device.ts';
import { formatImage, parseImage } from '../devices/image-file.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import { readEmulateOptions } from './emulate-options.ts';
import { driveOverBus } from './over-bus.ts';
import { rangesOfProfile, record } from './recording.ts';
import { startRig, type Rig } from './rig.ts';
import { formatFrame, parseSeries } from './series-file.ts';

const noSocat = !socatPresent();
let folder: string;
const open: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiepoint-rig-'));
});
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.stop();
  await rm(folder, { recursive: true, force: true });
});

async function rig(line: string, clock: SiteClock = wallClock, said: string[] = []): Promise<Rig> {
  const read = readEmulateOptions(line.split(' '));
  if (!read.ok) throw new Error(read.say);
  const started = await startRig(read.options, (each) => said.push(each), clock);
  if (!started.ok) throw new Error(started.say);
  open.push(started.rig);
  return started.rig;
}

async function failing(line: string): Promise<string> {
  const read = readEmulateOptions(line.split(' '));
  if (!read.ok) return read.say;
  const started = await startRig(read.options, () => undefined);
  if (started.ok) await started.rig.stop();
  return started.ok ? 'it started' : started.say;
}

const tcp = ({ at }: Rig): BusSettings => ({
  name: at,
  kind: 'tcp',
  host: '127.0.0.1',
  port: Number(at.split(':')[1]),
  timeoutMs: 300,
});

async function bus(settings: BusSettings): Promise<WriteBus & BusLifecycle> {
  const opened = openBus(settings, { nowMs: () => performance.now() });
  await opened.start();
  open.push(opened);
  return opened;
}

const profile = (name: string) => findProfile(name)!;

describe('emulate', () => {
  test('several devices on one TCP port, each by its unit', async () => {
    const said: string[] = [];
    const running = await rig(
      '--profile eastron-sdm630 --tcp 0 --page off --profile kmtronic-relay --unit 9',
      wallClock,
      said,
    );
    const line = await bus(tcp(running));
    expect((await driveOverBus(identify(profile('eastron-sdm630')), line, 1)).ok).toBe(true);
    expect((await driveOverBus(identify(profile('kmtronic-relay')), line, 9)).ok).toBe(true);
    expect(await line.write({ unit: 9, table: 'coil', address: 2, words: [1] })).toMatchObject({ ok: true });
    expect(await line.read({ unit: 9, table: 'coil', address: 0, quantity: 4 }, 'poll')).toMatchObject({
      value: [0, 0, 1, 0],
    });
    expect(said).toEqual(['unit 9: coil 2 written 0001 → ok']);
    expect(running.traffic.told()).toMatchObject({ writes: [{ unit: 9, address: 2, words: [1], answer: 'ok' }] });
  });

  test.skipIf(noSocat)('a serial port of its own name, which goes with it', async () => {
    const path = join(folder, 'bus');
    const running = await rig(`--pty ${path} --baud 115200 --profile eastron-sdm630 --page off`);
    const line = await bus({ name: path, kind: 'rtu', path, baudRate: 115_200, timeoutMs: 1000 });
    expect((await driveOverBus(identify(profile('eastron-sdm630')), line, 1)).ok).toBe(true);
    await line.stop();
    await running.stop();
    await expect(readlink(path)).rejects.toThrow('ENOENT');
  });

  test('a profile file of its own', async () => {
    const file = join(folder, 'mine.json');
    await writeFile(file, JSON.stringify({ ...profile('eastron-sdm630'), name: 'my-meter' }));
    const running = await rig(`--profile ${file} --tcp 0 --page off`);
    expect(running.devices[0]?.profile).toBe('my-meter');
  });

  test('faults and held values from the line, and scripted ones in their time', async () => {
    const script = join(folder, 'script.yaml');
    await writeFile(script, 'at 5s: set frequencyHz 47.5\nat 10s: fault dead\n');
    const clock = steppedClock(1_000);
    const running = await rig(
      `--profile eastron-sdm630 --tcp 0 --page off --set voltageAV=123.5 --fault holes=input:72-75 --script ${script} --quiet`,
      clock,
    );
    const line = await bus(tcp(running));
    const float = async (address: number): Promise<number | string> => {
      const read = await line.read({ unit: 1, table: 'input', address, quantity: 2 }, 'poll');
      return read.ok ? Buffer.from(Uint16Array.from(read.value).buffer).swap16().readFloatBE() : read.reason;
    };
    expect(await float(0)).toBe(123.5);
    expect(await float(70)).toBeCloseTo(50, 0);
    expect(await float(72)).toBe('exception');
    clock.advance(5_100);
    expect(await float(70)).toBe(47.5);
    clock.advance(5_000);
    expect(await float(70)).toBe('timeout');
  });

  test('each device has its own serial number, another with another seed, and the one that is asked for', async () => {
    const serials = async (line: string) =>
      (await rig(`${line} --page off`)).devices.map(({ serialNumber }) => serialNumber);
    const two = '--profile abb-b21 --profile abb-b21';
    const [first, second] = await serials(`${two} --tcp 0`);
    const [elsewhere] = await serials(`${two} --rtu-tcp 127.0.0.1:0 --seed 2`);
    expect(new Set([first, second, elsewhere]).size).toBe(3);
    expect(await serials('--profile sunspec-meter --tcp 0 --set identity:serialNumber=K-17')).toEqual(['K-17']);
  });

  test.each([
    { line: '--profile nothing --tcp 0', say: /no profile 'nothing'/ },
    { line: '--image missing.hex --tcp 0', say: /no such file/ },
    { line: '--series missing.txt --tcp 0', say: /cannot be read/ },
    { line: '--profile eastron-sdm630 --tcp 0 --fault stuckSwitch', say: /no fault "stuckSwitch"/ },
    { line: '--profile eastron-sdm630 --tcp 0 --set volts=1', say: /no point volts/ },
    { line: '--profile eastron-sdm630 --unit 1 --profile sunspec-der --unit 1 --tcp 0', say: /called unit-1/ },
    { line: '--profile eastron-sdm630 --tcp 0 --models 1,2', say: /no SunSpec device/ },
    { line: '--profile eastron-sdm630 --tcp 0 --script missing.yaml', say: /missing.yaml: cannot be read/ },
    { line: '--profile eastron-sdm630 --tcp 203.0.113.1:1502', say: /does not have that address/ },
    { line: `--profile eastron-sdm630 --pty ${tmpdir()}`, say: /something else of that name|socat/ },
  ])('$line fails with a sentence', async ({ line, say }) => {
    expect(await failing(`${line} --page off`)).toMatch(say);
  });
});

describe('the page', () => {
  async function knobs(): Promise<{
    running: Rig;
    post: (path: string, body: unknown, headers?: object) => Promise<Response>;
  }> {
    const running = await rig('--profile ami-meter-200a --tcp 0 --page 0 --quiet');
    const post = (path: string, body: unknown, headers: object = {}): Promise<Response> =>
      fetch(`${running.pageUrl}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { ...headers } });
    return { running, post };
  }

  test('is served on loopback with all it needs', async () => {
    const { running } = await knobs();
    const response = await fetch(`${running.pageUrl}/`);
    expect(response.headers.get('content-type')).toContain('text/html');
    const text = await response.text();
    expect(text).toContain('Tiepoint rig');
    expect(text).not.toMatch(/https?:\/\//);
  });

  test('turns values, faults and states', async () => {
    const { running, post } = await knobs();
    const look = async (): Promise<Record<string, unknown>> => {
      const [device] = (await (await fetch(`${running.pageUrl}/devices`)).json()) as {
        points: { name: string; value: unknown; held: boolean }[];
      }[];
      return Object.fromEntries((device?.points ?? []).map(({ name, value }) => [name, value]));
    };
    expect((await post('/devices/unit-1/values', { voltageV: 99 })).status).toBe(200);
    expect(await look()).toMatchObject({ voltageV: 99, switchState: 'closed' });
    expect((await post('/devices/unit-1/prepare', { command: 'connect' })).status).toBe(200);
    await expect.poll(async () => (await look())['switchState']).toBe('open');
    expect((await post('/devices/unit-1/faults', { stuckSwitch: true })).status).toBe(200);
    expect(running.devices[0]?.faults).toEqual({ stuckSwitch: true });
    const refused = await post('/devices/unit-1/values', { volts: 1 });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('no point volts')]);
    expect((await post('/devices/unit-1/prepare', { command: 'limit-power' })).status).toBe(400);
  });

  test.each([
    { who: 'its own page', origin: (url: string) => url, status: 200 },
    { who: 'another page', origin: () => 'http://evil.example', status: 403 },
    { who: 'another page of this machine', origin: () => 'http://127.0.0.1:1', status: 403 },
  ])('$who is answered $status', async ({ origin, status }) => {
    const { running, post } = await knobs();
    const answer = await post('/devices/unit-1/faults', {}, { origin: origin(running.pageUrl ?? '') });
    expect(answer.status).toBe(status);
  });
});

describe('record and replay', () => {
  const never = new AbortController().signal;

  test.each(['eastron-sdm630', 'sunspec-der', 'kmtronic-relay', 'ami-meter-200a'])(
    'a recorded %s is the same device',
    async (name) => {
      const clock = steppedClock(1_000);
      const running = await rig(`--profile ${name} --tcp 0 --page off`, clock);
      const { kind: _kind, ...settings } = tcp(running) as Extract<BusSettings, { kind: 'tcp' }>;
      const opened = await openForReading({ bus: { ...settings, kind: 'tcp' } });
      if (!opened.ok) throw new Error(opened.say);
      open.push(opened.value);
      expect('write' in opened.value).toBe(false);
      const ranges = await rangesOfProfile(opened.value, 1, profile(name));
      if (!ranges.ok) throw new Error(ranges.say);
      const recorded = await record(opened.value, 1, ranges.ranges, {
        maxRegisters: profile(name).maxRegisters ?? 125,
        signal: never,
        progress: () => undefined,
      });
      if (!recorded.ok) throw new Error(recorded.say);
      const file = join(folder, 'device.hex');
      await writeFile(file, formatImage(recorded.image));
      const replayed = await rig(`--image ${file} --tcp 0 --page off`);
      const line = await bus(tcp(replayed));
      const found = await driveOverBus(identify(profile(name), {}, 'all'), line, 1);
      if (!found.ok) throw new Error(found.say);
      expect(found.value.identity).toEqual(ranges.model.identity);
      for (const { reads } of found.value.points)
        for (const { table, address, words } of reads)
          expect(replayed.devices[0]?.image.getWords(table, address, words)).toEqual(
            running.devices[0]?.image.getWords(table, address, words),
          );
    },
  );

  test('holes are recorded as holes, without a guess', async () => {
    const running = await rig('--profile eastron-sdm630 --tcp 0 --page off --fault holes=input:6-7,input:30');
    const line = await bus(tcp(running));
    const recorded = await record(
      line,
      1,
      [
        { table: 'input', address: 0, count: 18 },
        { table: 'holding', address: 5, count: 2 },
      ],
      {
        maxRegisters: 80,
        signal: never,
        progress: () => undefined,
      },
    );
    if (!recorded.ok) throw new Error(recorded.say);
    const holes = [...Array(18).keys()].filter((address) => recorded.image.isHole('input', address));
    expect(holes).toEqual([6, 7]);
    expect(recorded.image.isHole('holding', 5)).toBe(true);
    expect(recorded.holes).toBe(4);
  });

  test('a device that falls silent is no device full of holes', async () => {
    const running = await rig('--profile eastron-sdm630 --tcp 0 --page off --fault dead');
    const line = await bus(tcp(running));
    const recorded = await record(line, 1, [{ table: 'input', address: 0, count: 2 }], {
      maxRegisters: 80,
      signal: never,
      progress: () => undefined,
    });
    expect(recorded).toMatchObject({ ok: false });
  });

  test('a series plays what changed, holes too, and begins anew', async () => {
    const image = (text: string) => {
      const parsed = parseImage(text, 'x');
      if (!parsed.ok) throw new Error(parsed.say);
      return parsed.image;
    };
    const [one, two, three] = [image('@ 0\n0001 0002'), image('@ 0\n0001 ----'), image('@ 0\n0009 0003')];
    const file = join(folder, 'a.series');
    const text = ['# a comment', formatFrame(0, one), formatFrame(10, two, one), formatFrame(20, three, two)].join(
      '\n',
    );
    await writeFile(file, text);
    expect(text.match(/^(?!#|=|@)\S.*$/gm)).toEqual(['0001 0002', '----', '0009 0003']);
    const clock = steppedClock(5_000);
    const running = await rig(`--series ${file} --tcp 0 --page off`, clock);
    const seen = (): unknown => running.devices[0]?.image.read('holding', 0, 2);
    const all: unknown[] = [];
    for (let step = 0; step < 4; step++, clock.advance(10_000)) all.push(seen());
    expect(all).toEqual([
      { ok: true, words: [1, 2] },
      { ok: false, exception: 2 },
      { ok: true, words: [9, 3] },
      { ok: true, words: [1, 2] },
    ]);
  });

  test.each([
    { text: '5375', say: /x:1: a series begins with a line/ },
    { text: '= 5 s\n0001\n= 5 s\n0002', say: /x:3: 5 s is not later/ },
    { text: '= 0 s\n0001\n= 1 s\nzzzz', say: /x:4: "zzzz"/ },
    { text: '# nothing', say: /holds no frame/ },
  ])('$text is no series', ({ text, say }) => {
    const parsed = parseSeries(text, 'x');
    expect(parsed.ok ? '' : parsed.say).toMatch(say);
  });

  test('single registers of an image are turned by hand', async () => {
    const file = join(folder, 'b.hex');
    await writeFile(file, '@coil 3\n0000\n@ 100\n0001');
    const running = await rig(`--image ${file} --tcp 0 --page off`);
    const [device] = running.devices;
    expect(device?.override({ 'holding:100': 500, 'coil:3': 1 })).toEqual({ ok: true });
    expect([device?.image.get('holding', 100), device?.image.get('coil', 3)]).toEqual([500, 1]);
    expect(device?.override({ 'coil:3': 2 })).toMatchObject({ ok: false });
    expect(device?.override({ voltageV: 2 })).toMatchObject({ ok: false });
  });
});
