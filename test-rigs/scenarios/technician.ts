import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { encodePoint, findProfile, layOut } from '@tiepoint/hardware-profiles';
import { RegisterImage } from '../devices/register-image.ts';
import type { RegisterTable } from '../devices/register-image.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'agent/bin/tiepoint-agent.mjs');

/** A technician's command in a process of its own. What it wrote so far can be read while it runs. */
export class Technician {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;

  /** `terminal`: the command believes that a person sits there: it runs on a pty made by socat, and keys are what is typed. */
  constructor(args: readonly string[], { terminal = false }: { terminal?: boolean } = {}) {
    const command = [process.execPath, program, ...args];
    this.#child = terminal
      ? spawn('socat', ['-t1', '-', `EXEC:"${command.join(' ')}",pty,setsid,ctty,rawer,stderr`], { stdio: 'pipe' })
      : spawn(command[0]!, command.slice(1), { stdio: 'pipe' });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#child.stdin?.on('error', () => undefined);
    this.#exit = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  get lines(): readonly string[] {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  /** Every line of the output as JSON; what is half written is left out. */
  get json(): readonly Record<string, unknown>[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Resolves to the exit code. */
  async ended(): Promise<number | null> {
    return await this.#exit;
  }

  /** Ctrl-C. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return await this.#exit;
  }

  /** For the end of a test, whatever it came to. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

/** The registers of a device of this profile that tell these points, and nothing else. */
export function imageOf(
  profileName: string,
  values: Readonly<Record<string, number | string>>,
): { image: RegisterImage; tell: (values: Readonly<Record<string, number | string>>) => void } {
  const profile = findProfile(profileName);
  if (profile === undefined) throw new Error(`there is no profile ${profileName}`);
  const { image: words, model } = layOut(profile);
  const image = new RegisterImage({ maxReadRegisters: model.maxRegisters });
  const tell = (told: Readonly<Record<string, number | string>>): void => {
    for (const [name, value] of Object.entries(told)) {
      const point = [...model.points, ...model.nameplate].find((each) => each.name === name);
      if (point === undefined || !encodePoint(point, value, words))
        throw new Error(`${profileName} cannot tell ${name}`);
    }
    for (const table of ['coil', 'discrete', 'input', 'holding'] satisfies RegisterTable[])
      for (const [address, word] of words.entries(table)) image.set(table, address, word);
  };
  tell(values);
  return { image, tell };
}
