import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { openBus } from '@tiepoint/agent/io/bus/bus.ts';
import type { BusSettings, ReadRequest } from '@tiepoint/agent/io/bus/bus.ts';
import { FaultPlan } from '../devices/faults.ts';
import type { FaultRule } from '../devices/faults.ts';
import { RegisterImage } from '../devices/register-image.ts';
import { startRtuOnPty, startRtuOverTcp } from '../devices/rtu-server.ts';
import type { Bench, BenchContext } from './bench.ts';

const deviceArgument = '--emulated-device';
const polls = 10_000;
// Most of the time is spent in time-outs, so several lines fail side by side.
const faultyLines = 5;
const readsAtEachBaudRate = 30;
const limits = { 9600: 1.05, 19_200: 1.1, 115_200: 1.25 } as const;

/**
 * Wrong values that the agent's bus delivers in 10,000 polls of a faulty RTU line over TCP; and the time it takes to read the points
 * of an SDM630 (80 input registers at once) over a pty, as a ratio to what the wire alone takes: 11 bits a character and t3.5
 * on both sides.
 */
const bench: Bench = async (context) => {
  const ratios: Record<string, number> = {};
  for (const baudRate of [9600, 19_200, 115_200] as const) {
    ratios[`ratio${baudRate}`] = await measurePace(baudRate, context);
  }
  const faulty = await countWrongValues(context);
  const all = Object.values(ratios);
  const paceKept = Object.values(limits).every((limit, at) => all[at]! <= limit);
  return {
    name: 'bus',
    value: faulty.wrong,
    unit: `wrong values in ${polls} polls`,
    limit: 0,
    kept: faulty.wrong === 0 && paceKept,
    peer: 'the wire alone',
    ratio: Math.max(...all),
    ...ratios,
    limit9600: limits[9600],
    limit19200: limits[19_200],
    limit115200: limits[115_200],
    ...faulty,
  };
};

export default bench;

async function measurePace(baudRate: keyof typeof limits, { log }: BenchContext): Promise<number> {
  // The device is a process of its own: its busy waiting must not turn the bus's event loop.
  const device = fork(fileURLToPath(import.meta.url), [deviceArgument, String(baudRate)]);
  const ended = new Promise((resolve) => device.once('exit', resolve));
  try {
    const path = await new Promise<string>((resolve, reject) => {
      device.once('message', (path: string) => resolve(path));
      void ended.then((code) => reject(new Error(`the emulated device ended with ${String(code)}`)));
    });
    const bus = openBus({ name: 'pace', kind: 'rtu', path, baudRate }, { nowMs: () => performance.now() });
    await bus.start();
    const read = async () => {
      const result = await bus.read({ unit: 1, table: 'input', address: 0, quantity: 80, maxQuantity: 80 }, 'poll');
      if (!result.ok) throw new Error(result.say);
    };
    for (let n = 0; n < 3; n++) await read();
    const beganMs = performance.now();
    for (let n = 0; n < readsAtEachBaudRate; n++) await read();
    const readMs = (performance.now() - beganMs) / readsAtEachBaudRate;
    await bus.stop();
    const t35Ms = baudRate > 19_200 ? 1.75 : 38_500 / baudRate;
    const wireMs = ((8 + 165) * 11_000) / baudRate + 2 * t35Ms;
    const ratio = readMs / wireMs;
    log(
      `${baudRate} baud: ${readMs.toFixed(2)} ms a read, the wire alone ${wireMs.toFixed(2)} ms: ` +
        `ratio ${ratio.toFixed(3)}, limit ${limits[baudRate]}`,
    );
    return Number(ratio.toFixed(4));
  } finally {
    if (device.connected) device.disconnect();
    await ended;
  }
}

/** The device of `measurePace`, in its process; it ends with its parent. */
async function servePaced(baudRate: number): Promise<void> {
  const image = new RegisterImage({ maxReadRegisters: 80 });
  image.set('input', 0, Array<number>(80).fill(1));
  const started = await startRtuOnPty({ baudRate, units: new Map([[1, image]]) });
  if (!started.ok) throw new Error(started.say);
  process.once('disconnect', () => void started.server.stop());
  process.send!(started.server.path);
}

const blocks: readonly ReadRequest[] = [
  { unit: 1, table: 'holding', address: 0, quantity: 10 },
  { unit: 1, table: 'holding', address: 20, quantity: 2 },
  { unit: 2, table: 'holding', address: 0, quantity: 10 },
  { unit: 2, table: 'input', address: 5, quantity: 50 },
  { unit: 3, table: 'input', address: 0, quantity: 80, maxQuantity: 80 },
  { unit: 3, table: 'input', address: 0, quantity: 2, maxQuantity: 80 },
];

