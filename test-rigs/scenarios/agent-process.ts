import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const main = join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs');

/** A real agent in a process of its own, with a configuration made from an object. `kill` is kill -9. */
export class AgentProcess {
  readonly #configuration: string;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(directory: string, settings: { gateway: { id: string } } & object) {
    this.#configuration = join(directory, `${settings.gateway.id}.yaml`);
    writeFileSync(this.#configuration, stringify(settings));
  }

  /** What it wrote so far, for the message of a test that fails. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const child = spawn(process.execPath, [main, '--config', this.#configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child = child;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Resolves to the exit code of a clean stop. */
  async stop(): Promise<number | null> {
    return await this.#end('SIGTERM');
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
