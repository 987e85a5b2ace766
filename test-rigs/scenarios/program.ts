import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import type { HeadendReady } from '../start/gateway-enrolment.ts';

const root = join(import.meta.dirname, '../..');

/** One of the project's programs in a process of its own, to be killed and started again in the midst of a story. */
export class Program {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  /** `args`: the script, as from the project's root, and what follows it. */
  constructor(args: readonly [string, ...string[]]) {
    this.#args = [join(root, args[0]), ...args.slice(1)];
  }

  /** What it wrote so far, for the message of a test that fails. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const child = spawn(process.execPath, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child = child;
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Resolves to the exit code of a clean stop. */
  async stop(): Promise<number | null> {
    return await this.#end('SIGTERM');
  }

  /** Resolves to its exit code when it ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
}

/** What a head-end said when it listened. */
export function readyLine(output: string): HeadendReady | undefined {
  const line = output.split('\n').find((each) => each.startsWith('{"msg":"ready"') && each.endsWith('}'));
  return line === undefined ? undefined : trusted(JSON.parse(line) as HeadendReady);
}

export type AgentFile = {
  readonly gateway: { readonly id: string; readonly [setting: string]: unknown };
  readonly [section: string]: object | string;
};

/** An agent with a configuration file made from an object, in `directory`. */
export function agentProgram(directory: string, settings: AgentFile): Program {
  const file = join(directory, `${settings.gateway.id}.yaml`);
  writeFileSync(file, stringify(settings));
  return new Program(['agent/bin/tiepoint-agent.mjs', '--config', file]);
}