const faultRules: readonly FaultRule[] = [
  ...[15, 60, 90, 150, 400].map((delayMs) => ({
    fault: { kind: 'late' as const, delayMs },
    when: { probability: 0.01 },
  })),
  ...[60, 150].map((delayMs) => ({ fault: { kind: 'slow' as const, delayMs }, when: { probability: 0.01 } })),
  { fault: { kind: 'lost' }, when: { probability: 0.03 } },
  { fault: { kind: 'unheard' }, when: { probability: 0.01 } },
  { fault: { kind: 'duplicate' }, when: { probability: 0.02 } },
  { fault: { kind: 'noise', where: 'before', byteCount: 5 }, when: { probability: 0.02 } },
  { fault: { kind: 'noise', where: 'inside', byteCount: 2 }, when: { probability: 0.01 } },
  { fault: { kind: 'noise', where: 'after', byteCount: 9 }, when: { probability: 0.01 } },
  { fault: { kind: 'truncated' }, when: { probability: 0.01 } },
  { fault: { kind: 'bad-crc' }, when: { probability: 0.01 } },
  { fault: { kind: 'wrong-unit' }, when: { probability: 0.005 } },
  { fault: { kind: 'wrong-function' }, when: { probability: 0.005 } },
];

async function countWrongValues({ log }: BenchContext) {
  const seed = randomInt(0x7fff_0000);
  log(`faults at random: seeds ${seed} to ${seed + faultyLines - 1}`);
  const beganMs = performance.now();
  const lines = await Promise.all(Array.from({ length: faultyLines }, (_, n) => pollFaultyLine(seed + n)));
  const sum = { wrong: 0, answered: 0, timeouts: 0, crcErrors: 0, staleDiscarded: 0, resyncs: 0 };
  for (const line of lines) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += line[name];
  const tookS = Math.round((performance.now() - beganMs) / 1000);
  log(`${polls} polls in ${tookS} s on ${faultyLines} lines: ${JSON.stringify(sum)}`);
  return { ...sum, seed };
}

/** Each register holds its address and how many requests its device has answered, so that a reply to another read shows. */
async function pollFaultyLine(seed: number) {
  const generations = new Map([1, 2, 3].map((unit) => [unit, 0]));
  const units = new Map(
    [1, 2, 3].map((unit) => [unit, new RegisterImage({ maxReadRegisters: unit === 3 ? 80 : 125 })]),
  );
  for (const [unit, image] of units) setGeneration(image, generations.get(unit)!);
  const faults = new FaultPlan({ seed, say: () => undefined, rules: faultRules });
  const onExchange = ({ unit }: { unit: number }) => {
    generations.set(unit, generations.get(unit)! + 1);
    setGeneration(units.get(unit)!, generations.get(unit)!);
  };
  const started = await startRtuOverTcp({ baudRate: 115_200, pacing: 'none', units, faults, onExchange });
  if (!started.ok) throw new Error(started.say);
  const { host, port } = started.server;
  const settings: BusSettings = {
    name: 'faulty',
    kind: 'rtu-over-tcp',
    host,
    port,
    baudRate: 115_200,
    timeoutMs: 40,
    backOff: { afterTimeouts: 1_000_000 },
    reconnect: { firstMs: 10 },
  };
  const bus = openBus(settings, { nowMs: () => performance.now() });
  await bus.start();
  let answered = 0;
  let wrong = 0;
  for (let n = 0; n < polls / faultyLines; n++) {
    const block = blocks[faults.random.below(blocks.length)]!;
    const before = generations.get(block.unit)!;
    const result = await bus.read(block, 'poll');
    if (!result.ok && result.reason === 'disconnected') await new Promise((resolve) => setTimeout(resolve, 5));
    if (!result.ok) continue;
    answered++;
    if (!isTrue(result.value, block, before, generations.get(block.unit)!)) wrong++;
  }
  const { timeouts, crcErrors, staleDiscarded, resyncs } = bus.stats();
  await bus.stop();
  await started.server.stop();
  return { wrong, answered, timeouts, crcErrors, staleDiscarded, resyncs };
}

function setGeneration(image: RegisterImage, generation: number): void {
  const words = Array.from({ length: 150 }, (_, address) => (address << 8) | (generation & 0xff));
  image.set('holding', 0, words);
  image.set('input', 0, words);
}

function isTrue(words: readonly number[], block: ReadRequest, before: number, now: number): boolean {
  const age = ((words[0]! & 0xff) - before) & 0xff;
  return (
    words.length === block.quantity &&
    words.every((word, n) => word >> 8 === block.address + n && (word & 0xff) === (words[0]! & 0xff)) &&
    age <= now - before
  );
}

if (process.argv[2] === deviceArgument && process.send !== undefined) await servePaced(Number(process.argv[3]));
