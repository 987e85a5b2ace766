import { fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RegisterImage } from '../devices/register-image.ts';
import { startRtuOnPty } from '../devices/rtu-server.ts';
import type { Bench } from './bench.ts';

const deviceArgument = '--emulated-devices';
const baudRate = 9600;
const marginMs = 100;
const devices: readonly number[] = [1, 17, 201];
const lastUnit = 247;
const limit = 1.2;

/**
 * The whole program `tiepoint-agent scan` over unit ids 1 to 247 of one line at 9600 baud with three emulated devices: its time from
 * the first question to the last, against the sum of the time-outs that nobody can avoid. Of a unit that is not there these are: the
 * request on the wire, the t3.5 that a unit must keep before it may answer, the margin that the scan grants a unit to begin (100 ms, its
 * default), and the first character, for a reply that begins at the last moment. Of the three that are there: nothing.
 */
const bench: Bench = async ({ log }) => {
  // The devices are a process of their own: their busy waiting must not turn the event loop of what is measured.
  const line = fork(fileURLToPath(import.meta.url), [deviceArgument]);
  const ended = new Promise((resolve) => line.once('exit', resolve));
  try {
    const path = await new Promise<string>((resolve, reject) => {
      line.once('message', (told: string) => resolve(told));
      void ended.then((code) => reject(new Error(`the emulated devices ended with ${String(code)}`)));
    });
    const found = await runScan(path);
    const characterMs = 11_000 / baudRate;
    const timeoutMs = (8 + 3.5 + 1) * characterMs + marginMs;
    const unavoidableMs = (lastUnit - devices.length) * timeoutMs;
    const ratio = Number((found.tookMs / unavoidableMs).toFixed(4));
    const units = found.found.map(({ unit }) => unit);
    const allFound = devices.every((unit) => units.includes(unit)) && units.length === devices.length;
    log(
      `units ${units.join(', ')} found of ${devices.join(', ')} in ${(found.tookMs / 1000).toFixed(2)} s; ` +
        `${lastUnit - devices.length} time-outs of ${timeoutMs.toFixed(1)} ms are ${(unavoidableMs / 1000).toFixed(2)} s`,
    );
    return {
      name: 'scan',
      value: Math.round(found.tookMs),
      unit: 'ms for unit ids 1 to 247 at 9600 baud',
      limit,
      kept: ratio <= limit && allFound,
      peer: 'the sum of the unavoidable time-outs',
      ratio,
      unavoidableMs: Math.round(unavoidableMs),
      marginMs,
      found: units,
      allFound,
    };
  } finally {
    if (line.connected) line.disconnect();
    await ended;
  }
};

export default bench;

type Scanned = { readonly found: readonly { readonly unit: number }[]; readonly tookMs: number };

async function runScan(path: string): Promise<Scanned> {
  const program = join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs');
  const args = ['scan', '--port', path, '--baud', String(baudRate), '--parity', 'none', '--no-identify', '--json'];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the scan ended with ${String(code)}: ${text}`);
  return JSON.parse(text) as Scanned;
}

/** The devices, in their process; they end with their parent. One of them answers with exceptions only. */
async function serveDevices(): Promise<void> {
  const images = devices.map((unit) => {
    const image = new RegisterImage({ maxReadRegisters: 80 });
    if (unit !== devices[1]) image.set('holding', 0, Array<number>(80).fill(unit));
    return [unit, image] as const;
  });
  const started = await startRtuOnPty({ baudRate, turnaroundMs: 20, units: new Map(images) });
  if (!started.ok) throw new Error(started.say);
  process.once('disconnect', () => void started.server.stop());
  process.send!(started.server.path);
}

if (process.argv[2] === deviceArgument) await serveDevices();
