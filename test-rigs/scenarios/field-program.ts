import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { findProfile } from '@tiepoint/hardware-profiles';
import { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import { ProfiledBehaviour } from '../devices/behaviours/profiled-behaviour.ts';
import { FaultPlan } from '../devices/faults.ts';
import type { EmulatedDevice } from '../devices/emulated-device.ts';
import type { RegisterImage } from '../devices/register-image.ts';

const program = join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs');

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };
export type RunOptions = {
  /** Piped in, and then the input ends. */
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called once this text is seen in the output. */
  readonly when?: { readonly seen: string; readonly run: (child: ChildProcess) => void };
};

/** Runs one of the technician's commands as the program that they run, without a terminal. */
export async function runField(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  return ended(child, options);
}

/** Runs it on a terminal of its own, made by socat, which joins output and errors. `answers` are typed when asked. */
export async function runOnTerminal(
  args: readonly string[],
  answers: readonly { readonly asked: string; readonly typed: string }[],
): Promise<Ran> {
  const words = [process.execPath, program, ...args].map((word) => word.replaceAll(/([\\:,!'"])/g, '\\$1'));
  const child = spawn('socat', [`EXEC:${words.join(' ')},pty,ctty,setsid,stderr`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'xterm' },
  });
  const waiting = [...answers];
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += String(chunk);
    const [next] = waiting;
    if (next === undefined || !seen.includes(next.asked)) return;
    waiting.shift();
    seen = '';
    child.stdin.write(`${next.typed}\n`);
  });
  return ended(child, { keepInput: true });
}

function ended(
  child: ChildProcess,
  { input, when, keepInput = false }: RunOptions & { keepInput?: boolean },
): Promise<Ran> {
  let out = '';
  let err = '';
  let waits = when;
  const look = (): void => {
    if (waits === undefined || !(out + err).includes(waits.seen)) return;
    const { run } = waits;
    waits = undefined;
    run(child);
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    out += String(chunk);
    look();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += String(chunk);
    look();
  });
  child.stdin?.on('error', () => undefined);
  if (input !== undefined) child.stdin?.write(input);
  if (!keepInput) child.stdin?.end();
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** An emulated device of a profile, with readings of a device that runs. */
export function deviceOf(profileName: string, unit: number): EmulatedDevice & { readonly image: RegisterImage } {
  const profile = findProfile(profileName);
  if (profile === undefined) throw new Error(`there is no profile ${profileName}`);
  const behaviour = new ProfiledBehaviour({ profile, seed: unit });
  const id = `device-${unit}`;
  const device = new BehavingDevice({
    id,
    unit,
    profile,
    behaviour,
    wire: new FaultPlan({ seed: unit, say: () => undefined }),
    nameplate: behaviour.nameplate(id),
    advance: (nowMs) => behaviour.advance(nowMs),
  });
  device.prepare();
  return { unit, image: device.image, step: (nowMs) => device.step(nowMs) };
}
